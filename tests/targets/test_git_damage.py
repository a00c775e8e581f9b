"""What is not all here is never clean: an error with its mend, or a gap that is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from leaksweep.engine import Engine
from leaksweep.errors import ScanError
from leaksweep.model import Skipped
from support.fakes import github
from support.gitscan import files, scan_history, scan_range
from support.repos import Repo
from support.require import require_that

ENV = b"GITHUB_TOKEN=" + github() + b"\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Five commits, the first with a secret that the second removes."""
    made = Repo(tmp_path / "repo")
    made.commit("leak", config__env=ENV)
    made.remove("config.env")
    for number in range(3):
        made.commit(f"c{number}", **{f"file{number}": os.urandom(3000)})
    return made


def refused(repo: Repo | Path, engine: Engine, ends: str = "") -> ScanError:
    with pytest.raises(ScanError) as error:
        scan_range(repo, ends, engine) if ends and isinstance(repo, Repo) else scan_history(repo, engine)
    return error.value


def test_a_folder_outside_of_git(tmp_path: Path, engine: Engine) -> None:
    assert "not in a git repository" in refused(tmp_path, engine).what


def test_git_that_is_not_installed(repo: Repo, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "git is not installed" == refused(repo, engine).what


def test_a_shallow_clone(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    error = refused(repo.clone(tmp_path / "shallow", "--depth=2"), engine)
    assert "shallow" in error.what
    for mend in ("fetch-depth: 0", "GIT_DEPTH: 0", "git fetch --unshallow"):
        assert mend in error.mend


def test_a_range_within_a_shallow_clone_is_scanned(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "shallow", "--depth=3")
    assert () == scan_range(clone, "HEAD~2..HEAD", engine).findings


def test_a_range_that_a_shallow_clone_cuts(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    repo.git("branch", "base", "HEAD~4")
    clone = repo.clone(tmp_path / "shallow", "--depth=2", "--no-single-branch")
    error = refused(clone, engine, "origin/base..HEAD")
    assert "not all commits of origin/base..HEAD are here" in error.what
    assert "fetch-depth: 0" in error.mend


def test_a_base_that_is_not_here(repo: Repo, engine: Engine) -> None:
    for name in ("0123456789" * 4, "origin/nothing", "--all"):
        if name.startswith("-"):
            continue
        error = refused(repo, engine, f"{name}..HEAD")
        assert f"there is no commit {name} here" in error.what
        assert "fetch-depth: 0" in error.mend


def test_another_users_repository_is_read_where_it_was_named_and_only_there(repo: Repo, engine: Engine) -> None:
    require_that(os.geteuid() == 0, "only root can give files away")
    (repo.folder / "below").mkdir()
    for path in [repo.folder, *repo.folder.rglob("*")]:
        os.chown(path, 12345, 12345, follow_symlinks=False)
    assert 1 == len(scan_history(repo, engine).findings)
    error = refused(repo.folder / "below", engine)
    assert "another user owns the repository" in error.what
    assert "safe.directory" in error.mend


def test_a_missing_loose_object(repo: Repo, engine: Engine) -> None:
    name = repo.git("rev-parse", "HEAD:file1")
    (repo.folder / ".git/objects" / name[:2] / name[2:]).unlink()
    assert "1 objects are missing" in refused(repo, engine).what
    assert "are missing" in refused(repo, engine, "HEAD~2..HEAD").what


@pytest.mark.parametrize("what", ["HEAD~1", "HEAD~1^{tree}"])
def test_a_missing_commit_or_tree(repo: Repo, engine: Engine, what: str) -> None:
    name = repo.git("rev-parse", what)
    (repo.folder / ".git/objects" / name[:2] / name[2:]).unlink()
    assert str(repo.folder) in refused(repo, engine).what


def test_a_loose_object_of_garbage(repo: Repo, engine: Engine) -> None:
    name = repo.git("rev-parse", "HEAD:file1")
    file = repo.folder / ".git/objects" / name[:2] / name[2:]
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:200])
    assert "git" in refused(repo, engine).what


@pytest.mark.parametrize("lost", [30, 2500, 6000])
def test_a_torn_pack(repo: Repo, engine: Engine, lost: int) -> None:
    repo.pack()
    (pack,) = (repo.folder / ".git/objects/pack").glob("*.pack")
    pack.chmod(0o644)
    with pack.open("r+b") as file:
        file.truncate(pack.stat().st_size - lost)
    refused(repo, engine)


@pytest.mark.parametrize("at", [0.2, 0.5, 0.8])
def test_a_pack_with_wrong_bytes(repo: Repo, engine: Engine, at: float) -> None:
    repo.pack()
    (pack,) = (repo.folder / ".git/objects/pack").glob("*.pack")
    pack.chmod(0o644)
    with pack.open("r+b") as file:
        file.seek(int(pack.stat().st_size * at))
        file.write(bytes(64))
    refused(repo, engine)


def test_a_partial_clone_is_a_gap_and_nothing_is_fetched(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = repo.clone(tmp_path / "partial", "--filter=blob:none")
    before = clone.git("count-objects", "-v")
    result = scan_history(clone, engine)
    (gap,) = result.skipped
    assert isinstance(gap, Skipped)
    assert gap.why.startswith("1 objects are not here: it is a partial clone")
    assert not result.complete
    assert before == clone.git("count-objects", "-v")


def test_a_missing_ref_is_no_clean_history(repo: Repo, engine: Engine) -> None:
    (repo.folder / ".git/refs/heads/lost").write_text("1234567890" * 4 + "\n")
    refused(repo, engine)


def test_a_replacement_or_a_graft_hides_nothing(repo: Repo, engine: Engine) -> None:
    """Both are a repository's own way to show another history than the one that it has and gives away."""
    root = repo.git("rev-list", "--max-parents=0", "HEAD")
    second = repo.git("rev-parse", "HEAD~3")
    repo.git("replace", "--graft", second)
    (repo.folder / ".git/info").mkdir(exist_ok=True)
    (repo.folder / ".git/info/grafts").write_text(second + "\n")
    repo.git("reflog", "expire", "--expire=now", "--all")
    assert [root] == [place.first.id for place in files(scan_history(repo, engine))]
