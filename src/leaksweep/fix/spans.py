"""Where the bytes of a secret stand in a content, and edits of a content."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from leaksweep.model import Location, Span


class Edit(NamedTuple):
    """These bytes become those."""

    span: Span
    new: bytes


class Cannot(Exception):  # noqa: N818 - it is an answer, not an error
    """Why a secret stays where it is, as the end of a sentence, and what to do by hand."""


def span_of(data: bytes, location: Location, secret: bytes) -> Span:
    """Where a secret begins and ends that was found in this line and column.

    Raises:
        Cannot: its bytes do not stand there: they are encoded, or the file has changed.
    """
    start = 0
    for _ in range(location.start_line - 1):
        start = data.find(b"\n", start) + 1
        if not start:
            raise Cannot("the file has changed: scan again")
    # A column counts UTF-16 units, of which there are never more than bytes.
    found = data.find(secret, start + location.start_column - 1)
    end = data.find(b"\n", start)
    if found < 0 or (end >= 0 and found > end):
        raise Cannot("it is encoded there: decode it and replace it by hand")
    return Span(found, found + len(secret))


def edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    """``data`` with these edits, which do not overlap."""
    for edit in sorted(edits, reverse=True):
        data = data[: edit.span.start] + edit.new + data[edit.span.end :]
    return data


def newline(data: bytes) -> bytes:
    """How the lines of a content end."""
    first = data.find(b"\n")
    return b"\r\n" if first > 0 and data[first - 1 : first] == b"\r" else b"\n"


def line_at(data: bytes, offset: int) -> Span:
    """The line of an offset, its end included."""
    end = data.find(b"\n", offset)
    return Span(data.rfind(b"\n", 0, offset) + 1, len(data) if end < 0 else end + 1)
