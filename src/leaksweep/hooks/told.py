"""What a person reads whose commit or push was stopped: what, where, how sure, what to do; one screen."""

from __future__ import annotations

from collections.abc import Iterator

from leaksweep.hooks import Hook
from leaksweep.model import Finding, Result
from leaksweep.redact import printable
from leaksweep.reports import places, words

DETAILED = 3  #: findings that are told in full
LISTED = 6  #: further ones, and things that were not read, that are listed


def told(result: Result, hook: Hook) -> Iterator[str]:
    """The lines; none if nothing stops it and nothing is to be said."""
    new = [finding for finding in result.findings if words.fails(finding)]
    gaps = [f"  not read: {what}: {why}" for what, why in words.gaps(result)]
    stopped = bool(new) or not result.complete
    if stopped:
        why = words.counted(len(new), "secret") if new else "not everything could be read"
        yield f"leaksweep: this {hook.stops} is blocked: {why}"
    for finding in new[:DETAILED]:
        yield from _card(finding)
    yield from _listed(
        [f"  {words.severity(f.rule)}  {f.rule.name}  at {places.where(f.best)}" for f in new[DETAILED:]]
    )
    yield from _listed(gaps)
    yield from (f"leaksweep: note: {printable(note)}" for note in result.notes)
    if new:
        yield from _mend(new[0], hook)
    if stopped and hook.allow:
        yield f"  anyway   {hook.allow}"


def _card(finding: Finding) -> Iterator[str]:
    rule, more = finding.rule, len(finding.places) - 1
    yield f"  {rule.severity.name}  {rule.name}  {words.shown(finding)}"
    yield f"    at       {places.where(finding.best)}" + (f" and {words.counted(more, 'more place')}" if more else "")
    yield f"    sure     {words.sure(finding)}"
    yield f"    revoke   if anybody else had it: {rule.playbook.revoke} {rule.playbook.revoke_url}".rstrip()


def _listed(lines: list[str]) -> Iterator[str]:
    yield from lines[:LISTED]
    if len(lines) > LISTED:
        yield f"  and {len(lines) - LISTED:,} more"


def _mend(finding: Finding, hook: Hook) -> Iterator[str]:
    variable = f" ({finding.rule.playbook.env[0]})" if finding.rule.playbook.env else ""
    yield f"  mend     {hook.mend}"
    yield f"  instead  read it from the environment{variable} or from a secrets manager"
    yield "  false?   a comment on its line: leaksweep:ignore -- REASON; or a line in .leaksweep-baseline.toml"
