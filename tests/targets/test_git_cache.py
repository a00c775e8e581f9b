"""The second run over a history reads what is new and what had a secret, and says the same as the first."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import leaksweep
from leaksweep.cache import Cache
from leaksweep.cleanset import CleanSet
from leaksweep.engine import Engine
from leaksweep.engine.digest import digest, files
from leaksweep.errors import ScanError
from leaksweep.model import Result, Rule
from leaksweep.scan import scan
from leaksweep.targets import Remembers
from leaksweep.targets.git import history
from leaksweep.targets.git.repository import Process, Repository
from leaksweep.targets.workspace import Workspace
from support.archives import ARCHIVES, KEY, searched
from support.fakes import github
from support.gitscan import POLICY
from support.gitscan import scan_remembering as again
from support.keypairs import certificate
from support.repos import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    for number in range(10):
        made.commit(f"c{number}", **{f"f{number}": b"clean %d\n" % number})
    made.commit("leak", config__env=b"TOKEN=" + github() + b"\n")
    return made


def run(repo: Repo, engine: Engine, cache: Path, name: str = "d") -> Result:
    target = history(str(repo.folder))
    target.clean = CleanSet(Cache(cache), name)
    return scan([target], engine, POLICY)


def test_the_second_run_reads_only_what_had_a_secret_and_finds_the_same(
    repo: Repo, engine: Engine, tmp_path: Path, read: list[int]
) -> None:
    first = run(repo, engine, tmp_path / "cache")
    assert 22 == sum(read)  # eleven files, eleven commits
    read.clear()
    assert first == run(repo, engine, tmp_path / "cache")
    assert 1 == sum(read)
    assert 1 == len(first.findings)


def test_what_is_new_is_read(repo: Repo, engine: Engine, tmp_path: Path, read: list[int]) -> None:
    run(repo, engine, tmp_path / "cache")
    repo.commit("again", other__env=b"TOKEN=" + github("other") + b"\n")
    read.clear()
    assert 2 == len(run(repo, engine, tmp_path / "cache").findings)
    assert 3 == sum(read)


def test_a_clone_elsewhere_gains_too(repo: Repo, engine: Engine, tmp_path: Path, read: list[int]) -> None:
    run(repo, engine, tmp_path / "cache")
    clone = repo.clone(tmp_path / "clone")
    read.clear()
    assert 1 == len(run(clone, engine, tmp_path / "cache").findings)
    assert 1 == sum(read)


def test_a_content_with_a_gap_is_told_again(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    repo.commit("torn", torn__gz=gzip.compress(os.urandom(3000))[:-500])
    first = run(repo, engine, tmp_path / "cache")
    assert 1 == len(first.skipped)
    assert first == run(repo, engine, tmp_path / "cache")


def test_the_file_holds_no_secret_and_not_the_id_of_its_content(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    run(repo, engine, tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    data = file.read_bytes()
    assert github() not in data
    assert bytes.fromhex(repo.git("rev-parse", "HEAD:config.env"))[:12] not in data


# ---------------------------------------------------------------- a history that has not changed


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which of git's long commands were called: the walk, and the list of all objects."""
    calls: list[str] = []
    started = Repository.open

    def opened(self: Repository, *arguments: str, **more: Any) -> Process:
        if "--in-commit-order" in arguments or "--batch-all-objects" in arguments:
            calls.append(arguments[0])
        return started(self, *arguments, **more)

    monkeypatch.setattr(Repository, "open", opened)
    return calls


def test_an_unchanged_history_is_neither_listed_nor_walked(
    repo: Repo, engine: Engine, tmp_path: Path, walked: list[str], read: list[int]
) -> None:
    repo.commit(f"T={github('message').decode()}", schön__env=b"U=" + github("odd name") + b"\n")
    repo.git("tag", "-a", "v1", "-m", github("tag").decode())
    first = again(repo, engine, tmp_path / "cache")
    assert walked == ["rev-list"]
    assert len(first.findings) == 4
    walked.clear()
    read.clear()
    second = again(repo, engine, tmp_path / "cache")
    assert (second, walked, sum(read)) == (first, [], 4)
    clone = repo.clone(tmp_path / "clone", "--mirror")
    assert len(again(clone, engine, tmp_path / "cache").findings) == 4


@pytest.mark.parametrize(
    "change",
    [
        lambda repo: repo.commit("more", more__txt=b"1\n"),
        lambda repo: repo.git("branch", "another"),
        lambda repo: repo.git("tag", "v2"),
        lambda repo: repo.git("commit", "--quiet", "--amend", "-m", "anew"),
        lambda repo: repo.git("checkout", "--quiet", "--detach", "HEAD~3"),
    ],
    ids=["commit", "branch", "tag", "amend", "checkout"],
)
def test_a_history_that_changed_is_walked(
    repo: Repo, engine: Engine, tmp_path: Path, walked: list[str], change: Callable[[Repo], object]
) -> None:
    again(repo, engine, tmp_path / "cache")
    change(repo)
    walked.clear()
    result = again(repo, engine, tmp_path / "cache")
    assert walked
    assert result == again(repo, engine, tmp_path / "none"), "the same as with nothing remembered"


@pytest.mark.parametrize("what", ARCHIVES)
def test_of_an_unchanged_history_only_what_held_something_is_searched_again(
    what: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit("archive", app__jar=ARCHIVES[what], k__pem=KEY)
    repo.commit("public", ca__pem=certificate(KEY), torn__pem=b"-----BEGIN CERTIFICATE-----\nMIIB\n")
    inside = searched(monkeypatch)
    first = again(repo, engine, tmp_path / "cache")
    for _ in range(2):
        inside.clear()
        assert again(repo, engine, tmp_path / "cache") == first
        assert not [path for path in inside if "clean" in path]
    assert first.findings
    assert first.complete == ("gap" not in what)


def test_with_more_public_keys_than_are_kept_all_of_what_held_something_is_searched_again(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leaksweep.engine.witness.Witnesses.hints", lambda _: None)
    repo = Repo(tmp_path / "repo")
    repo.commit("archive", app__jar=ARCHIVES["a zip"], k__pem=KEY)
    first = again(repo, engine, tmp_path / "cache")
    inside = searched(monkeypatch)
    assert again(repo, engine, tmp_path / "cache") == first
    assert "clean0" in inside


def test_other_rules_other_options_and_torn_files_are_walked(
    repo: Repo, engine: Engine, tmp_path: Path, walked: list[str]
) -> None:
    first = again(repo, engine, tmp_path / "cache")
    for more in ({"digest": "other rules"}, {"authors": True}):
        walked.clear()
        again(repo, engine, tmp_path / "cache", **more)
        assert walked
    for file in (tmp_path / "cache").glob("walk-*"):
        data = bytearray(file.read_bytes())
        data[-5] ^= 1
        file.write_bytes(data)
    walked.clear()
    assert again(repo, engine, tmp_path / "cache") == first
    assert walked


def test_what_was_remembered_and_is_gone_is_told(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    again(repo, engine, tmp_path / "cache")
    name = repo.git("rev-parse", "HEAD:config.env")
    (repo.folder / ".git" / "objects" / name[:2] / name[2:]).unlink()
    with pytest.raises(ScanError):
        again(repo, engine, tmp_path / "cache")


def test_no_plain_hash_of_a_secret_is_remembered(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    """A file may be a secret and nothing else: its id is a hash of the secret that anybody can make."""
    repo.commit("bare", token=github("bare"))
    found = again(repo, engine, tmp_path / "cache")
    assert len(found.findings) == 2
    known = repo.git("rev-parse", "HEAD:token")
    for file in (tmp_path / "cache").iterdir():
        assert known[:24] not in file.read_bytes().decode("latin-1")
        assert bytes.fromhex(known)[:12] not in file.read_bytes()
    repo.git("notes", "add", "-m", github("note").decode())
    assert len(again(repo, engine, tmp_path / "cache").findings) == 3, "a note has no such name: walked each time"
    assert len(again(repo, engine, tmp_path / "cache").findings) == 3


def test_other_rules_or_no_decoding_have_another_digest(rules: tuple[Rule, ...]) -> None:
    known = {
        digest(rules, encoded=True),
        digest(rules, encoded=False),
        digest(rules[1:], encoded=True),
        digest((rules[0]._replace(pattern="x"), *rules[1:]), encoded=True),
        digest((rules[0]._replace(prefilter="x"), *rules[1:]), encoded=True),
    }
    assert 5 == len(known)
    assert digest(rules, encoded=True) == digest(tuple(rules), encoded=True)


#: What is done with what was found, and what names the rules, which are in the digest themselves.
LATER = {
    *("action", "baseline", "catalog", "cli", "dockerfile", "fix", "hooks", "known", "playbooks", "reports"),
    *("rulecheck", "rules", "sarifcheck", "settings", "triage"),
}


def test_all_code_and_words_that_decide_what_is_found_are_in_the_digest() -> None:
    package = Path(leaksweep.__file__).parent
    there = {path for suffix in ("py", "txt") for path in package.rglob(f"*.{suffix}")}
    assert {path.relative_to(package).parts[0] for path in there - set(files())} == LATER


# ---------------------------------------------------------------- the files beside a history


def test_files_that_the_history_knows_as_clean_are_not_searched_again(
    repo: Repo, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leaksweep.targets.workspace.FEW", 0)
    repo.commit("torn", torn__gz=gzip.compress(os.urandom(3000))[:-500])
    repo.write("f3", b"TOKEN=" + github("not committed") + b"\n")
    results: list[Result] = []
    searched: list[bytes] = []
    promising = Engine.promising

    def noted(self: Engine, some: Sequence[bytes]) -> list[int]:
        searched.extend(some)
        return promising(self, some)

    monkeypatch.setattr(Engine, "promising", noted)
    for _ in range(2):
        searched.clear()
        targets: list[Remembers] = [Workspace(str(repo.folder)), history(str(repo.folder))]
        for target in targets:
            target.remember(Cache(tmp_path / "cache"), "d")
        results.append(scan(targets, engine, POLICY))
    assert results[0] == results[1]
    assert len(results[0].findings) == 2
    assert len(results[0].skipped) == 2
    assert not [some for some in searched if b"clean" in some]
