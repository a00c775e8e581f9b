"""Secrets in encoded text: what a trigger points at is decoded, within bounds, and its bytes mapped back.

Nothing is decoded on suspicion: the text round a trigger is, as far as its encoding goes, some kilobytes before (what
stands before a secret may be needed to know it) and as many after as the widest secret needs.
"""

from __future__ import annotations

import binascii
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from leaksweep.engine.triggers import Trigger
from leaksweep.model import Blob, Match, Span

DEPTH = 3  #: encodings inside each other
MARGIN = 16  #: bytes at the edge of a window in which a decoded match may be cut off
BEFORE = 8 * 1024  #: encoded bytes that are decoded before a trigger
AFTER = 64 * 1024  #: and after it
TRIES = 4096  #: decoded texts of one content and depth; beyond, it is data that happens to look like secrets
BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}

_DIGITS = re.compile(rb"[A-Za-z0-9+/_-]*")
_LINES_AFTER = re.compile(rb"[A-Za-z0-9+/_-]*(?:(?:[ \t]{0,64}(?:\r?\n|\\n)[ \t]{0,64})[A-Za-z0-9+/_-]+)*")
_LINES_BEFORE = re.compile(rb"[A-Za-z0-9+/_-]*(?:(?:[ \t]{0,64}(?:\n\r?)[ \t]{0,64})[A-Za-z0-9+/_-]{40,})*")  # reversed
_BREAKS = re.compile(rb"(?:\\n|[\s])+")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_HEX = re.compile(rb"[0-9A-Fa-f]*")
_ZEROS = re.compile(rb"\0*")
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
        return Span(start, max(start + 1, self._at(span.end, up=True)))

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


def decoded(data: bytes, hits: Sequence[tuple[Trigger, int]]) -> Iterator[Decoded]:
    """The texts that these triggers (and the ends of their matches) point at; each run of encoded text once."""
    done: dict[tuple[str, int], int] = {}  # how far an encoding was decoded, by its phase
    tries = 0
    for trigger, end in sorted(hits, key=lambda hit: hit[1]):
        for text, phase, reached in _READERS[trigger.encoding](data, trigger, end):
            key = (text.encoding, phase)
            if done.get(key, -1) < end:
                yield text
                done[key] = reached
                tries += 1
        if tries >= TRIES:
            return


def lift(blob: Blob, text: Decoded, match: Match) -> Match | None:
    """A match in ``text``, which was decoded from ``blob``, as one in the blob; None where another window has it."""
    span = text.back(match.span)
    before = blob.first or span.end >= blob.overlap - MARGIN
    if not before or not (blob.last or span.end < len(blob.data) - MARGIN):
        return None
    encodings = (text.encoding, *match.encodings)
    return match._replace(span=span, secret_span=text.back(match.secret_span), encodings=encodings)


Reading = Iterator[tuple[Decoded, int, int]]  # a text, its phase, and the end of its encoded bytes


def _base64(data: bytes, trigger: Trigger, end: int) -> Reading:
    """The run of digits, over the breaks of its lines, then the line alone: what stands before may be no part of it."""
    first = end - trigger.width
    head, tail = data[max(0, first - BEFORE) : first][::-1], data[first : first + AFTER]
    after = first + _match(_LINES_AFTER, tail)
    near = _match(_DIGITS, head)
    far = _match(_LINES_BEFORE, head)
    starts = {first - far: 0, first - near: 1}
    if trigger.lead == 0:
        starts[first] = 2
    for start, kind in starts.items():
        raw = data[start:after]
        breaks = list(_BREAKS.finditer(raw)) if kind == 0 or after - first > _match(_DIGITS, tail) else []
        digits = _BREAKS.sub(b"", raw) if breaks else raw
        before = first - start - sum(len(b[0]) for b in breaks if start + b.end() <= first)
        cut = (before - trigger.lead) % 4
        pieces = _pieces(start, cut, breaks)
        text = _unbase64(digits[cut:])
        if text:
            reached = _reached(first, after)
            yield Decoded(text, "base64", pieces, 4, 3), 4 * kind + (first - trigger.lead) % 4, reached


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


def _hex(data: bytes, trigger: Trigger, end: int) -> Reading:
    first = end - trigger.width
    before = _match(_HEX, data[max(0, first - BEFORE) : first][::-1]) // 2 * 2
    after = _match(_HEX, data[first : first + AFTER]) // 2 * 2
    start = first - before
    yield Decoded(binascii.a2b_hex(data[start : first + after]), "hex", ((0, start),), 2, 1), first % 2, _reached(
        first, first + after
    )


def _utf16(data: bytes, trigger: Trigger, end: int) -> Reading:
    """Every other byte, as far as those between are zero: both byte orders, as far as they are Latin-1."""
    first = end - trigger.width
    low = max(0, first - BEFORE) + (first - max(0, first - BEFORE)) % 2
    before = _match(_ZEROS, data[low + 1 : first : 2][::-1])
    after = _match(_ZEROS, data[first + 1 : first + AFTER : 2])
    start, stop = first - 2 * before, first + 2 * after + 1  # the last character's zero may stand before it
    yield Decoded(data[start:stop:2], "utf-16", ((0, start),), 2, 1), first % 2, _reached(first, stop)


def _escapes(data: bytes, trigger: Trigger, end: int) -> Reading:
    """The text round the trigger with the escapes of one language replaced; which, its own characters tell."""
    start = max(0, end - 1024)
    raw = data[start : end + AFTER // 2]
    seen = data[max(0, end - 512) : end]
    for number, (encoding, pattern) in enumerate(_ESCAPES.items()):
        if pattern.search(seen):
            text, pieces = _unescaped(raw, start, pattern)
            yield Decoded(text, encoding, pieces), number, end + 256


def _reached(first: int, after: int) -> int:
    """Up to where a trigger needs no decoding of its own: not up to the bound, where its secret may be cut off."""
    return after if after < first + AFTER - MARGIN else first + AFTER // 4


def _unescaped(raw: bytes, start: int, pattern: re.Pattern[bytes]) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    parts, pieces, at, length = [], [(0, start)], 0, 0
    for found in pattern.finditer(raw):
        part = raw[at : found.start()] + _character(found[0])
        parts.append(part)
        length += len(part)
        at = found.end()
        pieces.append((length, start + at))
    parts.append(raw[at:])
    return b"".join(parts), tuple(pieces)


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
