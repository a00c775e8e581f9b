"""Pushes that a server takes or refuses: real bare repositories, new objects in git's quarantine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from leaksweep.engine import Engine
from support.hooks import git, hook, token
from support.repos import Repo


@pytest.fixture
def server(tmp_path: Path, engine: Engine) -> Repo:
    """A bare repository that looks at what it gets."""
    server = Repo(tmp_path / "server.git", "--bare")
    assert hook(server, "install", "--type", "pre-receive").code == 0
    return server


@pytest.fixture
def repo(server: Repo, tmp_path: Path) -> Repo:
    """A clone of it."""
    repo = Repo(tmp_path / "repo")
    repo.git("remote", "add", "origin", f"file://{server.folder}")
    repo.commit("first", readme__md=b"nothing here\n")
    assert git(repo, "push", "--quiet", "origin", "main").code == 0
    return repo


def test_a_secret_is_refused_and_nothing_of_it_stays(repo: Repo, server: Repo) -> None:
    secret = token("a")
    repo.commit("leak", a__env=secret)
    leaked = repo.git("rev-parse", "HEAD:a.env")
    repo.commit("mended", a__env=b"")
    ran = git(repo, "push", "origin", "main")
    assert ran.code == 1
    assert "remote: leaksweep: this push is blocked: 1 secret" in [line.rstrip() for line in ran.err.splitlines()]
    assert "at       a.env@" in ran.err
    assert "pre-receive hook declined" in ran.err
    assert "--no-verify" not in ran.err, "there is no such way past a server"
    assert secret.split(b"=")[1].strip().decode() not in ran.err
    assert server.git("log", "--format=%s", "main") == "first"
    assert git(server, "cat-file", "-e", leaked).code != 0


def test_new_branches_deletions_forced_pushes_and_tags(repo: Repo, server: Repo) -> None:
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit("fine", b__txt=b"fine\n")
    assert git(repo, "push", "--quiet", "origin", "topic").code == 0
    repo.git("commit", "--quiet", "--amend", "-m", "fine, anew")
    assert git(repo, "push", "--quiet", "--force", "origin", "topic").code == 0
    assert git(repo, "push", "--quiet", "origin", ":topic").code == 0
    repo.git("tag", "-a", "v1", "-m", token("in the message").decode())
    assert git(repo, "push", "origin", "v1").code == 1
    repo.commit("leak", a__env=token("a"))
    repo.git("commit", "--quiet", "--amend", "-m", "leak, anew")
    assert git(repo, "push", "--force", "origin", "topic").code == 1
    assert server.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_what_a_ref_has_already_is_not_asked_for_again(repo: Repo, server: Repo) -> None:
    os.rename(server.folder / "hooks" / "pre-receive", server.folder / "hooks" / "away")
    repo.commit("leak", a__env=token("a"))
    assert git(repo, "push", "--quiet", "origin", "main").code == 0
    os.rename(server.folder / "hooks" / "away", server.folder / "hooks" / "pre-receive")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit("fine", b__txt=b"fine\n")
    assert git(repo, "push", "--quiet", "origin", "topic").code == 0


def test_a_configuration_beside_the_repository_is_the_servers(repo: Repo, server: Repo) -> None:
    repo.write(".leaksweep.toml", b'[scan]\nfail-on = "never"\n')
    repo.commit("leak", a__env=token("a"))
    assert git(repo, "push", "origin", "main").code == 1, "what is pushed cannot configure the hook"
    server.write(".leaksweep.toml", b'[scan]\nfail-on = "never"\n')
    assert git(repo, "push", "--quiet", "origin", "main").code == 0


def test_a_time_limit_blocks(repo: Repo, server: Repo) -> None:
    assert hook(server, "install", "--type", "pre-receive", "--fail-on", "low").code == 0
    script = server.folder / "hooks" / "pre-receive"
    assert "--type pre-receive --fail-on low" in script.read_text()
    script.write_text(script.read_text().replace("--fail-on low", "--time-limit 0.001"))
    repo.commit("fine", b__txt=b"fine\n")
    ran = git(repo, "push", "origin", "main")
    assert ran.code == 1
    assert "remote: leaksweep: error: not scanned to the end within the time limit of 0.001 s: blocked" in ran.err
    script.write_text(script.read_text().replace("0.001", "0.001 --allow-skipped"))
    ran = git(repo, "push", "origin", "main")
    assert ran.code == 0
    assert "passed unscanned" in ran.err


def test_a_place_that_the_server_names(tmp_path: Path, engine: Engine) -> None:
    """As GitLab has it: ``custom_hooks/pre-receive.d/NAME`` in the repository; git's own hook calls what is there."""
    server = Repo(tmp_path / "server.git", "--bare")
    place = "custom_hooks/pre-receive.d/leaksweep"
    assert hook(server, "install", "--type", "pre-receive", "--file", place).code == 0
    assert not (server.folder / "hooks" / "pre-receive").exists()
    caller = server.folder / "hooks" / "pre-receive"
    caller.write_text(f'#!/bin/sh\nlines=$(cat)\nprintf "%s\\n" "$lines" | "./{place}"\n')
    caller.chmod(0o755)
    repo = Repo(tmp_path / "repo")
    repo.commit("leak", a__env=token("a"))
    assert git(repo, "push", f"file://{server.folder}", "main").code == 1
    assert hook(server, "uninstall", "--type", "pre-receive", "--file", place).code == 0
    assert not (server.folder / place).exists()


def test_a_repository_of_another_kind_of_ids(tmp_path: Path, engine: Engine) -> None:
    server = Repo(tmp_path / "server.git", "--bare", "--object-format=sha256")
    assert hook(server, "install", "--type", "pre-receive").code == 0
    repo = Repo(tmp_path / "repo", "--object-format=sha256")
    repo.commit("fine", a__txt=b"fine\n")
    assert git(repo, "push", f"file://{server.folder}", "main").code == 0
    repo.commit("leak", a__env=token("a"))
    assert git(repo, "push", f"file://{server.folder}", "main").code == 1
