"""Runs leaksweep and others over hostile inputs and writes the table of docs/robustness.md.

    python bench/robustness.py --kingfisher PATH --gitleaks PATH --betterleaks PATH

Each runs with a limit of 60 s and 4 GiB of memory. A cell says how it ended, roughly how long that took, and whether
the secret that stands in the input was found.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.hostile import MAKERS  # noqa: E402 - the tests' own makers

SECONDS, MEMORY = 60, 4 << 30
PAGE = ROOT / "docs" / "robustness.md"
BEGIN, END = "<!-- inputs: made by bench/robustness.py -->", "<!-- end of inputs -->"


def commands(options: argparse.Namespace, folder: Path, out: Path) -> dict[str, list[str]]:
    """What to run, by name."""
    report = str(out)
    made = {"leaksweep": [sys.executable, "-m", "leaksweep", "scan", str(folder), "--report", f"sarif={report}"]}
    if options.gitleaks:
        made["gitleaks"] = [options.gitleaks, "dir", str(folder), "-f", "sarif", "-r", report, "--no-banner"]
    if options.betterleaks:
        made["Betterleaks"] = [options.betterleaks, str(folder), "-o", report, "--no-banner"]
    if options.kingfisher:
        only = ["--no-validate", "--format", "sarif", "--output", report]
        made["Kingfisher"] = [options.kingfisher, "scan", str(folder), *only]
    return made


def cell(command: list[str], out: Path) -> str:
    """How one run ended, in words that the next run says too."""
    started = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, preexec_fn=_limit, check=False)
    except subprocess.TimeoutExpired:
        return f"**no end in {SECONDS} s**"
    took = time.monotonic() - started
    roughly = next(f"< {limit} s" for limit in (1, 3, 10, 30, 60, 600) if took < limit)
    results = _results(out)
    found = "no report" if results is None else "found" if results else "not found"
    said = ", says what was not read" if b"INCOMPLETE" in done.stdout else ""
    ended = f"killed by signal {-done.returncode}" if done.returncode < 0 else f"exit {done.returncode}"
    return f"{found}, {ended}{said}, {roughly}"


def _results(out: Path) -> list[object] | None:
    """The results of a SARIF file, or Betterleaks' own findings; None where there is no such file."""
    try:
        found = json.loads(out.read_bytes())
        if isinstance(found, dict) and "findings" in found:
            return list(found["findings"])
        return [result for run in found["runs"] for result in run.get("results") or ()]
    except (OSError, ValueError, KeyError):
        return None


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def table(options: argparse.Namespace) -> str:
    """The whole table, Markdown."""
    rows: list[str] = []
    for name, given in MAKERS.items():
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place, "in")
            folder.mkdir()
            given.make(folder)
            cells = {}
            for who, command in commands(options, folder, Path(place, "out.json")).items():
                Path(place, "out.json").unlink(missing_ok=True)
                cells[who] = cell(command, Path(place, "out.json"))
            if not rows:
                rows += [f"| input | {' | '.join(cells)} |", "| --- |" + " --- |" * len(cells)]
            rows.append(f"| {given.what} | {' | '.join(cells.values())} |")
        sys.stderr.write(f"{name}\n")
    return "\n".join(rows)


def main() -> None:
    """Write the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for peer in ("gitleaks", "betterleaks", "kingfisher"):
        parser.add_argument(f"--{peer}", default="")
    made = table(parser.parse_args())
    os.environ.pop("PYTHONPATH", None)
    page = PAGE.read_text("utf-8")
    between = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    PAGE.write_text(between.sub(lambda _: f"{BEGIN}\n\n{made}\n\n{END}", page), "utf-8")


if __name__ == "__main__":
    main()
