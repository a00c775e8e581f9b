"""What tests of targets have in common."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from leaksweep.targets.git.inventory import Entry
from leaksweep.targets.git.objects import Contents
from leaksweep.targets.git.repository import Process


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many objects each batch asks git for."""
    counts: list[int] = []
    ask = Contents._ask

    def counted(self: Contents, process: Process, batch: Sequence[Entry]) -> None:
        counts.append(len(batch))
        ask(self, process, batch)

    monkeypatch.setattr(Contents, "_ask", counted)
    return counts
