"""One folder a case: ``input/`` (templates), ``args`` (optional), ``expected.*`` (one a report, and the exit code).

``UPDATE_GOLDEN=1`` writes what the program says now; read the difference before you commit it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from leaksweep import __version__
from leaksweep.rules.expand import expand

HERE = Path(__file__).parent
CASES = sorted(p.parent.name for p in HERE.glob("*/input"))
SUFFIX = {"sarif": "sarif", "json": "json", "summary": "txt"}  #: the others have tests of their own


def plant(case: Path, folder: Path) -> None:
    """The case's input with every template expanded; the seed is the file's path, so that each file differs."""
    for source in sorted(case.joinpath("input").rglob("*")):
        if source.is_file():
            name = source.relative_to(case / "input")
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(expand(source.read_text("utf-8"), case.name).text)


@pytest.mark.parametrize("name", CASES)
def test_reports_are_what_was_agreed(name: str, tmp_path: Path) -> None:
    case, work, out = HERE / name, tmp_path / "work", tmp_path / "out"
    work.mkdir()
    out.mkdir()
    plant(case, work)
    arguments = (case / "args").read_text().split() if (case / "args").exists() else []
    reports = [f"--report={kind}={out}/expected.{SUFFIX[kind]}" for kind in SUFFIX]
    done = subprocess.run(
        [sys.executable, "-m", "leaksweep", "scan", ".", *arguments, *reports],
        cwd=work,
        capture_output=True,
        check=False,
    )
    assert b"" == done.stderr
    assert (out / "expected.txt").read_bytes() == done.stdout
    (out / "expected.exit").write_text(f"{done.returncode}\n")
    for made in sorted(out.iterdir()):
        text = made.read_text("utf-8").replace(__version__, "@VERSION@")
        if os.environ.get("UPDATE_GOLDEN"):
            (case / made.name).write_text(text, "utf-8")
        assert (case / made.name).read_text("utf-8") == text
