"""Byte offsets -> lines, columns and GitHub's line hash; asked only of contents that had a match."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain

from leaksweep.model import Location, Span

WINDOW = 100  #: UTF-16 units that GitHub's rolling hash looks at
BASE = 37
FEW = 20  #: lines that are looked for one by one faster than by a look-up for each line
_PIECE = 1 << 16  #: characters
_EOF = "\uffff" + "\0" * WINDOW
_MASK = (1 << 64) - 1
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def locate(data: bytes, spans: Iterable[Span], first_line: int = 0) -> Iterator[Location]:
    """1-based lines and columns of each span; ends are exclusive, columns count UTF-16 code units.

    ``spans`` are in order and do not overlap; ``first_line`` is the 0-based line on which ``data`` begins.
    """
    cursor = _Cursor(data, first_line + 1)
    for span in spans:
        yield Location(*cursor.move(span.start), *cursor.move(span.end))


class _Cursor:
    """A position that only moves forward, so that any number of matches costs one pass over the content."""

    def __init__(self, data: bytes, line: int) -> None:
        self._data = data
        self._offset = 0
        self._line = line
        self._column = 1

    def move(self, offset: int) -> tuple[int, int]:
        passed = self._data.count(b"\n", self._offset, offset)
        begin = self._offset
        if passed:
            self._line += passed
            self._column = 1
            begin = self._data.rfind(b"\n", begin, offset) + 1
        text = self._data[begin:offset].decode("utf-8", "replace")
        self._column += len(text.encode("utf-16-le", "surrogatepass")) // 2
        self._offset = offset
        return self._line, self._column


def line_hash(data: bytes, offset: int) -> str:
    """The ``line_hashes`` value of the line that holds ``offset``."""
    number = data.count(b"\n", 0, offset) + 1
    return line_hashes(data, (number,))[number]


def line_hashes(data: bytes, numbers: Collection[int]) -> dict[int, str]:
    """GitHub's ``primaryLocationLineHash`` of these 1-based lines, as its upload action computes it.

    A hash of the 100 UTF-16 units from the line's beginning, blanks and tabs left out, then ``:`` and how many lines
    up to this one have the same hash. ``data`` must be the whole content (source: the action's fingerprints.ts).

    Lines are numbered as we report them, by LF, but looked up as the action does, which counts a lone CR as the end
    of a line too: any other value for the line number that we report is one that the action warns about.
    """
    text = _units(data)
    starts = dict(_starts(text, sorted(set(numbers))))
    windows = {number: text[start : start + WINDOW] for number, start in starts.items()}
    if len(starts) <= FEW:
        counts = {number: _count(text, windows[number], start) for number, start in starts.items()}
    else:
        counts = _counts(text, starts, windows)
    return {number: f"{_hash(window):x}:{counts[number]}" for number, window in windows.items()}


def _starts(text: str, numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Where these lines begin, if they are there; most of the text is passed over by pieces, as it may be long."""
    line, at = 1, 0
    for number in numbers:
        while line < number:
            passed = text.count("\n", at, at + _PIECE)
            if line + passed >= number:
                rest = text[at : at + _PIECE].split("\n", number - line)[-1]
                line, at = number, min(at + _PIECE, len(text)) - len(rest)
            elif at + _PIECE < len(text):
                line, at = line + passed, at + _PIECE
            else:
                return
        yield number, at


def _count(text: str, window: str, last: int) -> int:
    """How many lines up to the one that begins at ``last`` begin with ``window``."""
    line, found, end = "\n" + window, int(text.startswith(window)), last + len(window)
    at = text.find(line, 0, end)
    while at >= 0:
        found += 1
        at = text.find(line, at + 1, end)
    return found


def _counts(text: str, starts: Mapping[int, int], windows: Mapping[int, str]) -> dict[int, int]:
    """``_count`` of many lines, by their numbers, in one pass."""
    met = dict.fromkeys(windows.values(), 0)
    counts = {}
    wanted = {start: number for number, start in starts.items()}
    for start in chain((0,), (end.end() for end in re.finditer("\n", text))):
        if (window := text[start : start + WINDOW]) in met:
            met[window] += 1
            if start in wanted:
                counts[wanted[start]] = met[window]
    return counts


def _units(data: bytes) -> str:
    """What the hash looks at, one character a UTF-16 unit: the text without blanks, then an end mark and zeros."""
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data.isascii():
        return data.translate(None, b" \t").decode("ascii") + _EOF
    text = data.decode("utf-8", "replace").replace(" ", "").replace("\t", "")
    return _ASTRAL.sub(_surrogates, text) + _EOF


def _surrogates(found: re.Match[str]) -> str:
    code = ord(found[0]) - 0x10000
    return chr(0xD800 | code >> 10) + chr(0xDC00 | code & 0x3FF)


def _hash(window: str) -> int:
    value = 0
    for unit in window:
        value = (value * BASE + ord(unit)) & _MASK
    return value
