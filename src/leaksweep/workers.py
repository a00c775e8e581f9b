"""Scanning one target with all processors, to its end or to the run's deadline."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from functools import partial
from typing import TypeVar, cast

from leaksweep.deadline import NEVER, WORKER, Deadline
from leaksweep.engine import Engine
from leaksweep.helpers import Group, Helpers, size
from leaksweep.model import Blob
from leaksweep.progress import SILENT, Progress
from leaksweep.sieve import Sieve
from leaksweep.tally import TOGETHER, Tally, holds_others
from leaksweep.targets import Sifts, Target

ALONE = 4 * 1024 * 1024  #: bytes before which no helper is worth its start
ASIDE = 16 * 1024 * 1024  #: bytes of archives that wait for a helper
T = TypeVar("T")


def sweep(target: Target, engine: Engine, progress: Progress = SILENT, deadline: Deadline = NEVER) -> Tally:
    """Scan one target: this process reads it, and helpers and it search what was read.

    Where there is a deadline, a thread does it, so that this one is not stuck in whatever the target is stuck in.
    """
    crew = _Crew(target, engine, progress, deadline)
    if isinstance(target, Sifts):
        for read in () if crew.tally.cut else target.sift(partial(Sieve.of, engine), deadline):
            progress.tick(target, read)
    return crew.run() if deadline.seconds else crew.work()


class _Crew:
    """Who works on one target, and what came of it so far."""

    def __init__(self, target: Target, engine: Engine, progress: Progress, deadline: Deadline) -> None:
        self._target = target
        self._engine = engine
        self._progress = progress
        self._deadline = deadline
        self.tally = Tally()
        self.tally.cut = deadline.over
        self._helpers = Helpers(self._look)
        self._aside: deque[Group] = deque()
        self._room = ASIDE
        self._failures: list[BaseException] = []

    def work(self) -> Tally:
        """Scan, to the end or to the deadline."""
        try:
            for group in self._groups():
                if self.tally.bytes > ALONE:
                    self._helpers.start()
                self._hear()
                if not self._hands_over(group):
                    self._search(group)
                self._progress.tick(self._target, self.tally.bytes)
            for group in self._aside:
                if not self._helpers.take(group):
                    self._search(group)
            for found in self._helpers.answers(self._deadline, wait=True):
                self.tally.search(found, self._engine)
            self.tally.cut |= self._helpers.busy
        finally:
            self._helpers.close()
        return self.tally

    def run(self) -> Tally:
        """``work`` in a thread, which is left behind where it does not see the deadline."""
        self._helpers.start()  # while there is one thread
        worker = threading.Thread(target=self._guarded, daemon=True, name=WORKER)
        worker.start()
        try:
            worker.join(self._deadline.patience)
        finally:
            self._helpers.stop()
        if self._failures:
            raise self._failures[0]
        return self.tally.so_far() if worker.is_alive() else self.tally

    def _guarded(self) -> None:
        try:
            self.work()
        except BaseException as error:
            self._failures.append(error)

    def _groups(self) -> Iterator[Group]:
        """What there is to search, small contents together."""
        group: list[Blob] = []
        room = TOGETHER
        batches = iter(() if self.tally.cut else self._target.batches())
        for batch in self._until(batches):
            for blob in self.tally.noted(self._until(batch)):
                group.append(blob)
                room -= len(blob.data)
                if room <= 0:
                    yield group
                    group, room = [], TOGETHER
        if isinstance(batches, Generator):
            batches.close()
        yield group

    def _hear(self) -> None:
        """Search what helpers saw something in, and give them what was set aside."""
        for found in self._helpers.answers():
            self.tally.search(found, self._engine)
        while self._aside and self._helpers.take(self._aside[0]):
            self._room += size(self._aside.popleft())

    def _hands_over(self, group: Group) -> bool:
        """Leave a group to helpers, now or later; of what is known to hold something they could say no more."""
        if any(blob.only is not None for blob in group):
            return False
        return self._helpers.take(group) or self._sets_aside(group)

    def _sets_aside(self, group: Group) -> bool:
        """Leave what may take long for helpers, which would be through with what they have long before."""
        need = size(group)
        later = self._helpers.busy and need <= self._room and any(map(holds_others, group))
        if later:
            self._aside.append(group)
            self._room -= need
        return later

    def _search(self, group: Group) -> None:
        self.tally.search(self._until(group), self._engine)

    def _look(self, group: Group) -> set[int]:
        """What a helper does."""
        tally = Tally()
        tally.search(group, self._engine)
        return cast("set[int]", tally.origins())

    def _until(self, items: Iterable[T]) -> Iterator[T]:
        """The items up to the deadline; the tally is told where there may be more."""
        for item in items:
            if self._deadline.over:
                self.tally.cut = True
                return
            yield item
