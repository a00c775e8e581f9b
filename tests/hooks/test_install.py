"""Hooks get in without ousting another, and out again as if they had never been there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from leaksweep.engine import Engine
from support.hooks import git, hook, token
from support.repos import Repo

OTHER = "#!/bin/sh\necho other ran >&2\ncat >&2\nexit {code}\n"


def _other(file: Path, code: int = 0) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(OTHER.format(code=code))
    file.chmod(0o755)


@pytest.fixture
def repo(tmp_path: Path, engine: Engine) -> Repo:
    """A repository with one commit."""
    repo = Repo(tmp_path / "repo")
    repo.commit("first", readme__md=b"nothing here\n")
    return repo


def _leak(repo: Repo, seed: str = "a") -> None:
    repo.write(f"{seed}.env", token(seed))
    repo.git("add", "--all")


def test_a_hook_that_is_there_is_run_first_and_comes_back(repo: Repo) -> None:
    place = repo.folder / ".git" / "hooks" / "pre-commit"
    _other(place)
    before = place.read_text()
    assert "what stood there is pre-commit.before-leaksweep now" in hook(repo, "install").out
    assert "renewed" in hook(repo, "install").out, "twice is once"
    _leak(repo)
    ran = git(repo, "commit", "-m", "leak")
    assert ran.code == 1
    assert ran.err.startswith("other ran\nleaksweep: this commit is blocked")
    _other(place.with_name("pre-commit.before-leaksweep"), code=7)
    ran = git(repo, "commit", "-m", "leak")
    assert (ran.code, ran.err) == (1, "other ran\n"), "where the other says no, that is all"
    _other(place.with_name("pre-commit.before-leaksweep"))
    assert "is back" in hook(repo, "uninstall").out
    assert place.read_text() == before
    assert not place.with_name("pre-commit.before-leaksweep").exists()


def test_both_hooks_get_the_lines_of_a_push(repo: Repo, tmp_path: Path) -> None:
    Repo(tmp_path / "origin.git", "--bare")
    place = repo.folder / ".git" / "hooks" / "pre-push"
    _other(place)
    assert hook(repo, "install", "--type", "pre-push").code == 0
    repo.commit("leak", a__env=token("a"))
    ran = git(repo, "push", tmp_path / "origin.git", "main")
    assert ran.code == 1
    assert "other ran\nrefs/heads/main " in ran.err
    assert "this push is blocked" in ran.err


def test_a_sample_that_git_would_not_run_is_not_run(repo: Repo) -> None:
    place = repo.folder / ".git" / "hooks" / "pre-commit"
    _other(place, code=1)
    place.chmod(0o644)
    assert hook(repo, "install").code == 0
    assert git(repo, "commit", "--allow-empty", "-m", "fine").code == 0


def test_what_is_not_ours_stays(repo: Repo) -> None:
    place = repo.folder / ".git" / "hooks" / "pre-commit"
    assert hook(repo, "uninstall").code == 2
    _other(place)
    assert "is no hook of leaksweep's" in hook(repo, "uninstall").error
    assert place.exists()


def test_a_folder_for_hooks_in_the_work_tree(repo: Repo) -> None:
    repo.git("config", "core.hooksPath", ".githooks")
    assert hook(repo, "install").code == 0
    assert (repo.folder / ".githooks" / "pre-commit").exists()
    (repo.folder / "deep").mkdir()
    assert "renewed" in hook(repo.folder / "deep", "install").out
    _leak(repo)
    assert git(repo, "commit", "-m", "leak").code == 1
    assert hook(repo, "uninstall").code == 0
    assert git(repo, "commit", "-m", "leak").code == 0


def test_leaksweep_that_is_gone_blocks(repo: Repo) -> None:
    assert hook(repo, "install").code == 0
    place = repo.folder / ".git" / "hooks" / "pre-commit"
    lines = place.read_text().splitlines(keepends=True)
    place.write_text("".join("python=/gone/python\n" if line.startswith("python=") else line for line in lines))
    ran = git(repo, "commit", "--allow-empty", "-m", "fine")
    assert ran.code == 1
    assert "leaksweep: error: /gone/python is gone, nothing was scanned" in ran.err


def test_nothing_in_the_repository_is_imported(repo: Repo) -> None:
    assert hook(repo, "install").code == 0
    repo.write("leaksweep.py", b"import sys\nsys.exit(0)\n")
    repo.write("typing.py", b"import sys\nsys.exit(0)\n")
    _leak(repo)
    assert git(repo, "commit", "-m", "leak").code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("install", "--type", "post-commit"), "leaksweep has no such hook"),
        (("install", "--fail-on", "tragic"), "no such severity"),
        (("install", "--no-such-option"), "No such option"),
        (("run", "--type", "update"), "leaksweep has no such hook"),
    ],
)
def test_wrong_calls_are_2_and_change_nothing(repo: Repo, arguments: tuple[str, ...], said: str) -> None:
    ran = hook(repo, *arguments)
    assert ran.code == 2
    assert said in ran.error
    assert not (repo.folder / ".git" / "hooks" / "pre-commit").exists()


def test_outside_a_repository_is_3(tmp_path: Path) -> None:
    assert hook(tmp_path, "install").code == 3


class TestForAll:
    """``--global``: one folder for all repositories of a user, with a home of its own here."""

    @pytest.fixture
    def home(self, tmp_path: Path) -> dict[str, str]:
        """The environment of a user."""
        (tmp_path / "home").mkdir()
        return {
            "HOME": str(tmp_path / "home"),
            "XDG_CONFIG_HOME": str(tmp_path / "home" / ".config"),
            "GIT_CONFIG_GLOBAL": str(tmp_path / "home" / ".gitconfig"),
        }

    def test_every_repository_is_looked_at_and_its_own_hooks_run(self, repo: Repo, home: dict[str, str]) -> None:
        ran = hook(repo, "install", "--global", env=home)
        assert ran.code == 0
        assert "core.hooksPath in your git configuration is now" in ran.out
        _leak(repo)
        assert git(repo, "commit", "-m", "leak", env=home).code == 1
        _other(repo.folder / ".git" / "hooks" / "pre-commit")
        _other(repo.folder / ".git" / "hooks" / "commit-msg", code=1)
        ran = git(repo, "commit", "-m", "leak", env=home)
        assert ran.err.startswith("other ran\nleaksweep: this commit is blocked")
        repo.git("rm", "--cached", "--quiet", "a.env")
        os.unlink(repo.folder / "a.env")
        repo.write("b.txt", b"fine\n")
        repo.git("add", "--all")
        assert git(repo, "commit", "-m", "fine", env=home).code == 1, "its commit-msg says no"
        _other(repo.folder / ".git" / "hooks" / "commit-msg")
        assert git(repo, "commit", "-m", "fine", env=home).code == 0

    def test_a_repository_that_has_ours_is_scanned_once(self, repo: Repo, home: dict[str, str]) -> None:
        assert hook(repo, "install", env=home).code == 0
        assert hook(repo, "install", "--global", env=home).code == 0
        _leak(repo)
        assert git(repo, "commit", "-m", "leak", env=home).err.count("this commit is blocked") == 1

    def test_the_last_one_takes_all_with_it(self, repo: Repo, home: dict[str, str]) -> None:
        assert hook(repo, "install", "--global", env=home).code == 0
        assert hook(repo, "install", "--global", "--type", "pre-push", env=home).code == 0
        assert hook(repo, "uninstall", "--global", env=home).code == 0
        _other(repo.folder / ".git" / "hooks" / "pre-commit", code=1)
        assert git(repo, "commit", "--allow-empty", "-m", "x", env=home).code == 1, "its own still runs"
        ran = hook(repo, "uninstall", "--global", "--type", "pre-push", env=home)
        assert "core.hooksPath is no longer set" in ran.out
        assert not os.path.exists(f"{home['XDG_CONFIG_HOME']}/leaksweep/hooks")

    def test_a_folder_for_all_that_is_there_is_used(self, repo: Repo, home: dict[str, str], tmp_path: Path) -> None:
        git(repo, "config", "--global", "core.hooksPath", tmp_path / "mine", env=home)
        _other(tmp_path / "mine" / "pre-commit")
        assert "add --global" in hook(repo, "install", env=home).error, "one repository's hook would run nowhere"
        assert hook(repo, "install", "--global", env=home).code == 0
        _leak(repo)
        ran = git(repo, "commit", "-m", "leak", env=home)
        assert ran.code == 1
        assert ran.err.startswith("other ran\nleaksweep: this commit is blocked")
        assert hook(repo, "uninstall", "--global", env=home).code == 0
        assert sorted(os.listdir(tmp_path / "mine")) == ["pre-commit"]
        assert git(repo, "config", "--global", "core.hooksPath", env=home).out.strip() == str(tmp_path / "mine")
