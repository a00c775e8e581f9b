"""The real program over every hostile input: it ends soon, in little memory, with the right exit code, and says why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.hostile import MAKERS, token
from support.program import IN_CONTAINER, leaksweep
from support.require import require_that

SECONDS = 60  #: generous: each takes a few; none may hang
PEAK = 700 << 20  #: bytes of memory of one process


@pytest.mark.parametrize("name", MAKERS)
def test_it_ends_with_the_right_code_and_says_what_was_not_read(name: str, tmp_path: Path) -> None:
    given, folder, report = MAKERS[name], tmp_path / "in", tmp_path / "out.json"
    folder.mkdir()
    given.make(folder)
    done = leaksweep("scan", folder, "--report", f"json={report}", timeout=SECONDS)
    assert done.code in given.codes, done
    assert "Traceback" not in done.err
    assert token().decode() not in done.out + done.err + report.read_text()
    result = json.loads(report.read_bytes())
    assert bool(result["findings"]) is given.found or 0 in given.codes
    assert all(gap["what"] and gap["why"] for gap in result["skipped"])
    assert result["complete"] is not result["skipped"] or not result["skipped"]
    assert not (folder / "ran").exists()
    assert not any(c in done.out for c in "\x1b\x07")


@pytest.mark.parametrize("name", ["zip-bomb", "gzip-bomb", "sparse-terabyte", "endless-line", "repeated-secret"])
def test_memory_is_bounded_whatever_it_claims(name: str, tmp_path: Path) -> None:
    require_that(not IN_CONTAINER, "a process of our own to measure")
    MAKERS[name].make(tmp_path)
    measured = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "leaksweep", "scan", sys.argv[1]], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""
    done = subprocess.run([sys.executable, "-c", measured, tmp_path], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < PEAK


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    """It grows, shrinks and vanishes under the scan: never a crash, never silence."""
    script = """
import os, sys
while True:
    for size in (0, 9_000_000, 100, 20_000_000):
        with open(sys.argv[1], "wb") as stream:
            stream.write(b"x" * size)
    os.unlink(sys.argv[1])
"""
    writer = subprocess.Popen([sys.executable, "-c", script, os.fspath(tmp_path / "moving")])
    try:
        until = time.monotonic() + 4
        while time.monotonic() < until:
            done = leaksweep("scan", tmp_path, timeout=SECONDS)
            assert done.code in (0, 3), done
            assert "Traceback" not in done.err
            assert (done.code == 3) == ("INCOMPLETE" in done.out), done
    finally:
        writer.kill()
        writer.wait()
