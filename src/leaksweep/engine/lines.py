"""Byte offsets -> lines, columns and GitHub's line hash; asked only of contents that had a match."""

from __future__ import annotations

from leaksweep.model import Location, Span

WINDOW = 100  #: UTF-16 units that GitHub's rolling hash looks at
BASE = 37
EOF = 65535
_MASK = (1 << 64) - 1


def locate(data: bytes, span: Span, first_line: int = 0) -> Location:
    """1-based lines and columns of ``span``; the end is exclusive, columns count UTF-16 code units.

    ``first_line`` is the 0-based line on which ``data`` begins.
    """
    start_line, start_column = _position(data, span.start)
    end_line, end_column = _position(data, span.end)
    return Location(first_line + start_line, start_column, first_line + end_line, end_column)


def _position(data: bytes, offset: int) -> tuple[int, int]:
    line_start = data.rfind(b"\n", 0, offset) + 1
    text = data[line_start:offset].decode("utf-8", "replace")
    return data.count(b"\n", 0, offset) + 1, len(text.encode("utf-16-le", "surrogatepass")) // 2 + 1


def line_hash(data: bytes, offset: int) -> str:
    """GitHub's ``primaryLocationLineHash`` of the line that holds ``offset``, as its upload action computes it.

    A hash of the 100 UTF-16 units from the line's beginning, blanks and tabs left out, then ``:`` and how many lines
    up to this one have the same hash. ``data`` must be the whole content (source: the action's fingerprints.ts).
    """
    text = _normal(data)
    line = _normal(data[: data.rfind(b"\n", 0, offset) + 1])
    begin = len(line)
    units = _units(text[begin : begin + WINDOW])
    needle = text[begin : begin + WINDOW]
    return f"{_hash(units):x}:{_occurrence(text, needle, begin)}"


def _normal(data: bytes) -> str:
    text = data.decode("utf-8", "replace").replace(" ", "").replace("\t", "")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _units(text: str) -> list[int]:
    raw = text.encode("utf-16-le", "surrogatepass")[: 2 * WINDOW]
    units = [raw[i] | raw[i + 1] << 8 for i in range(0, len(raw), 2)]
    if len(units) < WINDOW:
        units.append(EOF)
    return units + [0] * (WINDOW - len(units))


def _hash(units: list[int]) -> int:
    value = 0
    for unit in units:
        value = (value * BASE + unit) & _MASK
    return value


def _occurrence(text: str, needle: str, begin: int) -> int:
    """How many lines up to the one at ``begin`` start with ``needle`` (for a short rest of the file: equal it)."""
    if len(needle) < WINDOW:  # ends at the end of the file: only this line can have this hash
        return 1
    count = 1 if text.startswith(needle) else 0
    position = text.find("\n" + needle)
    while 0 <= position < begin:
        count += 1
        position = text.find("\n" + needle, position + 1)
    return count
