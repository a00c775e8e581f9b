"""Pushes to real repositories, with the hook on the sender's side."""

from __future__ import annotations

from pathlib import Path

import pytest

from leaksweep.engine import Engine
from leaksweep.errors import UsageError
from leaksweep.targets.git.pushed import Update, received, sent
from support.hooks import git, hook, installed, token
from support.repos import Repo


@pytest.fixture
def repo(tmp_path: Path, engine: Engine) -> Repo:
    """A clone whose pushes are looked at; ``origin`` has its first commit."""
    Repo(tmp_path / "origin.git", "--bare")
    repo = installed(tmp_path / "repo", "pre-push")
    repo.git("remote", "add", "origin", tmp_path / "origin.git")
    assert git(repo, "push", "--quiet", "origin", "main").code == 0
    return repo


def test_a_secret_in_a_commit_that_a_later_one_mends_is_stopped(repo: Repo, tmp_path: Path) -> None:
    leak = repo.commit("leak", a__env=token("a"))
    repo.commit("mended", a__env=b"")
    ran = git(repo, "push", "origin", "main")
    assert ran.code == 1
    lines = ran.err.splitlines()
    assert lines[0] == "leaksweep: this push is blocked: 1 secret"
    assert any(line.startswith(f"    at       a.env@{leak[:10]}:1:14") for line in lines), lines
    assert any("git rebase -i" in line for line in lines)
    assert len(lines) < 24
    assert Repo(tmp_path / "origin.git", init=False).git("log", "--format=%s", "main") == "first"


def test_what_the_remote_has_is_not_asked_for_again(repo: Repo) -> None:
    repo.commit("leak", a__env=token("a"))
    assert git(repo, "push", "--no-verify", "origin", "main").code == 0
    repo.commit("fine", b__txt=b"fine\n")
    ran = git(repo, "push", "--quiet", "origin", "main")
    assert (ran.code, ran.err) == (0, "")
    repo.git("branch", "another")
    assert git(repo, "push", "--quiet", "origin", "another").code == 0, "a new branch of known commits"


def test_a_new_branch_a_tag_and_several_at_once(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit("leak", a__env=token("a"))
    assert git(repo, "push", "origin", "topic").code == 1
    repo.git("tag", "-a", "v1", "-m", "a tag")
    repo.git("checkout", "--quiet", "main")
    repo.commit("fine", b__txt=b"fine\n")
    assert git(repo, "push", "origin", "main", "v1").code == 1
    assert git(repo, "push", "origin", "main").code == 0
    repo.git("tag", "-a", "v2", "-m", token("in the message").decode())
    assert git(repo, "push", "origin", "v2").code == 1
    assert git(repo, "push", "origin", "HEAD:refs/heads/other").code == 0


def test_deletions_and_forced_pushes(repo: Repo) -> None:
    repo.git("branch", "gone")
    assert git(repo, "push", "--quiet", "origin", "gone").code == 0
    assert git(repo, "push", "--quiet", "origin", ":gone").code == 0, "a deletion brings nothing"
    repo.git("commit", "--quiet", "--amend", "-m", "first, anew")
    assert git(repo, "push", "--force", "origin", "main").code == 0
    repo.commit("leak", a__env=token("a"))
    repo.git("commit", "--quiet", "--amend", "-m", "leak, anew")
    assert git(repo, "push", "--force", "origin", "main").code == 1


def test_a_remote_that_is_only_an_address_and_ahead_of_us(repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "repo", init=False).clone(tmp_path / "other")
    other.commit("of others", c__txt=b"1\n")
    other.git("push", "--quiet", tmp_path / "origin.git", "main")
    repo.git("checkout", "--quiet", "-b", "mine")
    repo.commit("leak", a__env=token("a"))
    assert git(repo, "push", tmp_path / "origin.git", "mine").code == 1
    repo.git("reset", "--hard", "--quiet", "HEAD^")
    repo.commit("fine", b__txt=b"fine\n")
    assert git(repo, "push", "--force", tmp_path / "origin.git", "mine:main").code == 0, "what it has is not here"


def test_an_empty_remote_gets_everything(repo: Repo, tmp_path: Path) -> None:
    repo.commit("leak", a__env=token("a"))
    assert git(repo, "push", "--no-verify", "origin", "main").code == 0
    Repo(tmp_path / "second.git", "--bare")
    assert git(repo, "push", tmp_path / "second.git", "main").code == 1, "another remote lacks it"


def test_a_shallow_clone_pushes_what_it_added(repo: Repo, tmp_path: Path) -> None:
    repo.commit("second", b__txt=b"fine\n")
    assert git(repo, "push", "--quiet", "origin", "main").code == 0
    Repo(tmp_path / "origin.git", init=False).clone(tmp_path / "shallow", "--depth=1", "--branch=main")
    shallow = Repo(tmp_path / "shallow", init=False)
    assert hook(shallow, "install", "--type", "pre-push").code == 0
    shallow.commit("fine", c__txt=b"fine\n")
    assert git(shallow, "push", "--quiet", "origin", "main").code == 0
    shallow.commit("leak", a__env=token("a"))
    assert git(shallow, "push", "origin", "main").code == 1


ONE, TWO, ZERO = "1" * 40, "2" * 40, "0" * 40


def test_lines_of_git() -> None:
    lines = f"refs/heads/a {ONE} refs/heads/a {TWO}\nHEAD^{{/a b}} {ONE} refs/heads/b {ZERO}\n(delete) {ZERO} x {ONE}\n"
    assert sent(lines.encode()) == [Update(TWO, ONE), Update(ZERO, ONE), Update(ONE, ZERO)]
    assert received(f"{ONE} {TWO} refs/heads/\udce4\n".encode("utf-8", "surrogateescape")) == [Update(ONE, TWO)]
    assert sent(b"") == received(b"") == []


@pytest.mark.parametrize("line", [b"a", b"a b c d", f"{ONE} {TWO}".encode(), b"main 123 main 456", b"\0"])
def test_other_lines_are_refused(line: bytes) -> None:
    with pytest.raises(UsageError, match="standard input, line 1"):
        sent(line)
    with pytest.raises(UsageError, match="standard input, line 1"):
        received(line)
