"""What tests of copies of this process ask of the system, and what it may refuse."""

from __future__ import annotations

import os

import pytest


def descriptors() -> int:
    """How many files and pipes this process has open."""
    return len(os.listdir("/proc/self/fd"))


def allow_copies(allowed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on there may be so many more copies of this process."""
    fork, left = os.fork, [None] * allowed

    def forks() -> int:
        if not left:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        left.pop()
        return fork()

    monkeypatch.setattr(os, "fork", forks)
