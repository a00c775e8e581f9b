"""Repositories with hooks of leaksweep's, and git commands whose outcome is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from leaksweep.rules.expand import expand
from support.program import Ran, leaksweep, run
from support.repos import ENVIRON, Repo


def token(seed: str) -> bytes:
    """A line with a secret that no other seed gives."""
    return expand("GITHUB_TOKEN={crc32:ghp_:30}\n", seed).text


def git(repo: Repo | Path, *arguments: str | Path, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> Ran:
    """Run git to its end, whatever that is."""
    folder = repo.folder if isinstance(repo, Repo) else repo
    call = ("git", "-c", "protocol.file.allow=always", *arguments)
    return run(*call, cwd=folder, env={**ENVIRON, **(env or {})}, stdin=stdin)


def hook(repo: Repo | Path, *arguments: str, env: Mapping[str, str] | None = None) -> Ran:
    """``leaksweep hook ...`` in a repository, with git configured as in all tests."""
    folder = repo.folder if isinstance(repo, Repo) else repo
    return leaksweep("hook", *arguments, cwd=folder, env={**ENVIRON, **(env or {})})


def installed(folder: Path, kind: str, *options: str) -> Repo:
    """A repository with one commit and a hook."""
    repo = Repo(folder)
    repo.commit("first", readme__md=b"nothing here\n")
    assert hook(repo, "install", "--type", kind, *options).code == 0
    return repo
