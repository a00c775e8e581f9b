"""What a person reads on the terminal or in a job's log: what is to be done in full, what is known on two lines each.

Every line begins with our own text, so that nothing scanned can begin a line that a CI reads as a command.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from leaksweep.model import Finding, ImageConfig, Result, Seen, Verdict, step_of
from leaksweep.redact import printable, redact

GIT = ("history", "range")  #: runs whose contents are git's objects
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
    for coverage in result.coverage:
        files = f"{coverage.blobs:,} {'object' if coverage.run in GIT else 'file'}{'s' * (coverage.blobs != 1)}"
        yield f"scanned {printable(coverage.target)}: {files}, {_size(coverage.bytes)}"
    yield from _verdicts(result)
    yield _verdict(result)


def card(finding: Finding) -> Iterator[str]:
    """All lines about one finding."""
    rule, playbook = finding.rule, finding.rule.playbook
    below = "" if finding.verdict is Verdict.NEW else f"  [{finding.verdict.value}]"
    why = [f"  why      {finding.reason}"] if finding.reason else []
    yield f"{rule.severity.name:<8}  {rule.name}  {redact(finding.secret, weak=rule.weak)}{below}"
    for seen in finding.places[:PLACES]:
        yield f"  at       {_where(seen)}"
    if len(finding.places) > PLACES:
        yield f"  at       {len(finding.places) - PLACES} more places"
    yield f"  sure     {_sure(finding)}"
    yield from why
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
        what, places = f"{finding.rule.name}  {redact(finding.secret, weak=finding.rule.weak)}", len(finding.places)
        more = f" and {places - 1} more" if places > 1 else ""
        yield f"{finding.verdict.value}  {what}  at {_where(finding.best)}{more}  id {finding.id}"
        yield f"  why      {finding.reason}"
    if known:
        yield ""


def _verdicts(result: Result) -> Iterator[str]:
    counts = [
        f"{count} {verdict}" for verdict, count in result.verdicts.items() if count or verdict == Verdict.NEW.value
    ]
    if result.findings:
        yield f"verdicts {', '.join(counts)}"


def _where(seen: Seen) -> str:
    encoded = f" (in {', in '.join(reversed(seen.encodings))})" if seen.encodings else ""
    step = step_of(seen.place)
    made = f", made at {step.label}" if step else ""
    if isinstance(seen.place, ImageConfig):  # one field, one line
        return seen.place.label + encoded + made
    return f"{seen.place.label}:{seen.location.start_line}:{seen.location.start_column}{encoded}{made}"


def _sure(finding: Finding) -> str:
    notes = [*finding.proofs, *(f"with {c.rule} {redact(c.secret)}" for c in finding.companions)]
    return finding.confidence.name.lower() + (f" ({'; '.join(notes)})" if notes else "")


def _skipped(result: Result) -> Iterator[str]:
    for skipped in result.skipped[:SKIPPED]:
        yield f"SKIPPED   {printable(skipped.what)}: {printable(skipped.why)}"
    if len(result.skipped) > SKIPPED:
        yield f"SKIPPED   {len(result.skipped) - SKIPPED} more"


def _verdict(result: Result) -> str:
    counts = Counter(f.rule.severity.name.lower() for f in result.findings)
    found = f"{len(result.findings)} secrets found" if len(result.findings) != 1 else "1 secret found"
    if counts:
        found += f" ({', '.join(f'{n} {name}' for name, n in counts.items())})"
    if len(result.new) != len(result.findings):
        found += f", {len(result.new)} of them fail the scan"
    gaps = f"; INCOMPLETE: {len(result.skipped)} skipped" if result.skipped else ""
    return f"leaksweep: {found if result.findings else 'no secrets found'}{gaps}"


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count:,} bytes"
