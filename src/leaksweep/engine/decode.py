"""Secrets in encoded text: what a trigger points at is decoded, within bounds, and its bytes mapped back.

Nothing is decoded on suspicion: the text round a trigger is, as far as its encoding goes, some kilobytes before (what
stands before a secret may be needed to know it) and as many after as the widest secret needs.
"""

from __future__ import annotations

import binascii
import re
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from leaksweep.engine.runs import Run
from leaksweep.engine.triggers import BASE64, Trigger
from leaksweep.model import Blob, Match, Span
from leaksweep.unpack.magic import GZIP

DEPTH = 3  #: encodings inside each other
MARGIN = 16  #: bytes at the edge of a window in which a decoded match may be cut off
BEFORE = 8 * 1024  #: encoded bytes that are decoded before a trigger
AFTER = 256 * 1024  #: and after it
WIDEST = 48 * 1024  #: of these the last, which hold too little for the widest secret: they are decoded again
LOOSE = 64 * 1024  #: the same of escapes, which have no end, and of UTF-16, whose end is slow to find
TRIES = 4096  #: decoded texts of one content and depth; beyond, it is data that happens to look like secrets
ALLOWED = 8 << 20  #: bytes of decoded text that any content may give, all depths together
PER_BYTE = 4  #: and as many for each of its own: encodings inside each other multiply
_TOO_MANY = f"holds more than {TRIES:,} encoded texts like secrets, the rest of which was not decoded"
_TOO_DEEP = "holds encoded texts inside each other that take too long to decode: not all were"
_TOO_LONG = "holds compressed text in base64 that is too long: not all of it was unpacked"
BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}

_DIGITS = Run(BASE64 + b"-_")
_MORE_LINES = re.compile(rb"(?:(?:[ \t]{0,64}(?:\r?\n|\\n)[ \t]{0,64})[A-Za-z0-9+/_-]+)*")
_LINES_BEFORE = re.compile(rb"(?:(?:[ \t]{0,64}(?:\n\r?)[ \t]{0,64})[A-Za-z0-9+/_-]{40,})*")  # reversed
_BREAKS = re.compile(rb"(?:\\n|[\s])+")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_HEX = Run(b"0123456789ABCDEFabcdef")
_ZEROS = Run(b"\0")
_ESCAPES = {
    "percent": re.compile(rb"(?:%[0-9A-Fa-f]{2})"),
    "escapes": re.compile(rb"\\(?:u00[0-9A-Fa-f]{2}|x[0-9A-Fa-f]{2}|[/\"'\\])"),
    "quoted-printable": re.compile(rb"=(?:[0-9A-Fa-f]{2}|[ \t]*\r?\n)"),
    "html": re.compile(rb"&(?:#[0-9]{1,3}|#[xX][0-9A-Fa-f]{1,2}|amp|quot|lt|gt|apos);"),
}
_ENTITIES = {b"&amp;": b"&", b"&quot;": b'"', b"&lt;": b"<", b"&gt;": b">", b"&apos;": b"'"}


class Decoded(NamedTuple):
    """A decoded text; ``pieces`` are (offset in the text, offset in the content) where the mapping begins anew, and
    within a piece ``bytes`` of the text take ``units`` of the content.
    """

    text: bytes
    encoding: str
    pieces: tuple[tuple[int, int], ...]
    units: int = 1
    bytes: int = 1

    def back(self, span: Span) -> Span:
        """The bytes of the content that hold ``span`` of the text."""
        start = self._at(span.start, up=False)
        end = self._at(span.end, up=True)
        # What is split over pages far apart is shown where it begins: its span must not cover what stands between.
        return Span(start, end if start < end <= start + 64 + 8 * (span.end - span.start) else start + 1)

    def _at(self, offset: int, *, up: bool) -> int:
        units = -(-offset * self.units // self.bytes) if up else offset * self.units // self.bytes
        piece = max(0, bisect_right(self.pieces, units - up, key=lambda p: p[0]) - 1)
        text, content = self.pieces[piece]
        return content + units - text


def utf16_text(data: bytes) -> bytes | None:
    """A content that says in its first bytes that it is UTF-16 as UTF-8, or None where it is none."""
    if (codec := BOMS.get(data[:2])) is None or len(data) % 2:
        return None
    try:
        return data[2:].decode(codec).encode("utf-8")
    except UnicodeDecodeError:
        return None


class Allowance:
    """How many bytes one content may still give when it is decoded; ``gaps`` is told what was not decoded."""

    def __init__(self, content: bytes, gaps: list[str]) -> None:
        self.gaps = gaps
        self.left = ALLOWED + PER_BYTE * len(content)

    def of(self, texts: Iterator[Decoded]) -> Iterator[Decoded]:
        """Those of ``texts`` that it suffices for, and no more than TRIES."""
        for tried, text in enumerate(texts):
            self.left -= len(text.text)
            if tried == TRIES or self.left < 0:
                self.gaps.append(_TOO_MANY if tried == TRIES else _TOO_DEEP)
                return
            yield text


def decoded(data: bytes, hits: Sequence[tuple[Trigger, int]], allowance: Allowance) -> Iterator[Decoded]:
    """The texts that these triggers (and the ends of their matches) point at; each run of encoded text once."""
    known = _Known(data)
    every = (
        text
        for trigger, end in sorted(hits, key=itemgetter(1))
        for text in _READERS[trigger.encoding](data, trigger, end, known)
    )
    yield from allowance.of(every)


class _Known:
    """What was decoded already: a trigger in it, at the same phase, points at nothing new."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._runs: dict[str, list[tuple[int, int]]] = {}  # (where a phase begins, up to where it was decoded)

    def has(self, name: str, at: int, end: int, modulus: int) -> bool:
        """Whether the run called ``name`` was decoded to ``end`` or beyond, in groups of which one begins at ``at``."""
        self._runs[name] = runs = [run for run in self._runs.get(name, ()) if run[1] >= end]
        for index, (begin, reached) in enumerate(runs):
            between = self._data[begin:at] if modulus == 4 else b""
            breaks = sum(len(found[0]) for found in _BREAKS.finditer(between)) if b"\n" in between else 0
            if (at - begin - breaks) % modulus == 0:
                runs[index] = (at, reached)
                return True
        return False

    def add(self, name: str, at: int, reached: int) -> None:
        """Remember a run that was decoded."""
        self._runs.setdefault(name, []).append((at, reached))


def lift(blob: Blob, text: Decoded, match: Match) -> Match | None:
    """A match in ``text``, which was decoded from ``blob``, as one in the blob; None where another window has it."""
    span, secret = text.back(match.span), text.back(match.secret_span)
    before = blob.first or span.end >= blob.overlap - MARGIN
    if not before or not (blob.last or span.end < len(blob.data) - MARGIN):
        return None
    encodings = (text.encoding, *match.encodings)
    return match._replace(span=_within(blob, span), secret_span=_within(blob, secret), encodings=encodings)


def _within(blob: Blob, span: Span) -> Span:
    """A span that ends with the blob at the latest: the zero of UTF-16's last character may stand before it."""
    return Span(span.start, min(span.end, len(blob.data)))


def unpacked(data: bytes, allowance: Allowance) -> Iterator[Decoded]:
    """The text of gzip data that was decoded, such as Helm's releases and what cloud-init is given.

    Where a byte of it stands in ``data`` is about so far as it is in the text.
    """
    if not data.startswith(GZIP):
        return
    stream = zlib.decompressobj(wbits=31)
    try:
        text = stream.decompress(data, max(1, allowance.left))
    except zlib.error:
        return
    if not stream.eof and (stream.unconsumed_tail or len(data) >= AFTER // 2):
        allowance.gaps.append(_TOO_LONG)
    if text:
        yield from allowance.of(iter((Decoded(text, "gzip", ((0, 0),), len(data), len(text)),)))


def _base64(data: bytes, trigger: Trigger, end: int, known: _Known) -> Iterator[Decoded]:
    """The digits of the line, those from the trigger on, and those over the breaks of lines: what stands before may be
    no part of it, and a line may be a text of its own.
    """
    first = end - trigger.width
    at = first - trigger.lead
    new = [name for name in ("line", "lines") if not known.has(name, at, end, 4)]
    if not new:
        return
    line = Span(first - _DIGITS.before(data, first, BEFORE), first + _DIGITS.after(data, first, AFTER))
    if "line" in new:
        known.add("line", at, _reached(first, line.end))
        yield from _digits(data, trigger, line, first)
        if line.start < first and not trigger.lead:
            yield from _digits(data, trigger, Span(first, min(line.end, first + WIDEST)), first)
    if "lines" in new:
        lines = _lines(data, line, first)
        known.add("lines", at, _reached(first, lines.end))
        if lines != line:
            yield from _digits(data, trigger, lines, first)


def _lines(data: bytes, line: Span, first: int) -> Span:
    """A line of digits with those before it, if they are full lines, and those after it."""
    before = _match(_LINES_BEFORE, data[max(0, first - BEFORE) : line.start][::-1])
    return Span(line.start - before, line.end + _match(_MORE_LINES, data[line.end : first + AFTER]))


def _digits(data: bytes, trigger: Trigger, run: Span, first: int) -> Iterator[Decoded]:
    """What a run of digits says; ``first`` is the first of the trigger, which knows how they are grouped."""
    raw = data[run.start : run.end]
    breaks = list(_BREAKS.finditer(raw)) if b"\n" in raw or rb"\n" in raw else []
    digits = _BREAKS.sub(b"", raw) if breaks else raw
    before = first - run.start - sum(len(b[0]) for b in breaks if run.start + b.end() <= first)
    cut = (before - trigger.lead) % 4
    if text := _unbase64(digits[cut:]):
        yield Decoded(text, "base64", _pieces(run.start, cut, breaks), 4, 3)


def _pieces(start: int, cut: int, breaks: Sequence[re.Match[bytes]]) -> tuple[tuple[int, int], ...]:
    """Where the digits after the first ``cut`` stand, line by line."""
    lines, gone, begin = [(0, start)], 0, 0
    for found in breaks:
        gone += found.end() - found.start()
        lines.append((found.end() - gone, start + found.end()))
    for index, (digit, _) in enumerate(lines):
        begin = index if digit <= cut else begin
    digit, content = lines[begin]
    return ((0, content + cut - digit), *((d - cut, c) for d, c in lines[begin + 1 :]))


def _unbase64(digits: bytes) -> bytes:
    digits = digits.translate(_URL_SAFE)
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def _hex(data: bytes, trigger: Trigger, end: int, known: _Known) -> Iterator[Decoded]:
    first = end - trigger.width
    if known.has("hex", first, end, 2):
        return
    before = _HEX.before(data, first, BEFORE) // 2 * 2
    after = first + _HEX.after(data, first, AFTER) // 2 * 2
    known.add("hex", first, _reached(first, after))
    yield Decoded(binascii.a2b_hex(data[first - before : after]), "hex", ((0, first - before),), 2, 1)


def _utf16(data: bytes, trigger: Trigger, end: int, known: _Known) -> Iterator[Decoded]:
    """Every other byte, as far as those between are zero: both byte orders, as far as they are Latin-1."""
    first = end - trigger.width
    if known.has("utf-16", first, end, 2):
        return
    earlier = data[max(first % 2, first - BEFORE) + 1 : first : 2]
    before = _ZEROS.before(earlier, len(earlier), BEFORE)
    after = _ZEROS.after(data[first + 1 : first + LOOSE : 2], 0, LOOSE)
    start, stop = first - 2 * before, first + 2 * after + 1  # the last character's zero may stand before it
    known.add("utf-16", first, _reached(first, stop, LOOSE))
    yield Decoded(data[start:stop:2], "utf-16", ((0, start),), 2, 1)


def _escapes(data: bytes, _: Trigger, end: int, known: _Known) -> Iterator[Decoded]:
    """The text round the trigger with the escapes of one language replaced; which, its own characters tell."""
    seen = data[max(0, end - 512) : end]
    for encoding, pattern in _ESCAPES.items():
        if pattern.search(seen) and not known.has(encoding, end, end, 1):
            known.add(encoding, end, end + LOOSE // 2)
            start = max(0, end - 1024)
            yield _unescaped(data[start : end + LOOSE], start, encoding, pattern)


def _reached(first: int, after: int, most: int = AFTER) -> int:
    """Up to where a trigger needs no decoding of its own: not up to the bound, where its secret may be cut off."""
    return after if after < first + most - MARGIN else first + most - WIDEST


def _unescaped(raw: bytes, start: int, encoding: str, pattern: re.Pattern[bytes]) -> Decoded:
    parts: list[bytes] = []
    pieces, at, length = [(0, start)], 0, 0
    for found in pattern.finditer(raw):
        begin, end = found.span()
        character = _character(found[0])
        parts += raw[at:begin], character
        length += begin - at + len(character)
        at = end
        pieces.append((length, start + end))
    parts.append(raw[at:])
    return Decoded(b"".join(parts), encoding, tuple(pieces))


@lru_cache(4096)
def _character(escape: bytes) -> bytes:
    if entity := _ENTITIES.get(escape):
        return entity
    if escape.startswith(b"&"):
        digits = escape[2:-1]
        return bytes([(int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)) & 255])
    if escape[-1:].isspace():  # a soft line break
        return b""
    return bytes([int(escape[-2:], 16)]) if len(escape) > 2 else escape[1:]


def _match(pattern: re.Pattern[bytes], data: bytes) -> int:
    found = pattern.match(data)
    return found.end() if found else 0


_READERS = {"base64": _base64, "hex": _hex, "utf-16": _utf16, "escapes": _escapes}
