"""Comments that say to ignore a secret, ours and other tools'; asked only of contents that had a match.

A marker is meant for the secrets on its own line; standing alone on a line, for those that begin on the next.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from leaksweep.model import Marker, Span
from leaksweep.redact import printable

REACH = 1000  #: bytes between a marker and its secret: in a binary file or a packed script a line has no end
REASON = 200  #: characters

_END = rb"(?![\w:-])"
_RULE = rb"[a-z0-9][a-z0-9*-]{0,99}"
# The tool, a word that all its markers hold (looked for first: quick), and the marker. Word by word as the tools do.
_FORMS = (
    (
        "leaksweep",
        b"leaksweep:ignore",
        rb"leaksweep:ignore" + _END + rb"(?:[ \t]+(?P<rules>" + _RULE + rb"(?:," + _RULE + rb"){0,49}))?"
        rb"(?:[ \t]+--[ \t]+(?P<reason>[^\r\n]{0,400}))?",
    ),
    ("gitleaks", b"gitleaks:allow", b"gitleaks:allow"),
    ("trufflehog", b"trufflehog:ignore", b"trufflehog:ignore"),
    (
        "detect-secrets",
        b"pragma:",
        rb"pragma: ?(?:(?:allow|white)list[ -]secret|(?P<next>allowlist[ -]nextline[ -]secret))",
    ),
    ("ggshield", b"ggignore", rb"ggignore" + _END),
    ("ggshield", b"gitguardian:ignore", rb"gitguardian:ignore"),
    ("kingfisher", b"kingfisher:ignore", rb"kingfisher:ignore"),
)
_WORD = re.compile(rb"[A-Za-z0-9_\"'=]")
_COMMENT_END = re.compile(rb"\*/|--+!?>|#\}|%>")


class _Mark(NamedTuple):
    """One marker in a content."""

    start: int
    end: int
    marker: Marker
    next_line: bool  #: it never means its own line


def markers(data: bytes, secrets: Sequence[Span]) -> list[tuple[Marker, ...]]:
    """The markers of each of the secrets, which are in order and do not overlap."""
    marks = sorted(_marks(data, secrets), key=attrgetter("start"))
    if not marks:
        return [()] * len(secrets)
    starts = [mark.start for mark in marks]
    found = []
    for number, secret in enumerate(secrets):
        before = secrets[number - 1].end if number else 0
        near = marks[bisect_left(starts, secret.start - REACH) : bisect_left(starts, secret.end + REACH)]
        found.append(tuple(mark.marker for mark in near if _means(data, mark, secret, before)))
    return found


def _means(data: bytes, mark: _Mark, secret: Span, before: int) -> bool:
    """Whether the mark is this secret's; ``before`` is the end of the secret before it."""
    if mark.start >= secret.end:
        return not mark.next_line and data.find(b"\n", secret.end, mark.start) < 0
    if mark.start >= secret.start:  # within a secret of several lines
        return not mark.next_line
    breaks = data.count(b"\n", mark.end, secret.start)
    if breaks != 1:
        return breaks == 0 and not mark.next_line
    return mark.next_line or _is_alone(data, mark, before)


def _is_alone(data: bytes, mark: _Mark, before: int) -> bool:
    """Whether nothing but the comment's own signs stands before the mark, and no secret on its line."""
    line = data.rfind(b"\n", 0, mark.start) + 1
    return before <= line and mark.start - line < REACH and not _WORD.search(data, line, mark.start)


def _marks(data: bytes, secrets: Sequence[Span]) -> Iterator[_Mark]:
    for tool, word, pattern in _FORMS:
        if word not in data:
            continue
        for found in re.finditer(pattern, data):
            said = found.groupdict()
            rules = tuple((said.get("rules") or b"").decode().split(",")) if said.get("rules") else ()
            reason = _reason(data, found, secrets) if said.get("reason") else ""
            end = found.end("rules") if rules else found.start() + len(word)
            yield _Mark(found.start(), end, Marker(tool, rules, reason), bool(said.get("next")))


def _reason(data: bytes, found: re.Match[bytes], secrets: Sequence[Span]) -> str:
    """What stands after ``--``, up to the comment's end; it must hold nothing of a secret on the same line."""
    start, end = found.span("reason")
    if closing := _COMMENT_END.search(data, start, end):
        end = closing.start()
    at = bisect_left(secrets, Span(start, start))
    if at and secrets[at - 1].end > start:
        return ""
    if at < len(secrets):
        end = min(end, secrets[at].start)
    text = printable(data[start:end].decode("utf-8", "replace").strip())
    return text[:REASON]
