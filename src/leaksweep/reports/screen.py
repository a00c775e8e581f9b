"""The summary as a terminal shows it: one screen, as much of each finding as there is room for, in its colours.

Everything that does not fit is counted, by type and by folder, and the last lines say where all of it is.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from leaksweep.model import Finding, Result
from leaksweep.reports import places, words

Line = tuple[tuple[str, str], ...]  #: pieces of text, each with its style

STYLES = {
    "critical": "1;31",
    "high": "31",
    "medium": "33",
    "low": "36",
    "good": "1;32",
    "bad": "1;31",
    "gap": "1;33",
    "strong": "1",
    "dim": "2",
    "": "",
}
LEAST = 20  #: lines that are used whatever the terminal says
FEW = 3  #: skipped things, and targets, that are listed
BLANK: Line = ()


class Terminal(NamedTuple):
    """What is known of where it is shown."""

    columns: int = 80
    lines: int = 24
    colours: bool = False


def draw(result: Result, terminal: Terminal, files: Sequence[str] = ()) -> bytes:
    """The result in at most as many lines as the terminal has; ``files`` are the reports that hold all of it."""
    tail = [*_gaps(result, terminal.columns), *_covered(result), _verdict(result)]
    room = max(LEAST, terminal.lines - 1) - len(tail) - len(words.verdict(result)) // terminal.columns
    head = next((lines for lines in _ways(result, terminal, room, files) if len(lines) <= room), [])
    return "".join(f"{_painted(line, terminal)}\n" for line in [*head, *tail]).encode("utf-8", "backslashreplace")


def _ways(result: Result, terminal: Terminal, room: int, files: Sequence[str]) -> Iterator[list[Line]]:
    """From the most telling to the shortest."""
    for tell in (_whole, _short, _one_line):
        if len(open_ := words.unruled(result)) <= room:
            yield [line for finding in open_ for line in tell(finding, terminal.columns)]
    yield _digest(result, terminal, room, files)


# ---------------------------------------------------------------- a finding


def _title(finding: Finding) -> Line:
    severity = words.severity(finding.rule)
    below = ((f"  [{aside}]", "dim"),) if (aside := words.aside(finding)) else ()
    name = (f"  {finding.rule.name}  ", "strong")
    return ((f"{severity.upper():<8}", severity), name, (words.shown(finding), ""), *below)


def _where(finding: Finding) -> str:
    more = len(finding.places) - 1
    return places.where(finding.best) + (f" and {words.counted(more, 'more place')}" if more else "")


def _whole(finding: Finding, columns: int) -> Iterator[Line]:
    yield _title(finding)
    for seen in finding.places[:5]:
        yield (("          at  ", "dim"), (places.where(seen), ""))
    if len(finding.places) > 5:
        yield ((f"              {words.counted(len(finding.places) - 5, 'more place')}", "dim"),)
    yield (("        sure  ", "dim"), (words.sure(finding), ""))
    for step in words.steps(finding.rule):
        if step.title in ("Revoke", "Check for misuse"):
            yield from _wrapped(step.title.split()[0].lower(), step.text, columns)
            if step.url:
                yield ((f"              {step.url}", "dim"),)
    yield (("          id  ", "dim"), (finding.id, "dim"))
    yield BLANK


def _wrapped(label: str, text: str, columns: int) -> Iterator[Line]:
    for number, part in enumerate(textwrap.wrap(text, max(30, columns - 14))):
        yield ((f"{'' if number else label:>12}  ", "dim"), (part, ""))


def _short(finding: Finding, columns: int) -> Iterator[Line]:
    yield _title(finding)
    yield (("          ", ""), (_where(finding), ""))
    told = f"{words.sure(finding)}; revoke: {finding.rule.playbook.revoke}"
    yield (("          ", ""), (words.clip(told, max(1, columns - 10)), "dim"))


def _one_line(finding: Finding, _: int) -> Iterator[Line]:
    yield (*_title(finding), ("  ", ""), (_where(finding), "dim"))


# ---------------------------------------------------------------- thousands of findings


def _digest(result: Result, terminal: Terminal, room: int, files: Sequence[str]) -> list[Line]:
    """The worst findings, then how many there are of each type and in each folder, then where all are."""
    rest = [BLANK, _rest(result, files)]
    left = room - len(rest)
    types = _counts("by type", Counter(f.rule.name for f in words.unruled(result)), left // 4)
    folders = _counts("by folder", Counter(map(_folder, words.unruled(result))), left // 5)
    top = left - len(types) - len(folders)
    tell: Callable[[Finding, int], Iterator[Line]] = _short if top >= 9 else _one_line
    size = 3 if tell is _short else 1
    worst = [line for f in words.unruled(result)[: top // size] for line in tell(f, terminal.columns)]
    return [*worst, *types, *folders, *rest]


def _counts(title: str, counts: Counter[str], most: int) -> list[Line]:
    """The largest numbers first; the others together on one line."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ordered if len(ordered) <= most else ordered[: most - 1]
    lines: list[Line] = [BLANK, ((title, "strong"),)]
    lines += [((f"{count:>8,}  ", ""), (name, "")) for name, count in shown]
    if others := ordered[len(shown) :]:
        lines.append(((f"{sum(n for _, n in others):>8,}  in {len(others):,} others", "dim"),))
    return lines


def _folder(finding: Finding) -> str:
    """The folder at the top of the workspace that it is in; elsewhere the category."""
    place = finding.best.place
    if place.run != "workspace":
        return f"{place.run}/"
    folder, slash, _ = places.path(place).partition("/")
    return folder + slash if slash else "."


def _rest(result: Result, files: Sequence[str]) -> Line:
    found = f"All {words.counted(len(result.findings), 'secret')}"
    if files:
        return ((f"{found}: {', '.join(files)}", "strong"),)
    return ((f"{found} with places and what to do: --report html=leaksweep.html", "strong"),)


# ---------------------------------------------------------------- the last lines


def _gaps(result: Result, columns: int) -> Iterator[Line]:
    told = list(words.gaps(result))
    for what, why in told if len(told) <= FEW else told[: FEW - 1]:
        yield (("SKIPPED   ", "gap"), (_cut(what, columns // 2), ""), (f": {why}", ""))
    if len(told) > FEW:
        yield (("SKIPPED   ", "gap"), (f"{len(told) - FEW + 1:,} more", ""))


def _covered(result: Result) -> Iterator[Line]:
    told = list(words.covered(result))
    for target, amount in told if len(told) <= FEW else told[: FEW - 1]:
        yield ((f"scanned {target}: {amount}", "dim"),)
    if len(told) > FEW:
        yield ((f"scanned {len(told) - FEW + 1:,} more targets", "dim"),)


def _verdict(result: Result) -> Line:
    style = "bad" if result.new else "good" if result.complete and not result.skipped else "gap"
    return ((words.verdict(result), style),)


# ---------------------------------------------------------------- lines


def _painted(line: Line, terminal: Terminal) -> str:
    """A line no wider than the terminal, with its colours. The verdict may be wider: its end matters."""
    left, painted = terminal.columns, ""
    for text, style in line:
        shown = _cut(text, left) if len(line) > 1 else text
        left -= _columns(shown)
        code = STYLES[style] if terminal.colours else ""
        painted += f"\x1b[{code}m{shown}\x1b[0m" if code and shown else shown
    return painted.rstrip() if not terminal.colours else painted


def _cut(text: str, columns: int) -> str:
    """``text`` in so many columns: its middle goes, since both ends of a path tell."""
    if _columns(text) <= columns:
        return text
    if columns < 1:
        return ""
    end = text
    while _columns(end) > (columns - 1) // 2:
        end = end[1:]
    start = text
    while _columns(start) > columns - 1 - _columns(end):
        start = start[:-1]
    return f"{start}…{end}"


def _columns(text: str) -> int:
    """The columns that a terminal needs for ``text``: wide characters take two."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
