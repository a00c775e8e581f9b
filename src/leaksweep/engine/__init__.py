"""Bytes -> sightings: prefilter, confirm, proofs, overlaps, lines; all that is asked of one blob."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from leaksweep import lines
from leaksweep.cache import Cache
from leaksweep.cleanset import git_id
from leaksweep.engine.attribute import Attribution
from leaksweep.engine.changes import Changes
from leaksweep.engine.coarse import ByRule, holders, joined
from leaksweep.engine.confirm import confirm
from leaksweep.engine.decode import BOMS, DEPTH, Allowance, Decoded, lift, unpacked, utf16_text
from leaksweep.engine.encoded import Encoded
from leaksweep.engine.kept import KeptValues
from leaksweep.engine.markers import markers
from leaksweep.engine.overlap import pair, resolve
from leaksweep.engine.prefilter import Ends, Maker, prefilter
from leaksweep.engine.records import holds_strings
from leaksweep.engine.witness import Witnesses
from leaksweep.model import Blob, Kept, Match, Rule, Sighting

__all__ = ["Changes", "Engine", "Notes", "Witnesses"]


class Notes(NamedTuple):
    """What a scan of a blob leaves besides its matches: public halves of key pairs, and what was not looked into."""

    witnesses: Witnesses | None
    gaps: list[str]


class _Look(NamedTuple):
    """What goes along while one blob and the texts in it are searched."""

    witnesses: Witnesses | None
    allowance: Allowance


class Engine:
    """Scans blobs with a fixed set of rules. Threads may share one.

    ``encoded`` looks into encoded text too (base64, hexadecimal …), ``kept`` are values that are known exactly.
    ``using`` makes the prefilters (tests compare the one that the machine allows with RE2's).
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        cache: Cache,
        using: Maker = prefilter,
        *,
        encoded: bool = True,
        kept: Sequence[Kept] = (),
    ) -> None:
        self._rules = tuple(rules)
        self._cache = cache
        self._using = using
        self._prefilter = ByRule(self._rules, cache, using)
        self._attribution = Attribution(self._rules)
        self._encoded = Encoded(self._rules, cache, using) if encoded else None
        self._kept = KeptValues(kept, using) if kept else None

    def matches(self, blob: Blob, notes: Notes | None = None) -> list[Match]:
        """Every credential in ``blob``, in the order of the content; encoded ones where their encoding stands."""
        witnesses, gaps = notes or Notes(None, [])
        look = _Look(witnesses, Allowance(blob.data, gaps))
        found = list(self._found(blob, 0, look))
        if self._encoded and (text := self._encoded.records(blob)) is not None:
            found.extend(self._inside(blob, text, 0, look))
        found = [self._attribution.nearer(blob.data, match) for match in found]
        named = [self._attribution.named(blob.data, match) for match in pair(resolve(found))] if found else []
        return self._kept.joined(blob, named) if self._kept else named

    def holds(self, data: bytes, ends: Ends) -> bool:
        """Whether there is a match in a plain content without anything encoded, if matches may end only there."""
        return any(True for _ in confirm(self._rules, Blob(None, data), ends))

    def promising(self, contents: Sequence[bytes]) -> list[int]:
        """The indexes of those of these plain contents in which something may end; the others hold no secret."""
        data = joined(contents)
        found = {end for _, end in self._prefilter.ends(data)}
        for others in (self._encoded, self._kept):
            found |= others.ends(data) if others else set()
        return holders(contents, found)

    def changes(self) -> Changes | None:
        """What tells of the changes between contents what they complete; None where some rule or value is too wide."""
        found = Changes(self._rules, self._cache, self._using, self._prefilter, self._encoded)
        return found if found.known and not self._kept else None

    @staticmethod
    def is_plain(data: bytes) -> bool:
        """Whether a content is searched as it stands: it is no UTF-16 with a mark and no file of records."""
        return data[:2] not in BOMS and not holds_strings(data)

    def scan(self, blob: Blob, notes: Notes | None = None) -> Iterator[Sighting]:
        """The matches of ``blob``, with lines and hashes; a UTF-16 file is read as the text that an editor shows.

        Public halves of key pairs, and what was not looked into, are added to ``notes``.
        """
        text = utf16_text(blob.data) if blob.first and blob.last and blob.data[:2] in BOMS else None
        if text is None:
            yield from self._sighted(blob, self.matches(blob, notes))
            return
        plain = (match for match in self.matches(blob, notes) if match.encodings[:1] != ("utf-16",))
        yield from self._sighted(blob, list(plain))
        inner = Blob(blob.origin, text, inside=blob.inside)
        for sighting in self._sighted(inner, self.matches(inner, notes)):
            match = sighting.match._replace(encodings=("utf-16", *sighting.match.encodings))
            yield sighting._replace(match=match, line_hash="", content=git_id(blob.data).hex())

    def _sighted(self, blob: Blob, matches: list[Match]) -> Iterator[Sighting]:
        if not matches:
            return
        whole = blob.first and blob.last and not blob.offset and not blob.inside
        content = git_id(blob.data).hex() if whole else ""
        locations = list(lines.locate(blob.data, [match.secret_span for match in matches], blob.line))
        hashes = lines.line_hashes(blob.data, {at.start_line for at in locations}) if whole else {}
        marked = markers(blob.data, [match.secret_span for match in matches])
        for match, at, by in zip(matches, locations, marked, strict=True):
            yield Sighting(blob.origin, match, at, hashes.get(at.start_line, ""), content, blob.inside, by)

    def _found(self, blob: Blob, depth: int, look: _Look) -> Iterator[Match]:
        """The matches of all rules, plain and decoded; overlaps are not resolved."""
        if ends := self._prefilter.ends(blob.data):
            yield from confirm(self._rules, blob, self._of_rules(blob, ends, look.witnesses))
        if self._encoded and depth < DEPTH:
            packed = unpacked(blob.data, look.allowance) if depth else ()  # a file is unpacked elsewhere
            for text in chain(packed, self._encoded.texts(blob.data, look.allowance)):
                yield from self._inside(blob, text, depth, look)

    def _of_rules(self, blob: Blob, ends: Ends, witnesses: Witnesses | None) -> Ends:
        """The ends of what rules may match; the other ones are of witnesses."""
        rules = len(self._rules)
        if witnesses is not None and (others := [(index - rules, end) for index, end in ends if index >= rules]):
            witnesses.look(blob, others)
        return [found for found in ends if found[0] < rules]

    def _inside(self, blob: Blob, text: Decoded, depth: int, look: _Look) -> Iterator[Match]:
        inner = Blob(blob.origin, text.text, inside=blob.inside)
        for match in self._found(inner, depth + 1, look):
            if (lifted := lift(blob, text, match)) is not None:
                yield lifted
