"""A history that went on since the last run: only what is new is walked and read, and the report is a first run's."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leaksweep.engine import Engine
from leaksweep.errors import ScanError
from leaksweep.targets.git.repository import Process, Repository
from support.fakes import github
from support.gitscan import scan_remembering as again
from support.repos import Repo

FORGET = ("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Thirty commits on ``main``, of which two have a secret and one of those is gone again; one on ``topic``."""
    made = Repo(tmp_path / "repo")
    for number in range(30):
        made.commit(f"c{number}", **{f"f{number}": b"clean %d\n" % number})
    made.commit("leak", config__env=secret("first"))
    made.commit("leak again", other__env=secret("second"))
    made.remove("config.env")
    made.git("branch", "topic", "HEAD~2")
    made.git("checkout", "--quiet", "topic")
    made.commit("on a branch", topic__env=secret("topic"))
    made.git("checkout", "--quiet", "main")
    return made


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """``all`` for each walk over all objects, ``new`` for one over what is new."""
    calls: list[str] = []
    started = Repository.open

    def opened(self: Repository, *arguments: str, **more: Any) -> Process:
        if "--in-commit-order" in arguments:
            calls.append("new" if "--ignore-missing" in arguments else "all")
        return started(self, *arguments, **more)

    monkeypatch.setattr(Repository, "open", opened)
    return calls


def secret(seed: str) -> bytes:
    return b"TOKEN=" + github(seed) + b"\n"


def merge(repo: Repo) -> None:
    repo.git("merge", "--quiet", "--no-edit", "topic")


def side(repo: Repo, start: str = "HEAD~20", name: str = "side") -> None:
    """A branch from an old commit, with a secret of its own and in its message."""
    repo.git("checkout", "--quiet", "-b", name, start)
    repo.commit(f"T={github(f'message of {name}').decode()}", **{f"{name}__env": secret(name)})
    repo.git("checkout", "--quiet", "main")


def lose(repo: Repo, branch: str) -> None:
    """Nothing leads to a branch any more."""
    repo.git("branch", "-D", branch)
    repo.git(*FORGET)


def merge_and_lose(repo: Repo) -> None:
    merge(repo)
    lose(repo, "topic")


def pack(repo: Repo) -> None:
    repo.pack()
    repo.commit("more", more__txt=b"1\n")


def stash(repo: Repo) -> None:
    repo.write("other.env", secret("stash"))
    repo.git("stash", "--quiet")


def reset(repo: Repo) -> None:
    repo.git("reset", "--quiet", "--hard", "HEAD~3")
    repo.git(*FORGET)


CHANGES: dict[str, tuple[Callable[[Repo], object], list[str]]] = {
    "a commit": (lambda repo: repo.commit("more", more__txt=b"1\n"), ["new"]),
    "a commit with a secret": (lambda repo: repo.commit("more", more__env=secret("more")), ["new"]),
    "a secret that is there moves": (lambda repo: repo.git("mv", "other.env", "b.env") or repo.commit("m"), ["new"]),
    "a secret comes back": (lambda repo: repo.commit("back", back__env=secret("first")), ["new"]),
    "a new version beside a secret": (lambda repo: repo.commit("v", other__env=secret("second") + b"A=1\n"), ["new"]),
    "a secret goes": (lambda repo: repo.remove("other.env"), ["new"]),
    "a merge": (merge, ["new"]),
    "a branch": (side, ["new"]),
    "a branch on what is there": (lambda repo: repo.git("branch", "another", "HEAD~4"), ["new"]),
    "a tag on what is there": (lambda repo: repo.git("tag", "v2", "HEAD~2"), ["new"]),
    "a tag with a secret": (lambda repo: repo.git("tag", "-a", "v1", "-m", github("tag").decode(), "HEAD~5"), ["new"]),
    "another name": (lambda repo: repo.git("branch", "-m", "topic", "renamed"), ["new"]),
    "an amended commit": (lambda repo: repo.git("commit", "--quiet", "--amend", "-m", "anew"), ["new"]),
    "a checkout": (lambda repo: repo.git("checkout", "--quiet", "--detach", "HEAD~3"), ["new"]),
    "packed": (pack, ["new"]),
    "a stash": (stash, ["new"]),
    "a branch that held nothing alone is gone": (merge_and_lose, ["new"]),
    "a branch with a secret is gone": (lambda repo: lose(repo, "topic"), ["all"]),
    "what brought a secret is gone": (reset, ["all"]),
    "much is new": (lambda repo: [repo.commit("n", **{f"n{i}": b"%d new\n" % i}) for i in range(20)], ["new", "all"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_report_is_that_of_a_first_run(
    change: str, repo: Repo, engine: Engine, tmp_path: Path, walked: list[str]
) -> None:
    again(repo, engine, tmp_path / "cache")
    do, expected = CHANGES[change]
    do(repo)
    walked.clear()
    result = again(repo, engine, tmp_path / "cache")
    assert walked == expected
    assert result == again(repo, engine, None)
    walked.clear()
    assert result == again(repo, engine, tmp_path / "cache")
    assert walked == [], "and now it is known as it is"


def test_only_what_is_new_and_what_held_something_is_read(
    repo: Repo, engine: Engine, tmp_path: Path, read: list[int]
) -> None:
    again(repo, engine, tmp_path / "cache")
    repo.commit("more", more__txt=b"1\n", more__env=secret("more"))
    read.clear()
    assert len(again(repo, engine, tmp_path / "cache").findings) == 4
    assert sum(read) == 3 + 2 + 1


def test_of_a_sha256_repository_too(engine: Engine, tmp_path: Path, walked: list[str]) -> None:
    repo = Repo(tmp_path / "repo", "--object-format=sha256")
    for number in range(12):
        repo.commit("c", **{f"f{number}": b"clean %d\n" % number})
    repo.commit("leak", config__env=secret("first"))
    again(repo, engine, tmp_path / "cache")
    repo.commit("leak", other__env=secret("second"))
    walked.clear()
    result = again(repo, engine, tmp_path / "cache")
    assert walked == ["new"]
    assert result == again(repo, engine, None)


def test_a_note_stays_while_all_stays(repo: Repo, engine: Engine, tmp_path: Path, walked: list[str]) -> None:
    repo.git("tag", "-a", "v1", "-m", github("tag").decode())
    again(repo, engine, tmp_path / "cache")
    repo.commit("more", more__txt=b"1\n")
    assert again(repo, engine, tmp_path / "cache") == again(repo, engine, None)
    repo.git("tag", "-d", "v1")
    walked.clear()
    result = again(repo, engine, tmp_path / "cache")
    assert walked == ["all"], "what a tag says is nobody's after it"
    assert result == again(repo, engine, None)


def test_a_clone_that_lacks_a_branch_is_told_from_the_one_that_was_scanned(
    repo: Repo, engine: Engine, tmp_path: Path, walked: list[str]
) -> None:
    """As in CI: each run has a clone of its own, in the same folder, and branches come and go."""
    side(repo)
    there = tmp_path / "there"
    clone = repo.clone(there)
    again(clone, engine, tmp_path / "cache")
    there.rename(tmp_path / "before")
    merge(repo)
    lose(repo, "topic")
    repo.commit("more", more__env=secret("more"))
    clone = repo.clone(there)
    walked.clear()
    result = again(clone, engine, tmp_path / "cache")
    assert walked == ["new"]
    assert result == again(clone, engine, None)
    there.rename(tmp_path / "before that")
    lose(repo, "side")
    clone = repo.clone(there)
    walked.clear()
    result = again(clone, engine, tmp_path / "cache")
    assert walked == ["all"]
    assert result == again(clone, engine, None)


def test_another_repository_in_the_same_folder_is_walked(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    again(repo, engine, tmp_path / "cache")
    repo.folder.rename(tmp_path / "gone")
    other = Repo(repo.folder)
    other.commit("leak", config__env=secret("other"))
    assert again(other, engine, tmp_path / "cache") == again(other, engine, None)


def test_what_is_new_and_damaged_is_an_error(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    again(repo, engine, tmp_path / "cache")
    repo.commit("more", more__txt=b"1\n")
    name = repo.git("rev-parse", "HEAD:more.txt")
    (repo.folder / ".git" / "objects" / name[:2] / name[2:]).unlink()
    with pytest.raises(ScanError):
        again(repo, engine, tmp_path / "cache")


#: No amended commits: where two commits that do not follow one another brought the same content, either is the first.
STEPS: list[Callable[[Repo, random.Random, str], object]] = [
    lambda repo, _, name: repo.commit("clean", **{f"{name}__txt": name.encode()}),
    lambda repo, _, name: repo.commit("leak", **{f"{name}__env": secret(name)}),
    lambda repo, _, name: repo.commit("version", config__env=secret("kept") + b"N=" + name.encode()),
    lambda repo, dice, name: side(repo, f"HEAD~{dice.randrange(3)}", name),
    lambda repo, dice, _: repo.git("merge", "-X", "ours", "--no-edit", dice.choice(branches(repo)), check=False),
    lambda repo, dice, _: repo.git("branch", "-D", dice.choice(branches(repo)), check=False),
    lambda repo, dice, name: repo.git("tag", name, f"HEAD~{dice.randrange(3)}"),
    lambda repo, _, name: repo.git("tag", "-a", name, "-m", github(name).decode()),
    lambda repo, dice, _: repo.git("tag", "-d", dice.choice(["", *repo.git("tag").split()]), check=False),
    lambda repo, dice, _: repo.git("reset", "--quiet", "--hard", f"HEAD~{dice.randrange(3)}"),
    lambda repo, _, name: repo.git("notes", "add", "-f", "-m", f"a note {name}"),
    lambda repo, _, __: repo.git("gc", "--quiet", "--prune=now"),
    lambda repo, _, __: repo.git(*FORGET),
]


def branches(repo: Repo) -> list[str]:
    return repo.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_done_between_two_runs(seed: int, engine: Engine, tmp_path: Path) -> None:
    dice = random.Random(seed)  # the same each time
    repo = Repo(tmp_path / "repo")
    for number in range(12):
        repo.commit(f"c{number}", **{f"f{number}__env": secret(f"{seed} {number}") if number % 4 else b"clean\n"})
    for round_ in range(6):
        again(repo, engine, tmp_path / "cache")
        for number in range(dice.randrange(1, 4)):
            dice.choice(STEPS)(repo, dice, f"n{seed}x{round_}x{number}")
        result, anew = again(repo, engine, tmp_path / "cache"), again(repo, engine, None)
        assert result._replace(coverage=()) == anew._replace(coverage=())  # which counts what nothing reaches any more
