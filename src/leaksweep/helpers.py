"""Copies of this process that look at contents beside it: threads would wait for Python's lock.

A content reaches a helper through memory that both share, and the answer says only in which ones there is something.
Those are searched again here, so that no secret is sent anywhere. A helper that dies takes nothing along: what it had
is searched here.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import select
import struct
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from heapq import heappop, heappush

from leaksweep import forks
from leaksweep.deadline import NEVER, Deadline
from leaksweep.model import OVERLAP, WINDOW, Blob

MOST = 8  #: helpers: what one process reads keeps no more of them busy
SLOTS = 8  #: groups of contents that a helper has at a time, so that it goes on while this process is busy
ROOM = WINDOW + OVERLAP + 1024 * 1024  #: bytes of a slot: a window, or small contents and what is said of each
FLYING = 32 * 1024 * 1024  #: bytes that all helpers together have at a time
_NUMBER = struct.Struct("<I")
_CONTENT = struct.Struct("<QQQQ??")  # size, offset, line, overlap, last, own

_SOMEWHERE = "inside"  # of another content: the path does not matter to a helper

Group = Sequence[Blob]

#: Says of contents, whose origins are their indexes, in which of them there is something.
Look = Callable[[Group], Collection[int]]


class Helpers:
    """As many as there are further processors, once they are started; before, nothing is taken."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._by_pipe: dict[int, _Helper] = {}
        self._poll = select.poll()
        self._started = False
        self._flying = 0

    def start(self) -> None:
        """Start them, if they are not. It takes some milliseconds, in which a small scan is over."""
        if self._started:
            return
        self._started = True
        with contextlib.suppress(OSError):  # no more processes or memory for us: then with those that there are
            for _ in range(min(MOST, forks.processors() - 1)):
                helper = _Helper(self._look)
                self._by_pipe[helper.answers] = helper
                self._poll.register(helper.answers, select.POLLIN)

    def take(self, group: Group) -> bool:
        """Have contents looked at, if there is room; ``answers`` tells what came of it."""
        need = size(group)
        free = max(self._by_pipe.values(), key=lambda helper: len(helper.free), default=None)
        if need > ROOM or self._flying + need > FLYING or free is None or not free.free:
            return False
        free.take(group)
        self._flying += need
        return True

    def answers(self, deadline: Deadline = NEVER, *, wait: bool = False) -> Iterator[Group]:
        """Of the groups that were looked at, those contents in which there is something. With ``wait``, of all groups,
        unless the deadline comes before.
        """
        while self._flying:
            patience = deadline.patience if wait else 0
            ready = self._poll.poll(None if patience is None else patience * 1000)
            if not ready:
                return
            for pipe, _ in ready:
                helper = self._by_pipe[pipe]
                slots = os.read(pipe, SLOTS)
                if not slots:
                    self._poll.unregister(pipe)
                for group, found in map(helper.answer, slots) if slots else helper.left():
                    self._flying -= size(group)
                    yield found

    @property
    def busy(self) -> bool:
        """Whether answers are due."""
        return self._flying > 0

    def stop(self) -> None:
        """End them, whatever they are doing; another thread may be waiting for them."""
        for helper in [*self._by_pipe.values()]:  # which that thread may be closing
            helper.end()

    def close(self) -> None:
        """End them and let go of what is shared with them; nobody waits any more."""
        self.stop()
        for helper in self._by_pipe.values():
            helper.close()
        self._by_pipe.clear()


class _Helper:
    """One of them, as this process sees it."""

    def __init__(self, look: Look) -> None:
        self._rooms = [mmap.mmap(-1, ROOM) for _ in range(SLOTS)]
        self._held: dict[int, Group] = {}
        self.free = list(range(SLOTS))
        asked, self._asks = os.pipe()
        try:
            self._process, self.answers = forks.copy(partial(_serve, self._rooms, look, asked))
        except OSError:
            os.close(self._asks)
            raise
        finally:
            os.close(asked)

    def take(self, group: Group) -> None:
        """Hand over contents that fit into a slot, of which one is free."""
        slot = heappop(self.free)  # the first, so that the memory of the others may never be needed
        _write(self._rooms[slot], group)
        self._held[slot] = group
        with contextlib.suppress(BrokenPipeError):  # it is dead: so says its other pipe
            os.write(self._asks, bytes([slot]))

    def answer(self, slot: int) -> tuple[Group, Group]:
        """The contents in a slot, and those in which there is something."""
        group, room = self._held.pop(slot), self._rooms[slot]
        count = _NUMBER.unpack_from(room)[0]
        indexes = (_NUMBER.unpack_from(room, (1 + i) * _NUMBER.size)[0] for i in range(count))
        found = [group[index] for index in indexes]
        heappush(self.free, slot)
        return group, found

    def left(self) -> list[tuple[Group, Group]]:
        """What it had when it died, in which there may be anything."""
        held, self._held, self.free = self._held, {}, []
        return [(group, group) for group in held.values()]

    def end(self) -> None:
        """End it, once: its number may be another process's afterwards."""
        process, self._process = self._process, 0
        if process:
            forks.end(process)

    def close(self) -> None:
        """Let go of what is shared with it."""
        os.close(self._asks)
        os.close(self.answers)
        for room in self._rooms:
            room.close()


def _serve(rooms: Sequence[mmap.mmap], look: Look, asked: int, told: int) -> None:
    """What a helper does, until nobody asks any more."""
    forks.let_go(keep=(asked, told))
    while slot := os.read(asked, 1):
        room = rooms[slot[0]]
        found = sorted(look(_read(room)))
        room.seek(0)
        room.write(b"".join(map(_NUMBER.pack, (len(found), *found))))
        os.write(told, slot)


def size(group: Group) -> int:
    """Bytes that contents take in a slot."""
    return _NUMBER.size + sum([_CONTENT.size + len(blob.data) for blob in group])


def _write(room: mmap.mmap, group: Group) -> None:
    room.seek(0)
    room.write(_NUMBER.pack(len(group)))
    room.write(b"".join([_CONTENT.pack(len(b.data), b.offset, b.line, b.overlap, b.last, b.own) for b in group]))
    for blob in group:
        room.write(blob.data)


def _read(room: mmap.mmap) -> list[Blob]:
    count = _NUMBER.unpack_from(room)[0]
    heads = [_CONTENT.unpack_from(room, _NUMBER.size + i * _CONTENT.size) for i in range(count)]
    room.seek(_NUMBER.size + count * _CONTENT.size)
    return [
        Blob(index, room.read(length), offset, line, overlap, last, "" if own else _SOMEWHERE)
        for index, (length, offset, line, overlap, last, own) in enumerate(heads)
    ]
