"""Faults inside the process: workers that die, a clock that jumps, memory that must not be dumped."""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from support.fakes import github
from support.program import Ran, leaksweep
from support.repos import Repo

FILES = 30
pytestmark = pytest.mark.usefixtures("engine")

DIES = """
import leaksweep.engine as engine
scan, calls = engine.Engine.scan, [0]
def dying(self, blob, *more):
    calls[0] += 1
    if calls[0] == {call}:
        raise {error}
    return scan(self, blob, *more)
engine.Engine.scan = dying
"""
HELPERS_DIE = """
import os, signal
import leaksweep.engine as engine
scan, first, calls = engine.Engine.scan, os.getpid(), [0]
def dying(self, blob, *more):
    if os.getpid() != first:
        calls[0] += 1
        if calls[0] == 3:
            {how}
    return scan(self, blob, *more)
engine.Engine.scan = dying
os.sched_getaffinity = lambda _: {{0, 1, 2}}
"""
JUMPS = """
import itertools, time
real, jumps = time.time, itertools.cycle([0, 3e8, -3e8, 1e9, -1e9])
time.time = lambda: real() + next(jumps)
time.time_ns = lambda: int(time.time() * 1e9)
"""


def injected(code: str, folder: Path, *arguments: str | Path) -> Ran:
    """The program with this code run before it."""
    inject = folder / "inject"
    inject.mkdir(exist_ok=True)
    (inject / "sitecustomize.py").write_text(code)
    path = os.pathsep.join([str(inject), *filter(None, [os.environ.get("PYTHONPATH")])])
    return leaksweep("scan", *arguments, env={"PYTHONPATH": path})


@pytest.fixture
def work(tmp_path: Path) -> Path:
    repo = Repo(tmp_path / "work")
    for number in range(4):
        files = {f"f{number}_{n}__env": b"T=" + github(f"{number} {n}") + b"\n" for n in range(40)}
        repo.commit(f"{number}", **files)
    return repo.folder


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """More than one process searches alone: large files, small ones, and archives, with secrets among them."""
    work = tmp_path / "large"
    work.mkdir()
    filler = b"".join(b"value_%d = compute(%d)\n" % (i, i * 7) for i in range(20_000))
    for number in range(FILES):
        planted = filler + b"T=" + github(f"{number}") + b"\n" + filler[: number * 1000]
        name, content = (f"{number}.gz", gzip.compress(planted)) if number % 5 == 0 else (f"{number}.txt", planted)
        (work / name).write_bytes(content)
        (work / f"clean {number}.txt").write_bytes(filler)
    return work


@pytest.mark.parametrize("error", ["MemoryError", 'RuntimeError("T=ghp_x")', 'OSError(28, "ghp_x")', "RecursionError"])
@pytest.mark.parametrize("limit", [(), ("--time-limit", "1h")])
@pytest.mark.parametrize("call", [1, 100])
def test_a_worker_that_dies_is_never_a_clean_scan(
    error: str, call: int, limit: tuple[str, ...], work: Path, tmp_path: Path
) -> None:
    code = DIES.format(error=error, call=call)
    ran = injected(code, tmp_path, work, "--history", *limit, f"--report=json={tmp_path / 'out'}")
    assert ran.code in (3, 4)
    assert "ghp_x" not in ran.error
    assert not (tmp_path / "out").exists()


def test_an_end_of_input_that_nobody_asked_for_is_told_as_what_it_is(work: Path, tmp_path: Path) -> None:
    ran = injected(DIES.format(error='EOFError("marshal data too short")', call=1), tmp_path, work)
    assert ran.code == 4
    assert "this is a bug of leaksweep" in ran.err
    assert "EOFError" in ran.err


@pytest.mark.parametrize(
    "how", ["raise MemoryError", 'raise RuntimeError("T=ghp_x")', "os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"]
)
def test_a_helper_that_dies_takes_nothing_along(how: str, large: Path, tmp_path: Path) -> None:
    for name, code in (("well", "import os\nos.sched_getaffinity = lambda _: {0}\n"), ("dying", HELPERS_DIE)):
        ran = injected(
            code.format(how=how) if name == "dying" else code, tmp_path, large, f"--report=json={tmp_path / name}"
        )
        assert (ran.code, ran.err) == (1, "")
    assert (tmp_path / "well").read_bytes() == (tmp_path / "dying").read_bytes()
    assert len(json.loads((tmp_path / "dying").read_bytes())["findings"]) == FILES


def test_a_clock_that_jumps_changes_nothing(work: Path, tmp_path: Path) -> None:
    for name, code in (("still", ""), ("jumping", JUMPS)):
        arguments = ("--history", "--time-limit", "1h", f"--report=json={tmp_path / name}")
        assert (1, "") == injected(code, tmp_path, work, *arguments)[::2]
    assert (tmp_path / "still").read_bytes() == (tmp_path / "jumping").read_bytes()


def test_no_crash_leaves_the_memory_in_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "wait")
    show = (
        f'import resource; open({str(tmp_path / "wait")!r}, "w").write(str(resource.getrlimit(resource.RLIMIT_CORE)))'
    )
    (tmp_path / "sitecustomize.py").write_text(f"import atexit\natexit.register(lambda: exec({show!r}))\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    before = resource.getrlimit(resource.RLIMIT_CORE)
    with subprocess.Popen(
        [sys.executable, "-m", "leaksweep", "scan", "/nowhere"], env={**os.environ, "PYTHONPATH": path}
    ):
        said = (tmp_path / "wait").read_text()
    assert said == str((min(1, before[1]) if before[1] >= 0 else 1, before[1]))


def test_git_is_not_given_our_credentials(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit("x", a=b"x")
    (tmp_path / "bin").mkdir()
    git = tmp_path / "bin/git"
    real = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, text=True, check=True).stdout.strip()
    git.write_text(f'#!/bin/sh\nenv >> {tmp_path}/seen\nexec {real} "$@"\n')
    git.chmod(0o755)
    secret = "swordfish-" + "y" * 20
    names = ("LEAKSWEEP_REGISTRY_PASSWORD", "LEAKSWEEP_FINGERPRINT_KEY", "INPUT_REGISTRY-PASSWORD", "VAULT_TOKEN")
    env = dict.fromkeys(names, secret) | {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
    assert leaksweep("scan", repo.folder, "--history", env=env).code == 0
    seen = (tmp_path / "seen").read_text()
    assert "PATH=" in seen
    assert secret not in seen
