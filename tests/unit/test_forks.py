"""Work in copies of this process: all of it is done, once, or what was not is left out and nobody waits for it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter

import pytest

from leaksweep import forks
from leaksweep.deadline import Deadline
from leaksweep.forks import MOST, spread
from support.processes import allow_copies, children, descriptors


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def slow(_: int) -> bytes:
    time.sleep(60)
    return b""


@pytest.mark.parametrize("tasks", [0, 1, 2, 3, 1000, MOST])
def test_each_task_is_done_once(tasks: int) -> None:
    before = descriptors()
    answers = Counter(spread(tasks, lambda task: b"%d" % task))
    assert answers == Counter(b"%d" % task for task in range(tasks))
    assert descriptors() == before


def test_it_is_done_by_other_processes() -> None:
    assert str(os.getpid()).encode() not in set(spread(20, lambda _: b"%d" % os.getpid()))


@pytest.mark.parametrize("allowed", [0, 1])
def test_where_there_may_be_no_more_processes_all_is_done(allowed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before = descriptors()
    allow_copies(allowed, monkeypatch)
    answers = Counter(spread(50, lambda task: b"%d" % task))
    assert answers == Counter(b"%d" % task for task in range(50))
    assert descriptors() == before


def test_long_answers() -> None:
    answers = list(spread(6, lambda task: bytes([task]) * 3_000_000))
    assert sorted(answer[:1] + b"%d" % len(answer) for answer in answers) == [
        bytes([task]) + b"3000000" for task in range(6)
    ]


def test_one_that_dies_takes_along_its_own_work_alone() -> None:
    def work(task: int) -> bytes:
        if task == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return b"%d" % task

    answers = set(spread(50, work))
    assert b"3" not in answers
    assert len(answers) == 49


def test_what_goes_wrong_in_one_is_not_told(capfd: pytest.CaptureFixture[str]) -> None:
    def work(task: int) -> bytes:
        if task == 3:
            raise ValueError("a secret")
        return b"%d" % task

    assert len(set(spread(50, work))) >= 49
    assert capfd.readouterr() == ("", "")


def test_nobody_waits_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leaksweep.deadline.GRACE", 0.2)
    start = time.monotonic()
    assert list(spread(4, slow, Deadline(0.1))) == []
    assert time.monotonic() - start < 20


def test_after_the_deadline_nothing_is_begun() -> None:
    over = Deadline(0.001)
    time.sleep(0.01)
    assert list(spread(4, lambda _: b"x", over)) == []


def test_who_stops_asking_leaves_no_process_behind() -> None:
    before = children()
    answers = spread(100, lambda task: slow(task) if task else b"x")
    assert next(answers) == b"x"
    assert len(children() - before) == 2
    answers.close()  # type: ignore[attr-defined]
    assert children() == before


def test_with_another_thread_it_is_done_here() -> None:
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        assert set(spread(3, lambda _: b"%d" % os.getpid())) == {b"%d" % os.getpid()}
    finally:
        done.set()
        other.join()


def test_with_one_processor_it_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    monkeypatch.setattr(forks, "copy", None)
    assert len(list(spread(3, lambda _: b"x"))) == 3
