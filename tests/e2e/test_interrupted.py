"""Ctrl-C, and a CI that stops a job: a whole report or none, exit 3, one line, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _begun(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """A scan in a process of its own, in a session of its own: a shell's signals for groups reach it alone."""
    return subprocess.Popen(
        [sys.executable, "-m", "leaksweep", "scan", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
        start_new_session=True,
    )


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """More than can be scanned before it is stopped: links to one file, each read for itself."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "0.txt").write_bytes(b"".join(b"value_%d = compute(%d)\n" % (i, i * 7) for i in range(1_000_000)))
    for i in range(1, 400):
        os.link(work / "0.txt", work / f"{i}.txt")
    return tmp_path


@pytest.mark.usefixtures("engine")  # compiled before, else it is the compiler that is interrupted
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_ends_a_scan_with_exit_3_and_no_report(large: Path, number: signal.Signals) -> None:
    (large / "old.sarif").write_text("what was there")
    process = _begun(large, "work", "--report", "sarif=old.sarif", "--report", "json=new.json")
    time.sleep(1.5)  # whatever it does by then: it has begun, and is far from its end
    assert process.poll() is None, "the scan must not be through by now, or this proves nothing"
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 3
    assert err.splitlines()[-1] == f"leaksweep: error: interrupted by {number.name}: no report was written; scan again"
    assert "Traceback" not in out + err
    assert (large / "old.sarif").read_text() == "what was there"
    assert sorted(os.listdir(large)) == ["old.sarif", "work"], "no report, no temporary file"
