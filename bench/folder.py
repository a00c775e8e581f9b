"""leaksweep against Kingfisher on one folder, and on one tiny file: whole processes, warm caches, in turn.

    python bench/folder.py FOLDER [--runs 5] [--kingfisher PATH]

The two run alternately, so that a machine whose speed drifts is fair to both; quote the ratio. Network checks of the
peer are off. Without FOLDER, the standard library and the packages of this Python are scanned.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import NamedTuple


class Run(NamedTuple):
    """One process: wall and processor seconds, peak memory in MB, exit code."""

    wall: float
    cpu: float
    memory: float
    code: int


def run(command: list[str]) -> Run:
    """Run a command to its end, its output thrown away."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)


def leaksweep(target: str, report: str) -> list[str]:
    """Our command line, with a SARIF report as CI asks for."""
    return [sys.executable, "-m", "leaksweep", "scan", target, "--report", f"sarif={report}"]


def kingfisher(program: str, target: str, report: str) -> list[str]:
    """The peer's, offline, with the same kind of report."""
    options = ["--no-validate", "--git-history=none", "--no-update-check", "-f", "sarif", "-o", report]
    return [program, "scan", target, *options]


def compare(title: str, ours: list[str], theirs: list[str], runs: int) -> None:
    """Alternate the two and print their medians and the ratio of each pair."""
    run(ours), run(theirs)
    pairs = [(run(ours), run(theirs)) for _ in range(runs)]
    failed = {row.code for row, _ in pairs} - {0, 1}
    if failed:
        raise SystemExit(f"leaksweep did not scan {title}: exit {failed}")
    print(f"\n{title}, {runs} runs each after one warm-up (median, min to max)")
    for name, column in (("leaksweep", 0), ("kingfisher", 1)):
        rows = [pair[column] for pair in pairs]
        walls = [row.wall for row in rows]
        print(
            f"  {name:<11} wall {statistics.median(walls):6.2f} s ({min(walls):.2f} to {max(walls):.2f})"
            f"   cpu {statistics.median(r.cpu for r in rows):6.2f} s   memory {max(r.memory for r in rows):5.0f} MB"
            f"   exit {rows[-1].code}"
        )
    ratios = [a.wall / b.wall for a, b in pairs]
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    print(f"  ratio       wall {middle:6.2f}   ({low:.2f} to {high:.2f}); below 1, leaksweep is faster")


def main() -> None:
    """Parse the command line and run both comparisons."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what pip installs is compiled once
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default=sysconfig.get_paths()["stdlib"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--kingfisher", default=shutil.which("kingfisher") or str(Path(sys.executable).with_name("kingfisher"))
    )
    options = parser.parse_args()
    if not Path(options.kingfisher).exists():
        parser.error("kingfisher is not here: python -m pip install --group bench, or give --kingfisher PATH")
    with tempfile.TemporaryDirectory() as folder:
        tiny = Path(folder, "tiny")
        tiny.mkdir()
        (tiny / "app.py").write_text("print('hello')\n")
        report = str(Path(folder, "report.sarif"))
        files = [p for p in Path(options.folder).rglob("*") if p.is_file() and not p.is_symlink()]
        size = sum(p.stat().st_size for p in files) / 1e6
        for title, target in ((f"{len(files):,} files, {size:,.0f} MB", options.folder), ("one tiny file", str(tiny))):
            compare(title, leaksweep(target, report), kingfisher(options.kingfisher, target, report), options.runs)


if __name__ == "__main__":
    main()
