"""One HTML file that needs nothing else: what to do first, every finding, where it came into an image or a history.

The page is ``page/``; this module makes its data. They travel as JSON in a script element that runs nothing, and its
policy allows the one script and the one style sheet that stand in it, by their hashes, and no request at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from importlib import resources
from typing import Any

from leaksweep import __version__
from leaksweep.model import Finding, Result, Rule, Seen
from leaksweep.playbooks import Section, compose
from leaksweep.playbooks.render import NUMBERED
from leaksweep.playbooks.tokens import of_token
from leaksweep.redact import printable
from leaksweep.reports import places, words
from leaksweep.reports.reach import reach

PLACES = 200  #: of one secret that are listed
FIRST = 5  #: things to do first
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})  # no tag and no comment begins in the data


def render(result: Result) -> bytes:
    """The page, UTF-8, ending in a newline."""
    style, script = _part("page.css"), _part("page.js")
    page = _part("page.html")
    # The data last: whatever stands in it, nothing replaces it.
    for name, text in (
        ("policy", f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"),
        ("style", style),
        ("script", script),
        ("data", _data(result)),
    ):
        before, _, after = page.partition(f"@{name}@")
        page = before + text + after
    return page.encode()


def _part(name: str) -> str:
    return resources.files(__package__).joinpath("page", name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data(result: Result) -> str:
    """Everything the page shows, as JSON without a character that means something in HTML; a line a member."""
    rules = list(dict.fromkeys(f.rule for f in result.findings))
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    data = {
        "tool": f"leaksweep {__version__}",
        "verdict": words.verdict(result).removeprefix("leaksweep: "),
        "failing": len(result.new),
        "complete": not result.skipped,
        "allowed": result.allow_skipped,
        "counts": words.by_severity(result),
        "rules": [_rule(rule) for rule in rules],
        "findings": [_finding(f, numbers) for f in result.findings],
        "first": [*_first(result, numbers)],
        "skipped": [*words.gaps(result)],
        "notes": [printable(note) for note in result.notes],
        "covered": [*words.covered(result)],
    }
    members = (f"{json.dumps(name)}: {_lines(value)}" for name, value in data.items())
    return ("{\n" + ",\n".join(members) + "\n}").translate(_ESCAPES)


def _lines(value: Any) -> str:
    if not isinstance(value, list):
        return json.dumps(value)
    return "[\n" + ",\n".join(json.dumps(item) for item in value) + "\n]"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": printable(rule.name),
        "provider": printable(rule.provider.name),
        "severity": words.severity(rule),
        "summary": printable(rule.summary),
        "revoke": [printable(rule.playbook.revoke), rule.playbook.revoke_url],
        "playbook": [_section(section) for section in compose(rule)],
    }


def _section(section: Section) -> list[Any]:
    return [section.title, section.key in NUMBERED, [[printable(s.text), s.url] for s in section.steps]]


def _finding(finding: Finding, numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "id": finding.id,
        "rule": numbers[finding.rule.id],
        "secret": words.shown(finding),
        "confidence": finding.confidence.name.lower(),
        "sure": printable(words.sure(finding)),
        "verdict": printable(words.ruling(finding)),
        "fails": words.fails(finding),
        "reach": list(reach(finding)),
        "token": [printable(text) for text in of_token(finding.rule, finding.proofs)],
        "places": [_place(seen) for seen in finding.places[:PLACES]],
        "more": max(0, len(finding.places) - PLACES),
    }


def _place(seen: Seen) -> dict[str, Any]:
    facts = {name: _printable(value) for name, value in places.facts(seen.place).items()}
    run = printable(seen.place.run)
    return {"where": places.where(seen), "path": places.path(seen.place).removeprefix(run), "run": run, **facts}


def _printable(value: Any) -> Any:
    return printable(value) if isinstance(value, str) else value


def _first(result: Result, numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    """The first types of secrets to deal with: the worst and surest first, as the findings are ordered."""
    counts: dict[str, int] = {}
    for finding in result.new:
        counts[finding.rule.id] = counts.get(finding.rule.id, 0) + 1
    for rule in list(counts)[:FIRST]:
        yield {"rule": numbers[rule], "count": counts[rule]}
