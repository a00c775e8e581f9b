"""``.pre-commit-hooks.yaml`` as the real pre-commit framework reads it, from a repository on disk."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from leaksweep.engine import Engine
from support.hooks import git, token
from support.program import ROOT, run
from support.repos import ENVIRON, Repo

CONFIG = """\
default_install_hook_types: [pre-commit, pre-push]
repos:
  - repo: {source}
    rev: {revision}
    hooks: [{{id: leaksweep-system}}, {{id: leaksweep-push-system}}]
"""


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The environment in which the framework finds itself and leaksweep."""
    programs = os.path.dirname(sys.executable)
    return {**ENVIRON, "PRE_COMMIT_HOME": str(tmp_path / "home"), "PATH": f"{programs}:{os.environ['PATH']}"}


@pytest.fixture
def repo(tmp_path: Path, engine: Engine, home: dict[str, str]) -> Repo:
    """A repository whose hooks the framework made."""
    source = Repo(tmp_path / "source")
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", source.folder)
    revision = source.commit("hooks")
    repo = Repo(tmp_path / "repo")
    config = CONFIG.format(source=source.folder, revision=revision)
    repo.commit("first", **{"__pre-commit-config__yaml": config.encode()})
    ran = run(sys.executable, "-m", "pre_commit", "install", cwd=repo.folder, env=home)
    assert ran.code == 0, ran.out
    return repo


def test_a_commit_is_stopped_by_what_is_staged(repo: Repo, home: dict[str, str]) -> None:
    repo.write("a.env", token("a"))
    repo.git("add", "a.env")
    repo.write("a.env", b"the work tree is another matter\n")
    ran = git(repo, "commit", "-m", "leak", env=home)
    assert ran.code == 1
    assert "this commit is blocked: 1 secret" in ran.out + ran.err
    repo.git("add", "a.env")
    assert git(repo, "commit", "-m", "fine", env=home).code == 0


def test_a_push_is_stopped_by_any_of_its_commits(repo: Repo, home: dict[str, str], tmp_path: Path) -> None:
    Repo(tmp_path / "origin.git", "--bare")
    repo.git("remote", "add", "origin", tmp_path / "origin.git")
    assert git(repo, "push", "origin", "main", env=home).code == 0, "the first push names no commits"
    repo.write("a.env", token("a"))
    repo.git("add", "--all")
    repo.git("commit", "--no-verify", "--quiet", "-m", "leak")
    repo.git("rm", "--quiet", "a.env")
    repo.git("commit", "--no-verify", "--quiet", "-m", "mended")
    ran = git(repo, "push", "origin", "main", env=home)
    assert ran.code == 1
    assert "this push is blocked: 1 secret" in ran.out + ran.err


def test_the_framework_takes_the_file() -> None:
    ran = run(sys.executable, "-m", "pre_commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
    assert ran.code == 0, ran.out
