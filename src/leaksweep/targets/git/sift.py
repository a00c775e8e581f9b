"""Which contents of the packs hold nothing, found out without searching all of each.

Most contents are versions of one another, and a pack keeps them as what differs. Where a version holds nothing, and
nothing that goes on for longer than is looked at, the next one can hold something only where it is new. What may hold
something is read and searched as any other content, from git; so is what cannot be told here.
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

FAMILIES = 256  #: families that are one task, at least
TOGETHER = 1024 * 1024  #: bytes that are asked about at once
_AMOUNT = struct.Struct("<QQ")


class Sifted:
    """All contents of a store but trees: the ids of the clean ones, how many commits and bytes they are, and the ids of
    the others, among which there may be trees.
    """

    def __init__(self) -> None:
        self.clean: set[bytes] = set()
        self.commits = 0
        self.bytes = 0
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
        self.others = [name for name in others if name not in self.clean]

    def _add(self, answer: bytes, width: int) -> None:
        commits, size = _AMOUNT.unpack_from(answer)
        self.commits += commits
        self.bytes += size
        self.clean.update(answer[at : at + width] for at in range(_AMOUNT.size, len(answer), width))


def _work(pack: Pack, families: Families, count: int, sieve: Sieve, known: set[bytes], task: int) -> bytes:
    """What is clean in the ``task``-th ``count`` families: how many commits, how many bytes, and the ids.

    What another pack has, too, is ``known``.
    """
    commits = size = 0
    names: list[bytes] = []
    for version in _clean(families.of(families.roots[task * count : (task + 1) * count]), sieve):
        if (name := pack.name(version.number)) not in known:
            names.append(name)
            commits += version.kind == COMMIT
            size += version.size
    return _AMOUNT.pack(commits, size) + b"".join(names)


class _Judged:
    """What is known of versions by their numbers, for those that are made from them."""

    def __init__(self) -> None:
        self.settled: set[int] = set()  #: hold nothing, and nothing that another change may complete
        self.doubtful: set[int] = set()  #: hold nothing after all; the next one has to be looked at closely, too


def _clean(versions: Iterable[Version], sieve: Sieve) -> Iterator[Version]:
    """Those in which there is nothing."""
    judged = _Judged()
    group: list[Version] = []
    room = TOGETHER
    for version in versions:
        if not sieve.plain(version.text):
            continue
        group.append(version)
        room -= sum([end - start for start, end in version.parts]) if version.base >= 0 else len(version.text)
        if room <= 0:
            yield from _judge(group, sieve, judged)
            group, room = [], TOGETHER
    yield from _judge(group, sieve, judged)


def _judge(group: Sequence[Version], sieve: Sieve, judged: _Judged) -> Iterator[Version]:
    """Those that hold nothing."""
    pieces: list[bytes] = []
    owners: list[int] = []
    for number, version in enumerate(group):
        text = version.text
        some = [text[start:end] for start, end in version.parts] if version.base >= 0 else [text]
        pieces += some
        owners += [number] * len(some)
    ends, begins = ({owners[i] for i in found} for found in sieve.ask(pieces))
    for number, version in enumerate(group):
        holds, goes_on = number in ends, number in begins
        if version.base in judged.doubtful:
            holds = True
        elif version.base >= 0 and (holds or goes_on or version.base not in judged.settled):
            holds, goes_on = map(bool, sieve.ask([version.text]))
        if holds and not sieve.empty(version.text):
            continue
        (judged.doubtful if holds or goes_on else judged.settled).add(version.number)
        yield version
