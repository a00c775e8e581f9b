"""leaksweep on a whole git history, against git that only prints it, Kingfisher and gitleaks: whole processes, in turn.

    python bench/make_history.py FOLDER [--commits 10000]
    python bench/history.py FOLDER [--runs 5] [--kingfisher PATH] [--gitleaks PATH]

Each round runs git (``cat-file --batch-all-objects --batch --buffer --unordered``), leaksweep with nothing remembered,
leaksweep again, leaksweep after one more commit ("grown"), and the peers that are there, so that a machine whose speed
drifts is fair to all. Ratios are of each round, in wall time and in processor time (with all child processes), which
says more on a machine that others use.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Run(NamedTuple):
    """One process and its children: wall and processor seconds, peak memory of the largest in MB, exit code."""

    wall: float
    cpu: float
    memory: float
    code: int


def run(command: list[str], environ: dict[str, str]) -> Run:
    """Run a command to its end, its output thrown away."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environ
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu, usage.ru_maxrss / 1024, process.returncode)


def commands(folder: str, scratch: Path, kingfisher: str | None, gitleaks: str | None) -> dict[str, list[str]]:
    """The command lines, each writing a SARIF report as CI asks for; the peers' network checks are off."""
    scan = [sys.executable, "-m", "leaksweep", "scan", folder, "--history", "--report", f"sarif={scratch}/ours.sarif"]
    found = {
        "git": ["git", "-C", folder, "cat-file", "--batch-all-objects", "--batch", "--buffer", "--unordered"],
        "leaksweep": scan,
        "again": scan,
        "grown": scan,
    }
    if kingfisher:
        options = ["--git-history", "full", "--no-validate", "--no-update-check", "-f", "sarif"]
        found["kingfisher"] = [kingfisher, "scan", folder, *options, "-o", f"{scratch}/kingfisher.sarif"]
    if gitleaks:
        found["gitleaks"] = [gitleaks, "git", folder, "--no-banner", "-f", "sarif", "-r", f"{scratch}/gitleaks.sarif"]
    return found


@contextlib.contextmanager
def one_more_commit(folder: str) -> Iterator[None]:
    """A ref of our own with a commit that adds a file; it is gone afterwards."""

    def git(*arguments: str, told: str = "") -> str:
        call = ["git", "-C", folder, "-c", "user.name=bench", "-c", "user.email=bench@example.com", *arguments]
        return subprocess.run(call, input=told, capture_output=True, text=True, check=True).stdout.strip()

    content = git("hash-object", "-w", "--stdin", told="one more\n")
    tree = git("mktree", told=f"100644 blob {content}\tone-more.txt\n")
    git("update-ref", "refs/bench/grown", git("commit-tree", tree, "-p", "HEAD", "-m", "one more"))
    try:
        yield
    finally:
        git("update-ref", "-d", "refs/bench/grown")


def measure(folder: str, lines: dict[str, list[str]], runs: int, cache: Path) -> dict[str, list[Run]]:
    """Rounds of all commands; before each round, what leaksweep remembers of contents is removed (not its rules)."""
    environ = os.environ | {"LEAKSWEEP_CACHE_DIR": str(cache)}
    rows: dict[str, list[Run]] = {name: [] for name in lines}
    for number in range(runs + 1):
        for remembered in (*cache.glob("clean-*"), *cache.glob("walk-*")):
            remembered.unlink()
        for name, command in lines.items():
            with one_more_commit(folder) if name == "grown" else contextlib.nullcontext():
                row = run(command, environ)
            if name in ("leaksweep", "again", "grown") and row.code not in (0, 1):
                raise SystemExit(f"leaksweep did not scan it: exit {row.code}")
            if number:  # the first warms the caches
                rows[name].append(row)
    return rows


def tell(rows: dict[str, list[Run]]) -> None:
    """Medians, and the ratio of leaksweep's first run to each of the others."""
    for name, some in rows.items():
        walls = [row.wall for row in some]
        ratios = [(a.wall / b.wall, a.cpu / b.cpu) for a, b in zip(rows["leaksweep"], some, strict=True)]
        wall, cpu = (statistics.median(column) for column in zip(*ratios, strict=True))
        print(
            f"  {name:<11} wall {statistics.median(walls):6.2f} s ({min(walls):.2f} to {max(walls):.2f})"
            f"   cpu {statistics.median(row.cpu for row in some):6.2f} s   memory {max(r.memory for r in some):5.0f} MB"
            f"   exit {some[-1].code}   leaksweep / {name}: wall {wall:.2f}, cpu {cpu:.2f}"
        )


def main() -> None:
    """Parse the command line and run the comparison."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what pip installs is compiled once
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--kingfisher", default=shutil.which("kingfisher"))
    parser.add_argument("--gitleaks", default=shutil.which("gitleaks"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        cache = Path(scratch, "cache")
        cache.mkdir()
        lines = commands(options.folder, Path(scratch), options.kingfisher, options.gitleaks)
        print(f"{options.folder}, {options.runs} rounds after one warm-up (median, min to max)")
        tell(measure(options.folder, lines, options.runs, cache))


if __name__ == "__main__":
    main()
