"""Helpers look at contents beside this process: each content is answered for, once, whatever becomes of a helper."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from leaksweep.deadline import Deadline
from leaksweep.helpers import FLYING, ROOM, SLOTS, Group, Helpers
from leaksweep.model import Blob
from support.processes import allow_copies, children, descriptors


@pytest.fixture(autouse=True)
def three_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})


def with_x(group: Group) -> set[int]:
    """The indexes of contents that hold an x."""
    return {index for index, blob in enumerate(group) if blob.origin == index and b"x" in blob.data}


@contextmanager
def started(look: object) -> Iterator[Helpers]:
    helpers = Helpers(look)  # type: ignore[arg-type]  # tests have their own
    try:
        helpers.start()
        yield helpers
    finally:
        helpers.close()


def found(helpers: Helpers, groups: list[list[Blob]]) -> tuple[set[str], int]:
    """The origins of contents in which there is something, and how many groups were taken."""
    said: list[Blob] = []
    taken = 0
    for group in groups:
        for answer in helpers.answers():
            said.extend(answer)
        if helpers.take(group):
            taken += 1
        else:
            said.extend(blob for blob in group if b"x" in blob.data)
    for answer in helpers.answers(wait=True):
        said.extend(answer)
    assert not helpers.busy
    assert len(said) == len({blob.origin for blob in said})
    return {str(blob.origin) for blob in said}, taken


def groups(count: int = 300) -> list[list[Blob]]:
    return [[Blob(f"{i}/{n}", b"x" if (i + n) % 7 == 0 else b"o" * n * i) for n in range(i % 12)] for i in range(count)]


def test_each_content_is_answered_for_once() -> None:
    before = descriptors(), children()
    with started(with_x) as helpers:
        said, taken = found(helpers, groups())
    assert said == {str(blob.origin) for group in groups() for blob in group if b"x" in blob.data}
    assert taken > SLOTS
    assert (descriptors(), children()) == before


def test_a_content_arrives_as_it_is() -> None:
    windows = [
        Blob("w", b"\0\xff\n" * 1000, offset=2**40, line=2**33, overlap=65536, last=False),
        Blob("w", b"", offset=5, line=1, overlap=0, last=True),
    ]

    def same(group: Group) -> set[int]:
        return {i for i, blob in enumerate(group) if blob == windows[i]._replace(origin=i)}

    with started(same) as helpers:
        assert helpers.take(windows)
        assert list(helpers.answers(wait=True)) == [windows]


@pytest.mark.parametrize("allowed", [0, 1])
def test_where_there_may_be_no_more_processes_it_goes_on_with_those_there_are(
    allowed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = descriptors()
    allow_copies(allowed, monkeypatch)
    with started(with_x) as helpers:
        said, taken = found(helpers, groups())
    assert said == {str(blob.origin) for group in groups() for blob in group if b"x" in blob.data}
    assert (taken > 0) == (allowed > 0)
    assert descriptors() == before


def test_before_they_are_started_nothing_is_taken() -> None:
    helpers = Helpers(with_x)
    assert not helpers.take([Blob("a", b"x")])
    assert not list(helpers.answers(wait=True))
    helpers.close()


def test_beside_other_threads_there_are_none() -> None:
    ended = threading.Event()
    other = threading.Thread(target=ended.wait)
    other.start()
    try:
        with started(with_x) as helpers:
            assert not helpers.take([Blob("a", b"x")])
    finally:
        ended.set()
        other.join()


def test_what_does_not_fit_is_left_to_others() -> None:
    with started(with_x) as helpers:
        assert not helpers.take([Blob("large", bytes(ROOM))])
        assert helpers.take([Blob("fits", bytes(ROOM - 1000))])


def test_they_have_so_much_at_a_time() -> None:
    def stuck(_: Group) -> set[int]:
        time.sleep(60)
        return set()

    with started(stuck) as helpers:
        small = [helpers.take([Blob(i, b"x")]) for i in range(3 * SLOTS)]
        assert small == [True] * 2 * SLOTS + [False] * SLOTS
    with started(stuck) as helpers:
        large = [helpers.take([Blob(i, bytes(ROOM - 1000))]) for i in range(3 * SLOTS)]
        assert sum(large) == FLYING // ROOM


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_what_one_had_that_died_may_hold_anything(number: int) -> None:
    def dying(group: Group) -> set[int]:
        if any(b"deadly" in blob.data for blob in group):
            os.kill(os.getpid(), number)
        return with_x(group)

    before = children()
    with started(dying) as helpers:
        many = groups()
        for at in (5, 50, 100):
            many.insert(at, [Blob(f"deadly {at}", b"deadly x")])
        said, _ = found(helpers, many)
    assert said >= {str(blob.origin) for group in many for blob in group if b"x" in blob.data}
    assert children() == before


def test_an_error_is_not_an_answer() -> None:
    def failing(_: Group) -> set[int]:
        raise MemoryError

    with started(failing) as helpers:
        assert helpers.take([Blob("a", b"o")])
        assert helpers.take([Blob("b", b"o")])
        assert sorted(blob.origin for answer in helpers.answers(wait=True) for blob in answer) == ["a", "b"]  # type: ignore[type-var]


def test_a_deadline_ends_the_wait() -> None:
    def stuck(_: Group) -> set[int]:
        time.sleep(60)
        return set()

    class Soon(Deadline):
        patience = 0.2

    before = children()
    with started(stuck) as helpers:
        assert helpers.take([Blob("a", b"x")])
        start = time.monotonic()
        assert not list(helpers.answers(Soon(1), wait=True))
        assert helpers.busy
    assert time.monotonic() - start < 10
    assert children() == before


def test_they_hold_nothing_open_that_is_ours() -> None:
    read, write = os.pipe()
    with started(with_x) as helpers:
        assert helpers.take([Blob("a", b"x")])
        assert list(helpers.answers(wait=True))
        os.close(write)
        assert os.read(read, 1) == b""  # it would wait for a copy of the other end
    os.close(read)


def test_they_end_with_this_process() -> None:
    code = """
import os, signal, sys
from leaksweep.helpers import Helpers
from leaksweep.model import Blob
os.sched_getaffinity = lambda _: {0, 1}
helpers = Helpers(lambda group: set())
helpers.start()
print([helper._process for helper in helpers._by_pipe.values()][0], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == -signal.SIGKILL
    for _ in range(100):
        if not _runs(ran.stdout.strip()):
            return
        time.sleep(0.1)
    pytest.fail("it waits for somebody who is gone")


def _runs(process: str) -> bool:
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
