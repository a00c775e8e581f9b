"""The folder in which a CI keeps what is remembered: used, not scanned, and not believed where commits may fill it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from leaksweep.cache import Cache
from leaksweep.caching import cache_folder, cache_of, own_files
from leaksweep.config import Config, ReportTo
from leaksweep.errors import UsageError
from support.fakes import github
from support.program import Ran, leaksweep
from support.repos import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit("first", readme=b"nothing here\n")
    return made


def asked(repo: Repo, folder: str, path: str = "") -> Config:
    return Config(path=str(repo.folder / path), cache_dir=os.path.join(repo.folder, folder))


def test_it_is_kept_in_the_folder_for_others_to_read(repo: Repo) -> None:
    cache = cache_of(asked(repo, "kept/here"))
    cache.write("walk-1", b"x")
    assert cache.read("walk-1") == b"x"
    file = repo.folder / "kept" / "here" / "walk-1"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert stat.S_IMODE(file.parent.stat().st_mode) & 0o055 == 0o055 & ~umask()


def umask() -> int:
    now = os.umask(0)
    os.umask(now)
    return now


def test_what_comes_with_the_program_is_read_too_and_never_written(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    own = repo.folder.parent / "own"
    monkeypatch.setenv("LEAKSWEEP_CACHE_DIR", str(own))
    Cache.default().write("rules-1", b"compiled")
    cache = cache_of(asked(repo, "kept"))
    assert cache.read("rules-1") == b"compiled"
    cache.write("rules-2", b"x")
    assert [file.name for file in own.iterdir()] == ["rules-1"]


def test_what_a_scan_writes_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert own_files(Config()) == set()
    reports = (ReportTo("json", "link/a.json"), ReportTo("summary", "-"))
    config = Config(reports=reports, coverage="b.json", cache_dir="kept")
    assert own_files(config) == {str(tmp_path.resolve() / name) for name in ("a.json", "b.json", "kept")}


def test_without_it_and_with_no_cache_there_is_no_such_folder(repo: Repo) -> None:
    assert cache_folder(Config()) == ""
    nothing = cache_of(asked(repo, "kept")._replace(use_cache=False))
    nothing.write("walk-1", b"x")
    assert nothing.read("walk-1") is None
    assert not (repo.folder / "kept").exists()


def link(repo: Repo) -> None:
    repo.commit("c", **{"real/clean-1": b"x"})
    (repo.folder / "kept").symlink_to("real")
    repo.commit("link")


def add(repo: Repo) -> None:
    repo.write("kept/f", b"x")
    repo.git("add", "kept")


REFUSED: dict[str, tuple[Callable[[Repo], object], str, str]] = {
    "what is scanned itself": (Repo.pack, ".", ""),
    "a folder with a tracked file": (lambda repo: repo.commit("c", **{"kept/clean-1": b"x"}), "kept", ""),
    "a folder below a tracked one": (lambda repo: repo.commit("c", **{"kept/sub/f": b"x"}), "kept/sub", ""),
    "a folder of which only a part is scanned": (lambda repo: repo.commit("c", **{"kept/f": b"x"}), "kept", "sub"),
    "where a tracked link leads": (link, "kept", ""),
    "a tracked file that is not committed": (add, "kept", ""),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_folder_in_which_commits_may_put_files_is_refused(what: str, repo: Repo) -> None:
    (repo.folder / "sub").mkdir()
    make, folder, path = REFUSED[what]
    make(repo)
    with pytest.raises(UsageError, match="could bring files"):
        cache_of(asked(repo, folder, path))


def test_without_git_it_may_only_be_outside(tmp_path: Path) -> None:
    (tmp_path / "scanned").mkdir()
    with pytest.raises(UsageError, match="could bring files"):
        cache_of(Config(path=str(tmp_path / "scanned"), cache_dir=str(tmp_path / "scanned" / "kept")))
    cache_of(Config(path=str(tmp_path / "scanned"), cache_dir=str(tmp_path / "kept")))


def test_a_file_is_no_folder(repo: Repo) -> None:
    repo.write("kept", b"")
    with pytest.raises(UsageError, match="is no folder"):
        cache_of(asked(repo, "kept"))


def test_the_program_keeps_it_and_does_not_scan_it(repo: Repo) -> None:
    repo.commit("leak", config__env=b"TOKEN=" + github() + b"\n")

    def scanned() -> Ran:
        return leaksweep("scan", "--history", "--cache-dir", "kept", "--report", "json=-", cwd=repo.folder)

    first = scanned()
    assert first.code == 1
    assert {"clean", "walk"} <= {file.name.partition("-")[0] for file in (repo.folder / "kept").iterdir()}
    repo.write("kept/planted", b"TOKEN=" + github("planted") + b"\n")
    assert scanned() == first
    assert "planted" in leaksweep("scan", cwd=repo.folder).out
