"""What a developer waits for at each commit: the pre-commit check of one changed file in a large work tree, in turn.

    python bench/hook.py [--files 30000] [--runs 9] [--kingfisher PATH] [--gitleaks PATH]

The repository is made for it: so many files of a few kilobytes from Python's standard library, one commit, one of them
changed by a line and staged. ``git diff --cached`` is the floor.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from history import run, tell
from make_history import Project


def make(folder: Path, files: int) -> None:
    """A work tree of so many files, one of them staged with a change."""
    project = Project(random.Random(20240229))
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    for _ in range(files):
        path = folder / project.new()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(next(reversed(project.files.values()))) + "\n")
    changed = folder / next(iter(project.files))
    git = ("git", "-c", "user.name=A", "-c", "user.email=a@example.com", "-C", folder)
    for arguments in (["add", "--all"], ["commit", "--quiet", "-m", "all"]):
        subprocess.run([*git, *arguments], check=True)
    with changed.open("a") as file:
        file.write("changed = True\n")
    subprocess.run([*git, "add", "--all"], check=True)


def commands(kingfisher: str | None, gitleaks: str | None) -> dict[str, list[str]]:
    """The command lines, as a hook calls them in the top of the work tree."""
    found = {
        "git": ["git", "diff", "--cached"],
        "leaksweep": [sys.executable, "-P", "-m", "leaksweep", "hook", "run", "--type", "pre-commit"],
    }
    if kingfisher:
        found["kingfisher"] = [kingfisher, "scan", ".", "--staged", "--no-validate", "--no-update-check", "--quiet"]
    if gitleaks:
        found["gitleaks"] = [gitleaks, "git", "--pre-commit", "--staged", "--no-banner", "."]
    return found


def main() -> None:
    """Parse the command line and run the comparison."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what pip installs is compiled once
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=30_000)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--kingfisher", default=shutil.which("kingfisher"))
    parser.add_argument("--gitleaks", default=shutil.which("gitleaks"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        make(Path(scratch, "repo"), options.files)
        os.chdir(Path(scratch, "repo"))
        lines = commands(options.kingfisher, options.gitleaks)
        rows = {name: [run(command, dict(os.environ)) for _ in range(2)][:0] for name, command in lines.items()}
        for _ in range(options.runs):
            for name, command in lines.items():
                rows[name].append(run(command, dict(os.environ)))
        print(f"{options.files} files, {options.runs} rounds after two to warm up (median, min to max)")
        tell(rows)


if __name__ == "__main__":
    main()
