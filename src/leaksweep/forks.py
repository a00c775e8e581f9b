"""Work in processes that are copies of this one, as many as there are processors, for what threads cannot share.

A copy has all that this process has, at the price of some milliseconds, and what it does is gone with it but for the
bytes that it sends. One that dies takes nothing along but its own work.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import struct
import threading
from collections.abc import Callable, Collection, Iterator
from functools import partial

from leaksweep.deadline import NEVER, Deadline

MOST = 16_384  #: tasks: their numbers fit a pipe that nobody reads yet
_TASK = struct.Struct("<H")
_LENGTH = struct.Struct("<I")
_PIECE = 1 << 20

Work = Callable[[int], bytes]


def spread(tasks: int, work: Work, deadline: Deadline = NEVER) -> Iterator[bytes]:
    """What ``work`` makes of each number below ``tasks`` (``MOST`` at most), in any order.

    What was not done when the deadline came, or by a process that died, is left out.
    """
    jobs = min(processors(), tasks)
    if jobs < 2:
        yield from _here(tasks, work, deadline)
        return
    queue = _queue(tasks)
    children: dict[int, int] = {}  # pipe -> process
    try:
        with contextlib.suppress(OSError):  # there may be no more processes for us: then with those that there are
            for _ in range(jobs):
                process, pipe = copy(partial(_take, queue, work, deadline))
                children[pipe] = process
        os.close(queue)
        yield from _answers(list(children), deadline) if children else _here(tasks, work, deadline)
    finally:
        for pipe, process in children.items():
            os.close(pipe)
            end(process)


def processors() -> int:
    """How many processes, this one among them, can work side by side."""
    if threading.active_count() > 1:  # a copy has one thread, and the others' locks as they stood
        return 1
    return len(os.sched_getaffinity(0))


def copy(do: Callable[[int], None]) -> tuple[int, int]:
    """Make a copy of this process that does this, given a pipe to write to, and no more: its number, and the pipe.

    Raises:
        OSError: there may be no more processes, or no more pipes.
    """
    read, write = os.pipe()
    try:
        process = os.fork()
    except OSError:
        os.close(read)
        os.close(write)
        raise
    if process:
        os.close(write)
        return process, read
    try:
        gc.freeze()  # what is there now stays: to look for garbage in it would write to memory that is shared
        do(write)
    finally:
        os._exit(0)  # whatever happened: nothing of the program's ending is for a copy to do


def end(process: int) -> None:
    """End a copy, which may have ended by itself."""
    with contextlib.suppress(ProcessLookupError, ChildProcessError):  # another thread is ending it, too
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def let_go(keep: Collection[int]) -> None:
    """Close what a copy has of files, pipes and connections but for these and the three that all programs have: whoever
    waits for the end of one would wait for the copy's, too.
    """
    for name in os.listdir("/proc/self/fd"):
        if (number := int(name)) > 2 and number not in keep:
            with contextlib.suppress(OSError):  # what this list was read from
                os.close(number)


def _here(tasks: int, work: Work, deadline: Deadline) -> Iterator[bytes]:
    for task in range(tasks):
        if deadline.over:
            return
        yield work(task)


def _queue(tasks: int) -> int:
    """A pipe that holds the numbers of the tasks: who reads one has it."""
    read, write = os.pipe()
    os.write(write, b"".join(map(_TASK.pack, range(tasks))))
    os.close(write)
    return read


def _take(queue: int, work: Work, deadline: Deadline, pipe: int) -> None:
    """What a copy does, until no task is left."""
    while not deadline.over and (task := os.read(queue, _TASK.size)):
        answer = work(_TASK.unpack(task)[0])
        _send(pipe, _LENGTH.pack(len(answer)) + answer)


def _send(pipe: int, data: bytes) -> None:
    sent = memoryview(data)
    while sent:
        sent = sent[os.write(pipe, sent) :]


def _answers(pipes: list[int], deadline: Deadline) -> Iterator[bytes]:
    """Complete answers as they come, until all have ended."""
    with selectors.DefaultSelector() as selector:
        held = {pipe: bytearray() for pipe in pipes}
        for pipe in pipes:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(deadline.patience)
            if not ready:
                return  # the deadline is over, and some process did not see it
            for key, _ in ready:
                data = os.read(key.fd, _PIECE)
                if not data:
                    selector.unregister(key.fd)
                held[key.fd] += data
                yield from _complete(held[key.fd])


def _complete(data: bytearray) -> Iterator[bytes]:
    """Take the complete answers that ``data`` begins with."""
    while len(data) >= _LENGTH.size:
        end = _LENGTH.size + _LENGTH.unpack_from(data)[0]
        if len(data) < end:
            return
        yield bytes(data[_LENGTH.size : end])
        del data[:end]
