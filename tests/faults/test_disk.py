"""A disk that is full, at each write: a whole report or none, one line, nothing left behind."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

import pytest

from leaksweep.cache import Cache
from support.fakes import github
from support.program import Ran, command, leaksweep

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    (tmp_path / "work/a.env").write_bytes(b"T=" + github("disk") + b"\n")
    return tmp_path / "work"


def scan_with_room(size: int, *arguments: str | Path) -> Ran:
    """A scan in a process that can make no file larger than this."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    call = command("scan", *arguments)
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, check=False, preexec_fn=limit)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("size", [0, 1, 1000])
def test_a_report_is_written_whole_or_not_at_all(size: int, work: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "old.json").write_text("what was there")
    reports = [
        f"--report=sarif={out / 'x.sarif'}",
        f"--report=json={out / 'old.json'}",
        f"--report=csv={out / 'a.csv'}",
    ]
    ran = scan_with_room(size, work, *reports)
    assert ran.code == 2
    assert "cannot be written: File too large; make room" in ran.error
    assert [file.name for file in out.iterdir()] == ["old.json"]
    assert (out / "old.json").read_text() == "what was there"


def test_a_cache_without_room_costs_nothing_but_time(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path / "cache")
    cache.write("rules-1", b"x" * 100)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, before[1]))
    try:
        cache.write("rules-2", b"y" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["rules-1"], "no half of a file stays"


@pytest.mark.parametrize("report", ["json", "summary", "sarif"])
def test_a_standard_output_that_takes_nothing_is_no_success(report: str, work: Path) -> None:
    with Path("/dev/full").open("w") as full:
        call = command("scan", work, f"--report={report}=-")
        done = subprocess.run(call, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr == "leaksweep: error: <stdout>: cannot be written: No space left on device; make room\n"


def test_a_device_is_no_file_for_a_report(work: Path) -> None:
    assert leaksweep("scan", work, "--report", "json=/dev/full").code == 2
