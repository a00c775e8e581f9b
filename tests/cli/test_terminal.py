"""The real program on a pseudo-terminal: colours and one screen there, plain text everywhere else."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from leaksweep.rules.expand import expand

REST = "GITHUB_TOKEN={crc32:ghp_:30}\n"


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    for n in range(40):
        (tmp_path / "work" / f"{n}.env").write_bytes(expand(REST, f"{n}").text)
    return tmp_path / "work"


def on_terminal(*arguments: str, **environ: str) -> str:
    """What the program writes on a terminal of 30 lines."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    program = [sys.executable, "-m", "leaksweep", "scan", *arguments]
    process = subprocess.Popen(program, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm", **environ})
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        written += part
    os.close(ours)
    assert process.wait() in (0, 1)
    return written.decode().replace("\r\n", "\n")


def test_a_terminal_gets_one_screen_in_colours(planted: Path) -> None:
    text = on_terminal(str(planted))
    assert text.count("\n") <= 29
    assert "\x1b[1;31mCRITICAL\x1b[0m" in text
    assert "All 40 secrets with places and what to do: --report html=leaksweep.html" in text


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_can_be_refused(planted: Path, environ: dict[str, str]) -> None:
    text = on_terminal(str(planted), **environ)
    assert "\x1b" not in text
    assert "CRITICAL" in text


def test_a_report_on_the_screen_leaves_the_summary_to_the_other_stream(planted: Path, tmp_path: Path) -> None:
    text = on_terminal(str(planted), f"--report=json={tmp_path}/out.json")
    assert f"All 40 secrets: {tmp_path}/out.json" in text


def test_a_pipe_gets_all_of_it_plain(planted: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "leaksweep", "scan", planted], capture_output=True, text=True, check=False
    )
    assert ran.stdout.count("CRITICAL") == 40
    assert "\x1b" not in ran.stdout


@pytest.mark.parametrize("terminal", [True, False])
def test_quiet_is_one_line(planted: Path, terminal: bool) -> None:
    command = [sys.executable, "-m", "leaksweep", "scan", "--quiet", str(planted)]
    piped = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    text = on_terminal("-q", str(planted)) if terminal else piped
    assert text == "leaksweep: 40 secrets found (40 critical)\n"
