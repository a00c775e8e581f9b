"""Public halves of key pairs, sighted beside the secrets.

They are no findings, and nothing reads them where no private key is found. Each is kept as a short hash with its place,
so that triage can name what a key opens; of very many only those with the smallest hashes stay, whatever the order in
which they were seen.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from leaksweep.model import Blob, Hint, Witness

if TYPE_CHECKING:
    from leaksweep.engine.halves import Text

TRIES = 2000  #: in one blob: a system's bundle has 150 certificates
KEPT = 10_000  #: of one target
WAITING = 1024 * 1024  #: bytes of texts that are not read yet


class Sighted(NamedTuple):
    """A witness, and the blob it was in."""

    witness: Witness
    origin: Hashable
    inside: str

    def beats(self, other: Sighted) -> bool:
        """Which of two with the same key is told: the one that is valid longest, then the first by place."""
        mine, others = self.witness[2:], other.witness[2:]
        if mine != others:
            return mine[::-1] > others[::-1]
        return self._place() < other._place()

    def _place(self) -> tuple[str, bool, str]:
        return (repr(self.origin), not self.inside, self.inside)  # a tar shows its files from outside too


class Witnesses:
    """What was sighted, bounded: one certificate and one public key for each key.

    Texts wait until someone asks, which happens where a private key was found, or until they are many.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self.origins: set[Hashable] = set()  #: the blobs that they were in, and those of what was left out
        self._cut = False
        self._kept = kept
        self._waiting: list[tuple[Text, Hashable, str]] = []
        self._size = 0
        self._seen: dict[tuple[bytes, str], Sighted] = {}
        self._beaten: list[Sighted] = []  # the same keys elsewhere

    def __bool__(self) -> bool:
        return bool(self._waiting or self._seen)

    def __len__(self) -> int:
        return len(self._read())

    @property
    def cut(self) -> bool:
        """Whether some were left out."""
        self._read()
        return self._cut

    def look(self, blob: Blob, hits: Collection[tuple[int, int]]) -> None:
        """Add what stands in the blob at these (pattern, end of its match)."""
        from leaksweep.engine.halves import texts_at  # most scans see none

        self.origins.add(blob.origin)
        self._cut |= len(hits) > TRIES
        texts = texts_at(blob.data, sorted(hits, key=itemgetter(1))[:TRIES])
        self._wait([(text, blob.origin, blob.inside) for text in texts])

    def add(self, more: Iterable[Sighted]) -> None:
        """Add these; the outcome is the same in whatever order they come."""
        for sighted in more:
            key = (sighted.witness.key, sighted.witness.what)
            known = self._seen.get(key)
            if known is None or sighted.beats(known):
                self._seen[key] = sighted
            if known is not None and len(self._beaten) <= self._kept:
                self._beaten.append(known if self._seen[key] is sighted else sighted)
            if len(self._seen) > 2 * self._kept:
                self._trim()

    def all(self) -> Iterator[Sighted]:
        """Everything that was kept."""
        return iter(self._read().values())

    def of(self, keys: Collection[bytes]) -> Iterator[Sighted]:
        """Those of these keys."""
        return (sighted for sighted in self.all() if sighted.witness.key in keys)

    def recall(self, hints: Iterable[Hint]) -> None:
        """Add what an earlier run saw."""
        sighted = [Sighted(hint.witness, hint.origin, hint.inside) for hint in hints]
        self.origins.update(some.origin for some in sighted)
        self.add(sighted)

    def hints(self) -> list[Hint] | None:
        """All that was sighted, for a later run; None if some of it is no longer known."""
        if self.cut or len(self._beaten) > self._kept:
            return None
        every = {Hint(some.origin, some.inside, some.witness) for some in (*self.all(), *self._beaten)}
        return sorted(every, key=repr)

    def _wait(self, more: Sequence[tuple[Text, Hashable, str]]) -> None:
        self._waiting.extend(more)
        self._size += sum(len(text.text) for text, _, _ in more)
        if self._size > WAITING:
            self._read()

    def _read(self) -> dict[tuple[bytes, str], Sighted]:
        """All of them, read and bounded."""
        if self._waiting:
            self._read_waiting()
        self._trim()
        return self._seen

    def _read_waiting(self) -> None:
        """The same text is read once."""
        from leaksweep.engine.halves import witnesses

        known: dict[Text, tuple[Witness, ...]] = {}
        waiting, self._waiting, self._size = self._waiting, [], 0
        for text, origin, inside in waiting:
            if text not in known:
                known[text] = tuple(witnesses(text))
            self.add(Sighted(witness, origin, inside) for witness in known[text])

    def _trim(self) -> None:
        if len(self._seen) > self._kept:
            self._cut = True
            self._seen = {key: self._seen[key] for key in sorted(self._seen)[: self._kept]}
