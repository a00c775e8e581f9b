"""Markdown for a comment or a job's page: counts, a table of findings, what to do, what was not scanned.

It keeps below a number of characters, whatever there is to tell: the worst findings stay, the others are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from leaksweep.model import Finding, Result
from leaksweep.redact import printable
from leaksweep.reports import places, words

COMMENT = 65_000  #: characters of a whole report: GitHub takes 65,536 of a comment
CELL = 200  #: characters of a cell, before they are escaped
RULES = 30  #: of which it says what to do
_PLAIN = re.compile(r"[A-Za-z0-9 /,.()%='-]|[^\x00-\x7f]")


def render(result: Result) -> bytes:
    """The result as UTF-8, small enough for a comment."""
    return ("\n".join(lines(result)) + "\n").encode()


def lines(result: Result, room: int = COMMENT) -> Iterator[str]:
    """The lines of a report of at most ``room`` bytes, half of them or more for findings, a quarter for what to do."""
    further = room // 4 + room // 8 + (room // 8 if result.skipped else 0)
    yield "## leaksweep"
    yield ""
    yield f"Secrets to revoke: **{len(result.new):,}**. {cell(words.verdict(result))}"
    for note in result.notes[:RULES]:
        yield ""
        yield f"Note: {cell(note)}"
    if result.findings:
        yield from _counts(result)
        yield from _table(
            ("Severity", "What", "Secret", "Where", "Sure", "Id"), map(_row, result.findings), room - further
        )
        yield from _what_to_do(result, room // 4)
    if result.skipped:
        yield ""
        yield f"Not scanned{' (allowed)' if result.allow_skipped else ''}: **{len(result.skipped):,}**"
        yield from _table(("What", "Why"), ((code(what), cell(why)) for what, why in words.gaps(result)), room // 8)
    yield ""
    yield from _fitting((f"- scanned {code(target)}: {amount}" for target, amount in words.covered(result)), room // 16)


def cell(text: str) -> str:
    """Plain text in Markdown: every ASCII character that may mean something there becomes an entity."""
    return "".join(c if _PLAIN.fullmatch(c) else f"&#{ord(c)};" for c in words.clip(printable(text), CELL))


def code(text: str) -> str:
    """Text of others: in code neither ``@name`` nor ``#1`` nor ``:100:`` becomes anything."""
    return f"<code>{cell(text)}</code>"


def _counts(result: Result) -> Iterator[str]:
    counts = words.by_severity(result)
    yield from _table(tuple(map(str.capitalize, counts)), [tuple(f"{n:,}" for n in counts.values())], COMMENT)


def _row(finding: Finding) -> tuple[str, ...]:
    more = f" and {len(finding.places) - 1:,} more" if len(finding.places) > 1 else ""
    below = f" ({cell(aside)})" if (aside := words.aside(finding)) else ""
    return (
        words.severity(finding.rule) + below,
        cell(finding.rule.name),
        code(words.shown(finding)),
        code(places.where(finding.best)) + more,
        finding.confidence.name.lower(),
        f"<code>{finding.id}</code>",
    )


def _what_to_do(result: Result, room: int) -> Iterator[str]:
    """The playbook of each rule once, the worst first."""
    rules = list(dict.fromkeys(f.rule for f in result.findings if not f.verdict.suppressed))
    yield ""
    yield "### What to do"
    told = 0
    for rule in rules[:RULES]:
        entries = [f"- **{step.title}**: {cell(step.text)}{_link(step.url)}" for step in words.steps(rule)]
        section = ["", f"#### {cell(rule.name)}", "", *entries]
        room -= _size(section)
        if room < 0:
            break
        told += 1
        yield from section
    if told < len(rules):
        yield ""
        yield f"… and {words.counted(len(rules) - told, 'more type')} of secrets: `leaksweep rules show` tells of each"


def _link(url: str) -> str:
    """A link that shows itself; one with odd characters is none."""
    return f" <{url}>" if re.fullmatch(r"https?://[^\s<>\\`|]+", url) else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], room: int) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    yield from _fitting((f"| {' | '.join(row)} |" for row in rows), room)


def _fitting(lines: Iterable[str], room: int) -> Iterator[str]:
    """The first lines, as many as there is room for; the others are counted."""
    left_out = 0
    for line in lines:
        room -= _size([line])
        if room < 0:
            left_out += 1
        else:
            yield line
    if left_out:
        yield ""
        yield f"… and {left_out:,} more in the reports"


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)
