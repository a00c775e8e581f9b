"""Our own report, complete and stable: for scripts, dashboards and the next tool.

``{"schema": 1, "tool", "identity", "complete", "verdicts": {...}, "findings": [...], "skipped": [{"what", "why"}],
"notes": [...], "coverage": [...]}``; keys are only ever added within a schema number. Secrets are redacted.
"""

from __future__ import annotations

import json
from typing import Any

from leaksweep import __version__
from leaksweep.model import Coverage, Finding, Result, Seen
from leaksweep.redact import redact
from leaksweep.reports import places
from leaksweep.reports.reach import reach

SCHEMA = 1
IDENTITY = "v1"  #: how ids are made


def render(result: Result) -> bytes:
    """The result as UTF-8 JSON, one finding a block, ending in a newline."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": "leaksweep", "version": __version__},
        "identity": IDENTITY,
        "complete": not result.skipped,
        "verdicts": result.verdicts,
        "findings": [_finding(f) for f in result.findings],
        "skipped": [{"what": s.what, "why": s.why} for s in result.skipped],
        "notes": list(result.notes),
        "coverage": [_coverage(c) for c in result.coverage],
    }
    return json.dumps(document, indent=2).encode() + b"\n"


def _coverage(coverage: Coverage) -> dict[str, Any]:
    counts = {what: {"expected": expected, "scanned": done} for what, expected, done in coverage.account.counts}
    told = {"target": coverage.target, "run": coverage.run, "blobs": coverage.blobs, "bytes": coverage.bytes}
    return {**told, "counts": counts, "skipped": coverage.skipped}


def _finding(finding: Finding) -> dict[str, Any]:
    rule, playbook = finding.rule, finding.rule.playbook
    return {
        "id": finding.id,
        "rule": rule.id,
        "name": rule.name,
        "provider": rule.provider.name,
        "severity": rule.severity.name.lower(),
        "confidence": finding.confidence.name.lower(),
        "verdict": finding.verdict.value,
        "reason": finding.reason,
        "secret": redact(finding.secret, weak=rule.weak),
        "proofs": list(finding.proofs),
        "companions": [{"rule": c.rule, "secret": redact(c.secret)} for c in finding.companions],
        "places": [_place(seen) for seen in finding.places],
        "reach": list(reach(finding)),
        "playbook": {
            "revoke": playbook.revoke,
            "revoke_url": playbook.revoke_url,
            "audit": playbook.audit,
            "audit_url": playbook.audit_url,
            "breaks": playbook.breaks,
            "env": list(playbook.env),
        },
    }


def _place(seen: Seen) -> dict[str, Any]:
    place, location = seen.place, seen.location
    described: dict[str, Any] = {"uri": place.uri, "label": place.label, **places.facts(place)}
    if place.inside:
        described["inside"] = place.inside
    if seen.encodings:
        described["encodings"] = list(seen.encodings)
    if seen.markers:
        described["markers"] = [marker.tool for marker in seen.markers]
    return described | {
        "start_line": location.start_line,
        "start_column": location.start_column,
        "end_line": location.end_line,
        "end_column": location.end_column,
    }
