"""Git repositories, made with the real git: nothing of the user's configuration, dates that never change."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ENVIRON = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ann Author",
    "GIT_AUTHOR_EMAIL": "ann@example.com",
    "GIT_AUTHOR_DATE": "2024-02-29T12:00:00 +0200",
    "GIT_COMMITTER_NAME": "Com Mitter",
    "GIT_COMMITTER_EMAIL": "com@example.com",
    "GIT_COMMITTER_DATE": "2024-02-29T12:00:00 +0200",
}


class Repo:
    """A work tree with its repository."""

    def __init__(self, folder: Path, *options: str, init: bool = True) -> None:
        self.folder = folder
        if init:
            folder.mkdir(parents=True, exist_ok=True)
            self.git("init", "--quiet", "--initial-branch=main", *options)

    def git(self, *arguments: str | Path, stdin: bytes = b"", check: bool = True) -> str:
        """What git prints, without the line's end."""
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *arguments],
            cwd=self.folder,
            env={**os.environ, **ENVIRON},
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def write(self, path: str | bytes, content: bytes) -> None:
        """Put a file into the work tree."""
        file = os.path.join(os.fsencode(self.folder), os.fsencode(path))
        os.makedirs(os.path.dirname(file), exist_ok=True)
        Path(os.fsdecode(file)).write_bytes(content)

    def commit(self, message: str = "change", **files: bytes) -> str:
        """Commit these files (``a__env`` is ``a.env``) with all else that changed; the commit's id."""
        for name, content in files.items():
            self.write(name.replace("__", "."), content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def remove(self, *paths: str) -> str:
        """Commit that these files are gone."""
        self.git("rm", "--quiet", *paths)
        self.git("commit", "--quiet", "-m", "remove")
        return self.git("rev-parse", "HEAD")

    def pack(self) -> None:
        """Put every object into one pack."""
        self.git("repack", "-adfq")
        self.git("prune-packed")

    def clone(self, folder: Path, *options: str) -> Repo:
        """A clone by git's own protocol, so that it may be shallow or partial."""
        self.git("clone", "--quiet", *options, f"file://{self.folder}", folder)
        return Repo(folder, init=False)
