"""What one process reads and several search: each content once, whatever is set aside, and in bounded memory."""

from __future__ import annotations

import gzip
import os
from collections.abc import Collection, Hashable, Iterable, Iterator

import pytest

from leaksweep import workers
from leaksweep.engine import Engine
from leaksweep.helpers import SLOTS
from leaksweep.model import Account, Blob, File, Known, Place, Skipped
from leaksweep.tally import Tally
from leaksweep.workers import sweep
from support.fakes import github


class Contents:
    """A target of these items, in batches of three."""

    name, run, stage = "contents", "workspace", None

    def __init__(self, items: list[Blob | Skipped | Known]) -> None:
        self._items = items

    def batches(self) -> Iterator[list[Blob | Skipped | Known]]:
        for at in range(0, len(self._items), 3):
            yield self._items[at : at + 3]

    def locate(self, origins: Collection[Hashable]) -> dict[Hashable, tuple[Place, ...]]:
        return {origin: (File(str(origin)),) for origin in origins}

    def account(self, blobs: int, size: int) -> Account:
        return Account(())


def items(count: int) -> list[Blob | Skipped | Known]:
    """Plain contents and archives, some with a secret, and what is only told."""
    found: list[Blob | Skipped | Known] = [Skipped("a", "b"), Known(5, 50)]
    for number in range(count):
        text = b"value = compute(%d)\n" % number * (number % 40 * 1000)
        text += b"T=" + github(f"{number}") + b"\n" if number % 5 == 0 else b""
        found.append(Blob(number, gzip.compress(text) if number % 3 == 0 else text))
    return found


def seen(tally: Tally) -> tuple[object, ...]:
    sightings = {(s.origin, s.inside, s.match.span, s.location) for s in tally.sightings}
    assert len(sightings) == len(tally.sightings)
    return sightings, tally.skipped, tally.blobs, tally.bytes, tally.cut


@pytest.mark.parametrize("aside", [0, 1000, workers.ASIDE])
@pytest.mark.parametrize("processors", [2, 3])
def test_several_find_what_one_finds(
    processors: int, aside: int, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    alone = seen(sweep(Contents(items(200)), engine))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
    monkeypatch.setattr(workers, "ALONE", 0)
    monkeypatch.setattr(workers, "ASIDE", aside)
    monkeypatch.setattr(workers, "TOGETHER", 5000)
    assert seen(sweep(Contents(items(200)), engine)) == alone
    assert len(alone[0]) == 40  # type: ignore[arg-type]


@pytest.mark.parametrize(("aside", "first"), [(0, "archive"), (workers.ASIDE, "plain")])
def test_what_is_plain_is_searched_before_archives_for_which_no_helper_has_room(
    aside: int, first: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(workers, "ALONE", 0)
    monkeypatch.setattr(workers, "ASIDE", aside)
    monkeypatch.setattr(workers, "TOGETHER", 1)
    here, own = os.getpid(), []
    search = Tally.search

    def noted(self: Tally, blobs: Iterable[Blob], engine: Engine) -> None:
        blobs = list(blobs)
        own.extend([str(blob.origin) for blob in blobs] if os.getpid() == here else [])
        search(self, blobs, engine)

    monkeypatch.setattr(Tally, "search", noted)
    slow = gzip.compress(b"value = compute(1)\n" * 200_000)
    many = [Blob("archive", slow)] * (SLOTS + 2) + [Blob("plain", b"value = 1\n")] * 3
    sweep(Contents([*many]), engine)
    assert own[0] == first
    assert {"archive", "plain"} == set(own)
