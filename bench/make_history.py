"""A git history to measure on, the same for the same Python and number of commits, with the sizes of real projects.

    python bench/make_history.py FOLDER [--commits 10000]

A commit changes two files, mostly a line or a few of each; files have a median of 3 KB, a few have 100 KB and more,
one in two hundred is binary. Lines are those of Python's standard library: made-up text costs scanners less than code.
A quarter of the commits stand on branches that are merged again; one content in a hundred leaks, most of them one of
the same twenty secrets again, as in life. The whole is packed as a server would.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sysconfig
from pathlib import Path
from typing import IO

from leaksweep.rules.expand import expand

WORDS = ("add", "change", "drop", "fix", "handle", "keep", "move", "rename", "test", "the", "of", "for", "in", "with")
FOLDERS = ("api", "app", "client", "common", "core", "data", "lib", "model", "tests", "tools", "util", "views", "web")
BRANCH, LEAK, BINARY, LONG = 4, 100, 200, 25  #: one commit or file in so many


class Project:
    """The files of a branch, as lists of lines."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.files: dict[str, list[str]] = {}
        sources = sorted(p for p in Path(sysconfig.get_paths()["stdlib"]).glob("*.py") if not p.is_symlink())
        self.lines = [line for p in sources for line in p.read_text("utf-8", "replace").splitlines()]

    def code(self, count: int) -> list[str]:
        """So many lines that stand together somewhere in the standard library."""
        at = self.chance.randrange(len(self.lines) - count)
        return self.lines[at : at + count]

    def new(self) -> str:
        """Add a file; its path."""
        parts = self.chance.choices(FOLDERS, k=self.chance.randint(1, 3))
        path = "/".join(("src", *parts, f"{self.chance.choice(FOLDERS)}{len(self.files)}.py"))
        length = int(self.chance.lognormvariate(4.2, 1.1)) * (20 if not self.chance.randrange(LONG) else 1)
        self.files[path] = self.code(min(length, 12_000))
        return path

    def change(self, path: str) -> None:
        """Insert, replace and delete a few lines."""
        lines = self.files[path]
        for _ in range(min(int(self.chance.paretovariate(1.2)), 60)):
            at = self.chance.randrange(len(lines) + 1)
            lines[at : at + self.chance.randrange(3)] = self.code(self.chance.randrange(3))


def write(out: IO[bytes], commits: int) -> None:
    """The history, as ``git fast-import`` reads it."""
    chance = random.Random(20240229)
    project, merging = Project(chance), 0
    for number in range(1, commits + 1):
        branch = b"main" if merging or chance.randrange(BRANCH) else b"topic"
        message = (
            f"{chance.choice(WORDS).title()} {' '.join(chance.choices(WORDS, k=chance.randint(3, 30)))}\n".encode()
        )
        when = 1_300_000_000 + number * 3_600
        header = b"commit refs/heads/%s\nmark :%d\ncommitter A U Thor <author@example.com> %d +0000\n"
        out.write(header % (branch, number, when) + _data(message))
        if number > 1 and (branch == b"topic" or merging):
            out.write(b"from :%d\n" % (number - 1 if branch == b"topic" else number - 2))
        if merging:
            out.write(b"merge :%d\n" % (number - 1))
        for path in _touched(project, merging):
            out.write(b"M 644 inline %s\n" % path.encode() + _data(_content(project, path, number)))
        merging = branch == b"topic"


def _touched(project: Project, merging: int) -> set[str]:
    chance = project.chance
    if merging:  # what the topic changed is already there; the merge only joins
        return {chance.choice(list(project.files))}
    new = {project.new() for _ in range(20 if not project.files else not chance.randrange(6))}
    names = list(project.files)
    old = {names[int(len(names) * chance.random() ** 2)] for _ in range(min(int(chance.paretovariate(1.3)), 30))}
    for path in old:
        project.change(path)
    return new | old


def _content(project: Project, path: str, number: int) -> bytes:
    chance = project.chance
    if not chance.randrange(BINARY):
        return chance.randbytes(chance.randint(1_000, 60_000))
    lines = project.files[path]
    if not chance.randrange(LEAK):
        secret = expand("{crc32:ghp_:30}", str(number if not chance.randrange(10) else number % 20)).text.decode()
        lines = [*lines, f'token = "{secret}"']
    return "\n".join(lines).encode() + b"\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def main() -> None:
    """Parse the command line, make the repository and pack it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--commits", type=int, default=10_000)
    options = parser.parse_args()
    git = ["git", "-C", str(options.folder)]
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(options.folder)], check=True)
    with subprocess.Popen([*git, "fast-import", "--quiet"], stdin=subprocess.PIPE) as importer:
        assert importer.stdin
        write(importer.stdin, options.commits)
    if importer.returncode:
        raise SystemExit("git fast-import failed")
    subprocess.run([*git, "repack", "-adfq", "--depth=50", "--window=10"], check=True)
    subprocess.run([*git, "reset", "--quiet", "--hard", "main"], check=True)


if __name__ == "__main__":
    main()
