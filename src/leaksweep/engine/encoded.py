"""Encoded text in a content: what the triggers say is worth decoding, decoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leaksweep.cache import Cache
from leaksweep.engine import triggers
from leaksweep.engine.decode import Allowance, Decoded, decoded
from leaksweep.engine.prefilter import Maker
from leaksweep.engine.records import holds_strings, strings
from leaksweep.model import Blob, Rule


class Encoded:
    """The triggers of a set of rules, in databases of their own: in one with the rules, both would be slower."""

    def __init__(self, rules: Sequence[Rule], cache: Cache, make: Maker) -> None:
        known = triggers.load(rules, cache)
        self._triggers = known.encoded
        self._prefilter = make([pattern for pattern, *_ in known.encoded], cache)
        self._records = make(known.plain, cache)

    def texts(self, data: bytes, allowance: Allowance) -> Iterator[Decoded]:
        """What stands in ``data`` in base64, hexadecimal digits, UTF-16 or escapes, round each trigger."""
        hits = [(triggers.Trigger(*self._triggers[index]), end) for index, end in self._prefilter.ends(data)]
        return decoded(data, hits, allowance) if hits else iter(())

    def ends(self, data: bytes) -> set[int]:
        """Where triggers end in ``data``."""
        return {end for _, end in self._prefilter.ends(data)}

    def records(self, blob: Blob) -> Decoded | None:
        """The texts of compiled Python or of an SQLite file, where one of them may be a secret."""
        if not blob.first or not holds_strings(blob.data) or not self._records.ends(blob.data):
            return None
        return strings(blob.data)
