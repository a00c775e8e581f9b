"""Commands to GitHub's runner that annotate lines: at most as many of each level as it keeps, then plain lines.

The runner keeps ten of each level from a step and drops the others from the page; what is beyond, the log still tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from leaksweep.model import File, Finding, Result, Severity, Step, step_of
from leaksweep.redact import printable
from leaksweep.reports import places, words

EACH = 10  #: annotations of one level that a step may have
MESSAGE = 4_000  #: characters of a message; the runner cuts at 4,096
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}
BELOW = "notice"  #: of what does not fail the scan


class Note(NamedTuple):
    """Something to annotate: the runner's level, its properties, the text."""

    level: str
    properties: dict[str, str]
    text: str

    def __str__(self) -> str:
        """The command to the runner."""
        properties = ",".join(f"{name}={_property(value)}" for name, value in self.properties.items())
        return f"::{self.level} {properties}::{_data(words.clip(self.text, MESSAGE))}"


def render(result: Result) -> bytes:
    """Commands, a line for each thing beyond the runner's limits, and the verdict; UTF-8."""
    shown, beyond = divided(notes(result))
    rest = [f"not annotated: {note.level} {note.properties['title']}: {note.text}" for note in beyond]
    scanned = [f"scanned {target}: {amount}" for target, amount in words.covered(result)]
    known = [_finding(f) for f in result.findings if f.verdict.suppressed]
    rest += [f"known: {note.properties['title']}: {note.text}" for note in known]
    rest += [f"note: {note}" for note in result.notes]
    lines = [*map(str, shown), *map(printable, rest), *scanned, words.verdict(result)]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


def notes(result: Result) -> Iterator[Note]:
    """A note for each finding, the worst first, one for each line of a Dockerfile that puts it into an image, and one
    for each thing that was not scanned.
    """
    for finding in result.findings:
        if not finding.verdict.suppressed:
            yield _finding(finding)
            yield from _made(finding)
    level = "warning" if result.allow_skipped else "error"
    for what, why in words.gaps(result):
        yield Note(level, {"title": "leaksweep: not scanned"}, f"{what}: {why}")


def divided(notes: Iterator[Note]) -> tuple[list[Note], list[Note]]:
    """What the runner keeps, and what is beyond its limits."""
    used: Counter[str] = Counter()
    shown: list[Note] = []
    beyond: list[Note] = []
    for note in notes:
        used[note.level] += 1
        (shown if used[note.level] <= EACH else beyond).append(note)
    return shown, beyond


def failure(text: str) -> str:
    """The command that tells why there is no result."""
    return str(Note("error", {"title": "leaksweep"}, printable(text)))


def _finding(finding: Finding) -> Note:
    seen, rule = finding.best, finding.rule
    properties = {"title": rule.name}
    if step := step_of(seen.place):
        properties |= _lines(step)
    elif isinstance(seen.place, File) and seen.place.path.isprintable():
        at = seen.region
        properties |= {"file": seen.place.path, "line": str(at.start_line), "endLine": str(at.end_line)}
        if at.start_line == at.end_line:  # the runner refuses columns of more than one line
            properties |= {"col": str(at.start_column), "endColumn": str(at.end_column)}
    level = LEVELS[rule.severity] if words.fails(finding) else BELOW
    more = f" and {words.counted(len(finding.places) - 1, 'more place')}" if len(finding.places) > 1 else ""
    below = f" ({aside})" if (aside := words.aside(finding)) else ""
    where = words.clip(places.where(seen), 2_000)
    text = f"{words.shown(finding)} in {where}{more}{below}. {rule.playbook.revoke} Id {finding.id}."
    return Note(level, properties, printable(text))


def _made(finding: Finding) -> Iterator[Note]:
    """The lines of a Dockerfile that bring the secret into an image, besides the line where it is shown."""
    shown = step_of(finding.best.place)
    found = {step: seen.place for seen in reversed(finding.places) if (step := step_of(seen.place)) and step != shown}
    level = LEVELS[finding.rule.severity] if words.fails(finding) else BELOW
    for step, place in sorted(found.items()):
        text = f"This puts {words.shown(finding)} into an image: {words.clip(place.label, 2_000)}. Id {finding.id}."
        yield Note(level, {"title": finding.rule.name, **_lines(step)}, printable(text))


def _lines(step: Step) -> dict[str, str]:
    if not step.file.isprintable():
        return {}
    return {"file": step.file, "line": str(step.first), "endLine": str(step.last)}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
