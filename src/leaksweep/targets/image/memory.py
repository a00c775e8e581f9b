"""What earlier runs learned of layers, so that they are not fetched and scanned again: one file for each set of rules.

A layer is known by the digest of its bytes as its manifest names them, which was verified when it was read; whatever
has that digest later on is the same. Of a clean layer all that an image needs is remembered: what it does to the files
below, its public keys, how much it holds. Of one with something in it, besides, the files that have to be read again,
since no secret is remembered, and what of the contents of an archive has to be searched.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from leaksweep.cache import Cache
from leaksweep.model import Blob, Hint, Unopened, Witness
from leaksweep.targets.image.changes import Changes
from leaksweep.targets.image.layers import Again
from leaksweep.targets.image.places import InLayer
from leaksweep.unpack.streams import is_digest

MOST = 32 * 1024 * 1024  #: bytes of the file; the layers that were used last stay

Held = Mapping[Hashable, Collection[str]]
Seen = Callable[[], Collection[Hint] | None]  #: the public halves of a scan; None if there were too many


@dataclass(slots=True)
class Amount:
    """How much was read of a layer."""

    blobs: int = 0
    size: int = 0

    def add(self, items: Iterable[Blob | Unopened]) -> None:
        """Count these too."""
        for item in items:
            if isinstance(item, Blob) and item.own:
                self.blobs += item.first
                self.size += len(item.data)


class Remembered(NamedTuple):
    """A layer that was read to its end."""

    blobs: int
    size: int
    changes: Changes
    hints: tuple[tuple[str, str, Witness], ...] = ()  #: (file, path inside, public half) of what is not read again
    again: tuple[Again, ...] = ()  #: the files in which something was, in their order

    def of(self, layer: str) -> tuple[Hint, ...]:
        """The public halves, with where they are."""
        return tuple(Hint(InLayer(layer, path), inside, witness) for path, inside, witness in self.hints)


@dataclass(slots=True)
class Layers:
    """The layers of one target: those that are known, and those that it read, to be remembered."""

    known: dict[str, Remembered] = field(default_factory=dict)
    read: dict[str, Amount] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    _cache: Cache = field(default_factory=lambda: Cache(None))
    _name: str = ""

    def remember(self, cache: Cache, digest: str) -> None:
        """Use and extend what ``cache`` holds under ``digest``."""
        self._cache, self._name = cache, f"layers-{digest}"
        self.known = {key: _record(row) for key, row in self._load().items()}

    def get(self, digest: str) -> Remembered | None:
        """What is known of a layer."""
        found = self.known.get(digest)
        if found:
            self.used.add(digest)
        return found

    def learn(self, changes: Mapping[str, Changes], held: Held, seen: Seen) -> None:
        """Remember the layers that were read; ``held`` are the origins of secrets and gaps, with the paths inside.

        Not those with something behind the end of their tar archive: whoever pulls them has it, but no file is it.
        """
        if not self._name or not (self.read or self.used):
            return
        hints = seen() if self.read else ()
        if hints is None:
            return
        origins = {*held, *(hint.origin for hint in hints)}
        learned = [key for key in self.read if is_digest(key) and InLayer(key, None) not in origins]
        rows = {key: self._row(key, changes[key], held, hints) for key in learned}
        old = self._load()
        kept = {key: row for key, row in old.items() if key not in rows and key not in self.used}
        kept |= {key: old[key] for key in self.used if key in old} | rows
        if rows or [*kept] != [*old]:
            self._store(kept)

    def _row(self, key: str, changes: Changes, held: Held, hints: Collection[Hint]) -> dict[str, Any]:
        files = ((_member(origin, key), inside) for origin, inside in held.items())
        again = {member.at: sorted(inside) for member, inside in files if member}
        seen = [
            (member.path, hint.inside, b64encode(hint.witness.key).decode(), *hint.witness[1:])
            for hint in hints
            if (member := _member(hint.origin, key))
            and hint.inside not in again.get(member.at, ())  # what is searched again is seen again
        ]
        amount = self.read[key]
        counts = {"blobs": amount.blobs, "size": amount.size}
        return {**counts, "again": sorted(again.items()), "hints": seen, "changes": changes.dump()}

    def _load(self) -> dict[str, Any]:
        rows: dict[str, Any] = json.loads(self._cache.unseal(self._name) or b"{}")
        return rows

    def _store(self, rows: dict[str, Any]) -> None:
        parts, size = [], 2
        for key, row in reversed(rows.items()):
            part = f"{json.dumps(key)}:{json.dumps(row, separators=(',', ':'))}"
            size += len(part) + 1
            if size > MOST:
                break
            parts.append(part)
        body = ("{" + ",".join(reversed(parts)) + "}").encode()
        self._cache.seal(self._name, body)


def _member(origin: Hashable, layer: str) -> InLayer | None:
    """The origin of a file of this layer; None for any other."""
    return origin if isinstance(origin, InLayer) and origin.layer == layer else None


def _record(row: Mapping[str, Any]) -> Remembered:
    hints = tuple((path, inside, Witness(b64decode(key), *rest)) for path, inside, key, *rest in row["hints"])
    again = tuple(Again(at, frozenset(inside)) for at, inside in row["again"])
    return Remembered(row["blobs"], row["size"], Changes.load(row["changes"]), hints, again)
