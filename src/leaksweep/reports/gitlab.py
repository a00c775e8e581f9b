"""GitLab's own ``secret_detection`` report (``artifacts:reports:secret_detection``), schema 15.1.0.

An old schema on purpose: GitLab refuses one that is newer than itself, and nothing written here is newer. Its times are
required and fixed, so that two reports of the same findings are byte-equal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from leaksweep import __version__
from leaksweep.model import Confidence, Finding, Result, Rule, Seen
from leaksweep.playbooks import compose
from leaksweep.playbooks.render import line
from leaksweep.redact import printable
from leaksweep.reports import places, words
from leaksweep.reports.reach import reach

SCHEMA = "15.1.0"
TIME = "1970-01-01T00:00:00"
UNKNOWN_COMMIT = "0000000"  #: a commit is required; GitLab's own analyzer says this of files outside git
NAME, SOLUTION = 255, 7_000  #: characters that GitLab takes
PLACES = 100  #: further places of one secret that are listed
MESSAGES = 1_000  #: skipped things that are listed
WHOLE = 2_000  #: findings with the whole playbook; it is the longest part of each
_TOOL = {"id": "leaksweep", "name": "leaksweep", "version": __version__, "vendor": {"name": "leaksweep"}}


def render(result: Result) -> bytes:
    """The result as UTF-8 JSON ending in a newline."""
    document = {
        "version": SCHEMA,
        "scan": {
            "analyzer": _TOOL,
            "scanner": _TOOL,
            "type": "secret_detection",
            "start_time": TIME,
            "end_time": TIME,
            "status": "success" if result.complete else "failure",
            "messages": list(_messages(result)),
        },
        "vulnerabilities": [_vulnerability(f, whole=n < WHOLE) for n, f in enumerate(words.unruled(result))],
    }
    return json.dumps(document, indent=1).encode() + b"\n"


def _messages(result: Result) -> Iterator[dict[str, str]]:
    yield {"level": "info", "value": words.verdict(result)}
    for target, amount in words.covered(result):
        yield {"level": "info", "value": f"Scanned {target}: {amount}"}
    known = [f for f in result.findings if f.verdict.suppressed and not result.show_suppressed]
    for finding in known[:MESSAGES]:
        what = f"{finding.rule.name}, {words.shown(finding)}, id {finding.id}: {words.ruling(finding)}"
        yield {"level": "info", "value": f"Known: {printable(what)}"}
    yield from ({"level": "info", "value": printable(note)} for note in result.notes[:MESSAGES])
    for number, (what, why) in enumerate(words.gaps(result)):
        if number == MESSAGES:
            yield {"level": "warn", "value": f"Not scanned: {len(result.skipped) - MESSAGES:,} more things"}
            return
        yield {"level": "warn", "value": f"Not scanned: {what}: {why}"}


def _vulnerability(finding: Finding, *, whole: bool) -> dict[str, Any]:
    rule, best = finding.rule, finding.best
    made = {
        "id": finding.id,
        "category": "secret_detection",
        "name": words.clip(rule.name, NAME),
        # Markdown: what others named stands in ``details`` and ``location``, which are plain text.
        "description": f"Leaked: {words.shown(finding)}, id {finding.id[:12]}. {rule.summary}",
        "severity": rule.severity.name.capitalize(),
        "solution": _solution(rule, finding.proofs) if whole else _short(rule),
        "identifiers": list(_identifiers(rule)),
        "links": [{"name": s.title, "url": s.url} for s in words.steps(rule) if _is_link(s.url)],
        "location": _location(best),
        "details": _details(finding),
        "tracking": {"type": "source", "items": [_tracked(finding)]},
    }
    if finding.confidence is Confidence.LOW:
        doubt = f"The confidence is low{': ' + '; '.join(finding.proofs) if finding.proofs else ''}."
        made["flags"] = [{"type": "flagged-as-likely-false-positive", "origin": "leaksweep", "description": doubt}]
    return made


@lru_cache(1_000)
def _solution(rule: Rule, proofs: tuple[str, ...]) -> str:
    """What to do, all of it: GitLab shows a solution as one paragraph."""
    sections = (section for section in compose(rule, proofs) if section.key != "opens")
    return words.clip(" ".join(map(line, sections)), SOLUTION)


def _short(rule: Rule) -> str:
    steps = (f"{step.title}: {step.text} {step.url}".rstrip() for step in words.steps(rule))
    return words.clip(" ".join(steps), SOLUTION)


def _identifiers(rule: Rule) -> Iterator[dict[str, str]]:
    """The first one is what GitLab tells findings apart by: it must never change."""
    yield {"type": "leaksweep_rule_id", "name": f"leaksweep rule {rule.id}", "value": rule.id}
    url = "https://cwe.mitre.org/data/definitions/798.html"
    yield {"type": "cwe", "name": "CWE-798", "value": "798", "url": url}


def _location(seen: Seen) -> dict[str, Any]:
    facts, at = places.facts(seen.place), seen.region
    return {
        "file": places.path(seen.place),
        "start_line": at.start_line,
        "end_line": at.end_line,
        "commit": {"sha": facts.get("commit") or UNKNOWN_COMMIT},
    }


def _tracked(finding: Finding) -> dict[str, Any]:
    """The same secret stays the same finding when it moves, which is what its id says."""
    location = _location(finding.best)
    del location["commit"]
    return location | {"signatures": [{"algorithm": "rule_value", "value": f"{finding.rule.id}:{finding.id}"}]}


def _details(finding: Finding) -> dict[str, Any]:
    details = {
        "secret": _text("Secret", words.shown(finding)),
        "confidence": _text("Confidence", words.sure(finding)),
        "verdict": _text("Verdict", words.ruling(finding)),
        "place": _text("Place", places.where(finding.best)),
    }
    if sentences := list(reach(finding)):
        items = [{"type": "text", "value": sentence} for sentence in sentences]
        details["reach"] = {"name": "Reach", "type": "list", "items": items}
    if others := finding.places[1:]:
        items = [{"type": "text", "value": places.where(seen)} for seen in others[:PLACES]]
        if len(others) > PLACES:
            items.append({"type": "text", "value": f"{len(others) - PLACES:,} more places"})
        details["others"] = {"name": "Other places", "type": "list", "items": items}
    return details


def _text(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "type": "text", "value": value}


def _is_link(url: str) -> bool:
    return re.match(r"(https?|ftp)://.", url) is not None
