"""SARIF files of strangers: checked, merged and split without an error of ours, and without a result lost."""

from __future__ import annotations

import json
from typing import Any

from leaksweep.errors import UsageError
from leaksweep.sarifcheck import CONSUMERS, OTHERS, check
from leaksweep.sarifcheck.problem import told
from leaksweep.sariffiles import dump, merge, parse, split

_NAMES = tuple(
    f'"{word}":'.encode()
    for word in (
        *("version", "$schema", "runs", "tool", "driver", "name", "rules", "id", "results", "ruleId", "ruleIndex"),
        *("message", "text", "locations", "physicalLocation", "artifactLocation", "uri", "region", "startLine"),
        *("startColumn", "endLine", "endColumn", "partialFingerprints", "primaryLocationLineHash", "properties"),
        *("security-severity", "tags", "level", "automationDetails", "suppressions", "kind", "help", "markdown"),
        *("relatedLocations", "defaultConfiguration", "fullDescription", "uriBaseId", "originalUriBaseIds"),
    )
)
WORDS = (*_NAMES, b'"2.1.0"', b"1e999", b"null", b"[]", b"{}", b"\\ud800", b"-1")
LENGTH = 4096
SMALL = 1500  #: bytes and
FEW = 2  #: results of a part


def run(data: bytes) -> None:
    """Check for each consumer, then merge and split."""
    for consumer in (*CONSUMERS, *OTHERS):
        try:
            problems = list(check(data, [consumer]))
        except UsageError:
            continue
        assert all(line.isprintable() for line in told(problems))
    try:
        log = parse(data, "fuzz.sarif")
    except UsageError:
        return
    _merged(log)
    _split(log)


def _merged(log: dict[str, Any]) -> None:
    try:
        both = merge([log, log])
    except UsageError:
        return
    ids = [run["automationDetails"]["id"] for run in both["runs"]]
    assert len(ids) == len(set(ids)) == 2 * len(log["runs"])
    json.loads(dump(both))


def _split(log: dict[str, Any]) -> None:
    try:
        parts = list(split(log, FEW, SMALL))
    except UsageError:
        return
    assert len({part.name for part in parts}) == len(parts)
    found = [result for part in parts for run in part.log["runs"] for result in _results(run)]
    wanted = [result for run in log["runs"] for result in _results(run)]
    assert sorted(map(repr, found)) == sorted(map(repr, wanted))
    assert all(len(_results(run)) <= FEW for part in parts for run in part.log["runs"])
    sizes = {part.name: len(dump(part.log)) for part in parts if _results(part.log["runs"][0])}
    several = [name for name in sizes if "-part-" in name]
    assert all(sizes[name] <= SMALL for name in several), sizes


def _results(run: dict[str, Any]) -> list[Any]:
    found = run.get("results")
    return found if isinstance(found, list) else []
