"""Each request of a scan of a registry's image × each way in which a registry fails: the same result, or exit 3."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from leaksweep.engine import Engine
from leaksweep.errors import ScanError
from leaksweep.model import Result
from leaksweep.scan import scan
from leaksweep.targets.image import open_image
from support.fakes import github
from support.gitscan import POLICY
from support.images import QUICK, Oci, tar
from support.program import leaksweep
from support.registry_stub import Request, Stub, stub

REQUESTS = 4  # manifest, configuration, two layers; before them, whether the host speaks TLS
Fault = Callable[[Request], object]


def _reset(request: Request) -> None:
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.connection.close()
    request.close_connection = True


def _torn(request: Request) -> None:
    """The first half of what was asked for."""
    oci, name = request.stub.oci, request.path.rpartition("/")[2]
    data = oci.blobs.get(name) or oci.blobs[request.stub.tag["digest"]]
    request.answer(200, data[: len(data) // 2], len(data))


FAULTS: dict[str, Fault] = {
    "500": lambda request: request.answer(500, b"oops"),
    "503 with a page": lambda request: request.answer(503, b"<html>" * 999),
    "429": lambda request: request.answer(429, b"{}", Retry_After="0"),
    "429 for a while": lambda request: request.answer(429, b"{}", Retry_After="1"),
    "reset": _reset,
    "torn": _torn,
    "stall": lambda request: time.sleep(QUICK.read_timeout + 0.5),
}


@pytest.fixture
def registry() -> Iterator[Stub]:
    oci = Oci()
    tag = oci.image(tar(("a.env", b"T=" + github("one") + b"\n")), tar(("b.env", b"T=" + github("two") + b"\n")))
    with stub(oci, tag) as running:
        yield running


def look(registry: Stub, engine: Engine) -> Result:
    return scan([open_image(f"docker://{registry.name}", QUICK)], engine, POLICY)


def failing(registry: Stub, fault: Fault, at: int, times: int) -> None:
    """The request that is the ``at``-th in a scan without faults fails, and so do repetitions of it."""
    order: list[str] = []
    left = [times]

    def misbehave(request: Request) -> bool:
        if request.path not in order:
            order.append(request.path)
        if order.index(request.path) != at or not left[0]:
            return False
        left[0] -= 1
        fault(request)
        return True

    registry.misbehave = misbehave


@pytest.mark.parametrize("name", FAULTS)
def test_a_request_that_fails_once_is_made_again_whichever_it_is(name: str, registry: Stub, engine: Engine) -> None:
    whole = look(registry, engine)
    assert (2, ()) == (len(whole.findings), whole.skipped)
    assert REQUESTS == len({path for path, _, _ in registry.seen})
    for at in range(REQUESTS):
        failing(registry, FAULTS[name], at, times=1)
        asked = len(registry.seen)
        assert look(registry, engine) == whole, at
        assert len(registry.seen) - asked == REQUESTS + 1, "the fault must have happened"


@pytest.mark.parametrize("name", ["500", "429", "reset", "torn"])
@pytest.mark.parametrize("at", range(REQUESTS))
def test_a_request_that_fails_each_time_ends_the_scan(name: str, at: int, registry: Stub, engine: Engine) -> None:
    failing(registry, FAULTS[name], at, times=99)
    with pytest.raises(ScanError, match=r"registry|transfer|broke"):
        look(registry, engine)


def test_the_program_says_the_same_after_a_fault(registry: Stub, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    out = tmp_path / "out.json"
    arguments = ("scan", tmp_path / "work", "--image", f"docker://{registry.name}", f"--report=json={out}")
    assert leaksweep(*arguments).code == 1
    wanted = out.read_bytes()
    for name, at in (("429 for a while", 0), ("reset", REQUESTS - 1)):
        failing(registry, FAULTS[name], at, times=1)
        asked = len(registry.seen)
        assert leaksweep(*arguments).code == 1
        assert len(registry.seen) > asked + 1
        assert out.read_bytes() == wanted


def test_the_program_says_in_one_line_that_a_registry_stays_broken(registry: Stub, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    failing(registry, FAULTS["500"], 0, times=99)
    ran = leaksweep("scan", tmp_path / "work", "--image", f"docker://{registry.name}")
    assert ran.code == 3
    assert "cannot be read: it answers with status 500" in ran.error
