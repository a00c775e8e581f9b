"""Scanning one target with all processors, to its end or to the run's deadline."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Generator, Iterable, Iterator
from functools import partial
from typing import TypeVar

from leaksweep.deadline import NEVER, WORKER, Deadline
from leaksweep.engine import Engine
from leaksweep.progress import SILENT, Progress
from leaksweep.sieve import Sieve
from leaksweep.tally import Tally
from leaksweep.targets import Batch, Sifts, Target

T = TypeVar("T")


def sweep(target: Target, engine: Engine, progress: Progress = SILENT, deadline: Deadline = NEVER) -> Tally:
    """Scan one target: each worker takes the next batch when it is free.

    Producing a batch (walking, unpacking) is done by the worker that asks for it, under a lock, while the others
    scan; Hyperscan, decompression and hashing run outside the interpreter lock. So there is no queue to fill memory.
    """
    whole = Tally()
    whole.cut = deadline.over
    if not whole.cut:
        if isinstance(target, Sifts):
            for read in target.sift(partial(Sieve.of, engine), deadline):
                progress.tick(target, read)
        for tally in _Crew(target, engine, progress, deadline).run():
            whole.add(tally)
    return whole


class _Crew:
    """The workers on one target, a tally each."""

    def __init__(self, target: Target, engine: Engine, progress: Progress, deadline: Deadline) -> None:
        self._target = target
        self._engine = engine
        self._progress = progress
        self._deadline = deadline
        self._batches = iter(target.batches())
        self._lock = threading.Lock()
        self._failures: list[BaseException] = []
        self._tallies = [Tally() for _ in range(max(1, len(os.sched_getaffinity(0))))]

    def run(self) -> list[Tally]:
        """Scan; what each worker did. This thread is one of them, or it waits for all, so as not to be stuck itself."""
        own, helped = ([], self._tallies) if self._deadline.seconds else (self._tallies[:1], self._tallies[1:])
        helpers = [threading.Thread(target=self._work, args=(tally,), daemon=True, name=WORKER) for tally in helped]
        for helper in helpers:
            helper.start()
        for tally in own:
            self._work(tally)
        for helper in helpers:
            helper.join(self._deadline.patience)
        if self._failures:
            raise self._failures[0]
        done = own + [t.so_far() if h.is_alive() else t for h, t in zip(helpers, helped, strict=True)]
        if any(tally.cut for tally in done) and isinstance(self._batches, Generator):
            with contextlib.suppress(ValueError):  # a worker that was left behind is in it
                self._batches.close()
        return done

    def _work(self, tally: Tally) -> None:
        try:
            for batch in _until(self._deadline, tally, self._shared()):
                tally.take(_until(self._deadline, tally, batch), self._engine)
                self._progress.tick(self._target, sum(some.bytes for some in self._tallies))
                if self._failures:
                    return
        except BaseException as error:
            self._failures.append(error)
            if not isinstance(error, Exception):
                raise  # interrupted: nobody waits for the others

    def _shared(self) -> Iterator[Batch]:
        while True:
            with self._lock:
                batch = next(self._batches, None)
            if batch is None:
                return
            yield batch


def _until(deadline: Deadline, tally: Tally, items: Iterable[T]) -> Iterator[T]:
    """The items up to the deadline; the tally is told where there may be more."""
    for item in items:
        if deadline.over:
            tally.cut = True
            return
        yield item
