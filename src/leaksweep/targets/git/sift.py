"""Which contents of the packs hold nothing, found out without searching all of each.

Most contents are versions of one another, and a pack keeps them as what differs. So each one is asked about only where
it is new; what may end in the rest of it is known from the version before, unless something begins there that is so
wide that the change may complete it. What holds something is read and searched as any other content, from git; so is
what cannot be told here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from leaksweep.deadline import Deadline
from leaksweep.forks import MOST, spread
from leaksweep.targets import Sieve
from leaksweep.targets.git.packs import COMMIT, Pack, Store
from leaksweep.targets.git.versions import Families, Version
from leaksweep.traces import Trace, joined

FAMILIES = 256  #: families that are one task, at least
TOGETHER = 1024 * 1024  #: bytes that are asked about at once
PLACES = 100_000  #: in traces that are known at a time
_AMOUNT = struct.Struct("<QQQ")  # commits and bytes of what is clean, and how many contents it is


class Sifted:
    """All contents of a store but trees: the ids of the clean ones, how many commits and bytes they are, of those that
    hold something, and of the others, among which there may be trees.
    """

    def __init__(self) -> None:
        self.clean: set[bytes] = set()
        self.commits = 0
        self.bytes = 0
        self.held: dict[bytes, None] = {}  #: nothing is packed in these
        self.others: list[bytes] = []  #: in the order of the packs, in which git reads them fastest

    def sift(self, there: Store, sieve: Sieve, deadline: Deadline) -> Iterator[int]:
        """Find out which contents of the packs are clean; of what is a file of its own, nothing is found out."""
        others: dict[bytes, None] = {}
        for pack in there.packs:
            families = Families(pack, sieve.around)
            others |= dict.fromkeys(map(pack.name, families.members()))
            size = max(FAMILIES, len(families.roots) * 2 // MOST)
            work = partial(_work, pack, families, size, sieve, self.clean)
            for answer in spread(-(-len(families.roots) // size), work, deadline):
                self._add(answer, pack.width)
                yield self.bytes
        others |= dict.fromkeys(there.loose)
        self.others = [name for name in others if name not in self.clean and name not in self.held]

    def _add(self, answer: bytes, width: int) -> None:
        commits, size, clean = _AMOUNT.unpack_from(answer)
        self.commits += commits
        self.bytes += size
        names = [answer[at : at + width] for at in range(_AMOUNT.size, len(answer), width)]
        self.clean.update(names[:clean])
        self.held |= dict.fromkeys(names[clean:])


def _work(pack: Pack, families: Families, count: int, sieve: Sieve, known: set[bytes], task: int) -> bytes:
    """What is in the ``task``-th ``count`` families: how much is clean, those ids, and those of what holds something.

    What another pack has, too, is ``known``.
    """
    commits = size = 0
    names: list[bytes] = []
    held: list[bytes] = []
    for version, empty in _judged(families.of(families.roots[task * count : (task + 1) * count]), sieve):
        name = pack.name(version.number)
        if not empty:
            held.append(name)
        elif name not in known:
            names.append(name)
            commits += version.kind == COMMIT
            size += version.size
    return _AMOUNT.pack(commits, size, len(names)) + b"".join(names + held)


class _Known:
    """What is known of versions by their numbers, for those that are made from them."""

    def __init__(self) -> None:
        self.nothing: set[int] = set()  #: of these, that no trace of anything is in them
        self._traces: dict[int, Trace] = {}
        self._places = 0

    def before(self, version: Version) -> Trace | None:
        """What a version has from the one that it is made from; None if that is not known."""
        if version.base in self.nothing:
            return Trace()
        trace = self._traces.get(version.base)
        return trace.moved(version.runs, len(version.text)) if trace else None

    def add(self, version: Version, trace: Trace) -> None:
        """Remember what is in a version; of very many places, some are forgotten."""
        if not trace.ends and not trace.begins and not trace.goes_on:
            self.nothing.add(version.number)
            return
        self._traces[version.number] = trace.bounded()
        self._places += len(trace.ends) + len(trace.begins)
        if self._places > PLACES:
            self._traces, self._places = {}, 0


def _judged(versions: Iterable[Version], sieve: Sieve) -> Iterator[tuple[Version, bool]]:
    """Those in which nothing is packed, each with whether there is nothing in it."""
    known = _Known()
    group: list[Version] = []
    room = TOGETHER
    for version in versions:
        if not sieve.plain(version.text):
            continue
        group.append(version)
        room -= sum([end - start for start, end in version.parts]) if version.base >= 0 else len(version.text)
        if room <= 0:
            yield from _judge(group, sieve, known)
            group, room = [], TOGETHER
    yield from _judge(group, sieve, known)


def _judge(group: Sequence[Version], sieve: Sieve, known: _Known) -> Iterator[tuple[Version, bool]]:
    """Each with whether there is nothing in it."""
    pieces: list[bytes] = []
    places: list[tuple[int, int]] = []  # of each piece: whose it is, and where it begins there
    for number, version in enumerate(group):
        for start, end in version.parts if version.base >= 0 else [(0, len(version.text))]:
            pieces.append(version.text[start:end])
            places.append((number, start))
    new: dict[int, list[tuple[int, Trace]]] = {}
    for piece, trace in sieve.ask(pieces).items():
        number, start = places[piece]
        new.setdefault(number, []).append((start, trace))
    for number, version in enumerate(group):
        if number not in new and (version.base < 0 or version.base in known.nothing):  # as nearly all are
            known.nothing.add(version.number)
            yield version, True
            continue
        trace = _trace(version, joined(new.get(number, ()), len(version.text)), sieve, known)
        known.add(version, trace)
        yield version, not trace.holds or sieve.empty(version.text, trace)


def _trace(version: Version, new: Trace, sieve: Sieve, known: _Known) -> Trace:
    """Of a whole version, with what is ``new`` in it."""
    if version.base < 0:
        return new
    before = known.before(version)
    if before is None or new.begins or new.goes_on:
        return sieve.ask([version.text]).get(0, Trace())
    return new._replace(ends=new.ends | before.ends, begins=before.begins)
