"""Words that several reports use: how sure we are, what to do, how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from leaksweep.model import Finding, Result, Rule, Severity, Verdict
from leaksweep.redact import printable, redact

GIT = ("history", "range")  #: runs whose contents are git's objects


class Step(NamedTuple):
    """One entry of a playbook."""

    title: str
    text: str
    url: str = ""


def steps(rule: Rule) -> Iterator[Step]:
    """The playbook of a rule, in the order in which it is done."""
    playbook = rule.playbook
    yield Step("Revoke", playbook.revoke, playbook.revoke_url)
    if playbook.audit or playbook.audit_url:
        yield Step("Check for misuse", playbook.audit, playbook.audit_url)
    if playbook.breaks:
        yield Step("What breaks", playbook.breaks)
    variable = f" ({', '.join(playbook.env)})" if playbook.env else ""
    yield Step("Instead", f"Read it from the environment{variable} or from a secrets manager.")


def shown(finding: Finding) -> str:
    """The secret as reports may show it."""
    return redact(finding.secret, weak=finding.rule.weak)


def sure(finding: Finding) -> str:
    """The confidence, and what it rests on."""
    notes = [*finding.proofs, *(f"with {c.rule} {redact(c.secret)}" for c in finding.companions)]
    return finding.confidence.name.lower() + (f" ({'; '.join(notes)})" if notes else "")


def fails(finding: Finding) -> bool:
    """Whether the finding fails the scan."""
    return finding.verdict is Verdict.NEW


def unruled(result: Result) -> list[Finding]:
    """The findings that people have not said of that they know them; all of them where that is asked for."""
    return [f for f in result.findings if result.show_suppressed or not f.verdict.suppressed]


def ruling(finding: Finding) -> str:
    """The verdict of a finding, with its reason."""
    return finding.verdict.value + (f": {finding.reason}" if finding.reason else "")


def aside(finding: Finding) -> str:
    """What to say beside a finding: the verdict of one that does not fail the scan, and the reason of any."""
    return "" if fails(finding) and not finding.reason else ruling(finding)


def ruled(result: Result) -> Iterator[str]:
    """How many findings have each verdict, where some are known, and what else is to be said of rulings."""
    if any(finding.verdict.suppressed for finding in result.findings):
        yield verdict(result)
    yield from map(printable, result.notes)


def severity(rule: Rule) -> str:
    """``critical``, ``high``, ``medium`` or ``low``."""
    return rule.severity.name.lower()


def counted(number: int, what: str) -> str:
    """``1 secret``, ``2 secrets``, ``3,000 secrets``."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def by_severity(result: Result) -> dict[str, int]:
    """How many findings there are of each severity that occurs, the worst first."""
    counts = Counter(f.rule.severity for f in result.findings)
    return {s.name.lower(): counts[s] for s in reversed(Severity) if counts[s]}


def verdict(result: Result) -> str:
    """The whole result in one line."""
    found = f"{counted(len(result.findings), 'secret')} found" if result.findings else "no secrets found"
    if counts := by_severity(result):
        found += f" ({', '.join(f'{n:,} {name}' for name, n in counts.items())})"
    if len(result.new) != len(result.findings):
        found += f", {len(result.new):,} of them fail the scan"
    if any(finding.verdict.suppressed for finding in result.findings):
        found += f": {', '.join(f'{count:,} {name}' for name, count in result.verdicts.items() if count)}"
    gaps = f"; INCOMPLETE: {len(result.skipped):,} skipped" if result.skipped else ""
    return f"leaksweep: {found}{gaps}"


def gaps(result: Result) -> Iterator[tuple[str, str]]:
    """What was not scanned, and why, both printable."""
    return ((printable(s.what), printable(s.why)) for s in result.skipped)


def covered(result: Result) -> Iterator[tuple[str, str]]:
    """What was scanned, and how much of it."""
    for c in result.coverage:
        size = f"{c.bytes / 1e6:,.1f} MB" if c.bytes >= 1e5 else counted(c.bytes, "byte")
        yield printable(c.target), f"{counted(c.blobs, 'object' if c.run in GIT else 'file')}, {size}"


def clip(text: str, length: int) -> str:
    """``text``, or as many of its characters as there is room for."""
    return text if len(text) <= length else text[: length - 1] + "…"
