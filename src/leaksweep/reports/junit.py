"""JUnit XML, which every CI shows, as Jenkins' junit-10.xsd has it: a failed test is a secret that fails the scan.

One suite a category, and one for what was not scanned. A target that was scanned is a test that passed, so that a clean
scan is not an empty report, which Jenkins takes for an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from leaksweep.model import Finding, Result
from leaksweep.redact import printable
from leaksweep.reports import places, words
from leaksweep.reports.reach import reach

NOT_SCANNED = "leaksweep/not-scanned/"
_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Case(NamedTuple):
    kind: str  #: the name of the element that says what became of it; empty: it passed
    attributes: dict[str, str]
    message: str = ""
    text: str = ""


def render(result: Result) -> bytes:
    """The result as UTF-8 XML ending in a newline."""
    suites = {name: list(cases) for name, cases in _suites(result)}
    everything = [case for cases in suites.values() for case in cases]
    totals = _totals("leaksweep", everything)
    del totals["skipped"]  # which this element may not have
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{_attributes(totals)}>"]
    for name, cases in suites.items():
        lines += [f" <testsuite{_attributes(_totals(name, cases))}>", *map(_xml, cases), " </testsuite>"]
    return "\n".join([*lines, "</testsuites>", ""]).encode()


def _suites(result: Result) -> Iterator[tuple[str, Iterable[_Case]]]:
    runs = [*(c.run for c in result.coverage), *(f.best.place.run for f in result.findings)]
    for run in dict.fromkeys(runs):
        scanned = [c for c in zip(result.coverage, words.covered(result), strict=True) if c[0].run == run]
        passed = [_Case("", _names(f"scanned {target}: {amount}", "leaksweep")) for _, (target, amount) in scanned]
        found = [_case(f) for f in result.findings if f.best.place.run == run]
        yield f"leaksweep/{printable(run)}/", [*found, *passed]
    if told := list(words.ruled(result)):
        yield "leaksweep: notes", [_Case("", _names(text, "notes")) for text in told]
    if result.skipped:
        kind = "skipped" if result.allow_skipped else "error"
        yield NOT_SCANNED, [_Case(kind, _names(what, "not-scanned"), why, why) for what, why in words.gaps(result)]


def _case(finding: Finding) -> _Case:
    rule = finding.rule
    where = places.where(finding.best)
    named = _names(f"{rule.name}: {words.shown(finding)} in {where} [{finding.id}]", rule.id)
    message = f"{words.severity(rule).upper()}: {rule.name} leaked in {where}"
    if not words.fails(finding):
        return _Case("skipped", named, f"{words.ruling(finding)}: {message}", _text(finding))
    return _Case("failure", named, message, _text(finding))


def _text(finding: Finding) -> str:
    lines = [
        f"secret: {words.shown(finding)}",
        f"id: {finding.id}",
        f"confidence: {words.sure(finding)}",
        *([f"why: {finding.reason}"] if finding.reason else []),
        *(f"at: {places.where(seen)}" for seen in finding.places),
        *(f"reach: {sentence}" for sentence in reach(finding)),
        *(f"{step.title}: {step.text} {step.url}".rstrip() for step in words.steps(finding.rule)),
    ]
    return "\n".join(lines)


def _names(name: str, classname: str) -> dict[str, str]:
    return {"name": name, "classname": classname, "time": "0"}


def _totals(name: str, cases: list[_Case]) -> dict[str, str]:
    kinds = [case.kind for case in cases]
    counted = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {attribute: str(kinds.count(kind)) for attribute, kind in counted.items()}
    return {"name": name, "tests": str(len(kinds)), **counts, "time": "0"}


def _xml(case: _Case) -> str:
    start = f"  <testcase{_attributes(case.attributes)}"
    if not case.kind:
        return f"{start}/>"
    about = {"message": case.message} | ({} if case.kind == "skipped" else {"type": case.attributes["classname"]})
    return f"{start}>\n   <{case.kind}{_attributes(about)}>{escape(_legal(case.text))}</{case.kind}>\n  </testcase>"


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(_legal(value))}" for name, value in attributes.items())


def _legal(text: str) -> str:
    """``text`` without the characters that no XML may hold, not even as a reference: custom rules may have them."""
    return _ILLEGAL.sub("\ufffd", text)
