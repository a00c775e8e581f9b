"""What tests of copies of this process ask of the system, and what it may refuse."""

from __future__ import annotations

import gc
import os
import subprocess

import pytest


def descriptors() -> int:
    """How many files and pipes this process has open, without those of garbage."""
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


def children() -> set[str]:
    """The processes that this one started and whose end it has not heard of, without those of garbage."""
    gc.collect()
    call = ["ps", "-o", "pid=", "--ppid", str(os.getpid())]
    shown = subprocess.run(call, capture_output=True, text=True, check=False).stdout.split()
    return {number for number in shown if os.path.exists(f"/proc/{number}")}  # ps itself is gone


def allow_copies(allowed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on there may be so many more copies of this process."""
    fork, left = os.fork, [None] * allowed

    def forks() -> int:
        if not left:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        left.pop()
        return fork()

    monkeypatch.setattr(os, "fork", forks)
