"""What a person reads in a job's log or in a file: what is to be done in full, what is known on two lines each.
``screen`` is what a terminal shows.

Every line begins with our own text, so that nothing scanned can begin a line that a CI reads as a command.
"""

from __future__ import annotations

from collections.abc import Iterator

from leaksweep.model import Finding, Result, Verdict
from leaksweep.redact import printable, redact
from leaksweep.reports import places, words
from leaksweep.reports.reach import reach

PLACES = 5  #: places of one secret that are listed; the other reports list all
SKIPPED = 20  #: skipped things that are listed


def render(result: Result) -> bytes:
    """The result as UTF-8 text, worst findings first, a verdict at the end."""
    return "\n".join(_lines(result)).encode("utf-8", "backslashreplace") + b"\n"


def _lines(result: Result) -> Iterator[str]:
    for finding in result.findings:
        if not finding.verdict.suppressed:
            yield from card(finding)
            yield ""
    yield from _suppressed(result)
    yield from _skipped(result)
    yield from (f"NOTE      {printable(note)}" for note in result.notes)
    for target, amount in words.covered(result):
        yield f"scanned {target}: {amount}"
    yield words.verdict(result)


def card(finding: Finding) -> Iterator[str]:
    """All lines about one finding."""
    rule, playbook = finding.rule, finding.rule.playbook
    below = "" if finding.verdict is Verdict.NEW else f"  [{finding.verdict.value}]"
    why = [f"  why      {finding.reason}"] if finding.reason else []
    yield f"{rule.severity.name:<8}  {rule.name}  {redact(finding.secret, weak=rule.weak)}{below}"
    for seen in finding.places[:PLACES]:
        yield f"  at       {places.where(seen)}"
    if len(finding.places) > PLACES:
        yield f"  at       {len(finding.places) - PLACES} more places"
    yield f"  sure     {words.sure(finding)}"
    yield from why
    yield from (f"  reach    {sentence}" for sentence in reach(finding))
    yield f"  revoke   {playbook.revoke}" + (f" {playbook.revoke_url}" if playbook.revoke_url else "")
    if playbook.audit:
        yield f"  check    {playbook.audit}" + (f" {playbook.audit_url}" if playbook.audit_url else "")
    if playbook.env:
        yield f"  instead  read it from the environment ({playbook.env[0]}) or from a secrets manager"
    yield f"  id       {finding.id}"


def _suppressed(result: Result) -> Iterator[str]:
    """Known secrets: what, where, which, and why they are not told in full."""
    known = [finding for finding in result.findings if finding.verdict.suppressed]
    for finding in known:
        what, others = f"{finding.rule.name}  {words.shown(finding)}", len(finding.places) - 1
        more = f" and {others} more" if others else ""
        yield f"{finding.verdict.value}  {what}  at {places.where(finding.best)}{more}  id {finding.id}"
        yield f"  why      {finding.reason}"
    if known:
        yield ""


def _skipped(result: Result) -> Iterator[str]:
    for skipped in result.skipped[:SKIPPED]:
        yield f"SKIPPED   {printable(skipped.what)}: {printable(skipped.why)}"
    if len(result.skipped) > SKIPPED:
        yield f"SKIPPED   {len(result.skipped) - SKIPPED} more"
