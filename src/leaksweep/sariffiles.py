"""SARIF files, whoever wrote them, put together or taken apart so that their consumers take them.

Consumers refuse a file whole: for its size, for too many runs or results, for two runs of one tool and category. So
``merge`` gives each run a category of its own, and ``split`` makes files that are within the limits, the worst results
first. Nothing is left out, and nothing else of a run is changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from leaksweep.errors import UsageError

VERSION = "2.1.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RUNS = 20  #: of a file, for GitHub
RESULTS = 5_000  #: of a run: GitHub takes 25,000 and shows the first 5,000, GitLab files 5,000
BYTES = 9_500_000  #: of a file: GitLab takes 10 MB as it is, GitHub compressed
LEVELS = ("error", "warning", "note", "none")

Log = dict[str, Any]


class Part(NamedTuple):
    """A file of a split: how its name shall begin, and what is in it."""

    name: str
    log: Log


def parse(data: bytes, name: str) -> Log:
    """A SARIF file.

    Raises:
        UsageError: it is none, or of a version that no consumer takes.
    """
    try:
        log = json.loads(data)
    except (ValueError, RecursionError):
        raise UsageError(f"{name}: is no JSON", "give a SARIF file") from None
    if not isinstance(log, dict) or log.get("version") != VERSION:
        raise UsageError(f"{name}: is no SARIF file of version {VERSION}", "have its tool write that version")
    runs = log.get("runs")
    if not isinstance(runs, list) or not all(isinstance(run, dict) for run in runs):
        raise UsageError(f"{name}: runs is no list of objects", "have its tool write it again")
    return log


def dump(log: Log) -> bytes:
    """A file's bytes: compact, since limits are by size."""
    return json.dumps(log, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"


def merge(logs: Iterable[Log]) -> Log:
    """One file with the runs of all, each with a category (``automationDetails.id``) that no other has.

    Raises:
        UsageError: there are more runs than a consumer takes.
    """
    runs = [run for log in logs for run in log["runs"]]
    if len(runs) > RUNS:
        raise UsageError(
            f"there are {len(runs)} runs, and GitHub takes {RUNS} of a file", "merge fewer, or upload each"
        )
    return _log(list(_distinct(runs)))


def split(log: Log, results: int = RESULTS, size: int = BYTES) -> Iterator[Part]:
    """A file for each run; of a run with more than ``results``, or more bytes than ``size``, several.

    Raises:
        UsageError: a single result is larger than a file may be.
    """
    for number, run in enumerate(_distinct(log["runs"]), 1):
        parts = list(_parts(run, results, size))
        for part, some in enumerate(parts, 1):
            several = len(parts) > 1
            category = f"{_category(run).rstrip('/')}/part-{part}/" if several else _category(run)
            name = f"{number:02}-{_slug(_category(run))}" + (f"-part-{part}" if several else "")
            yield Part(name, _log([_named({**run, "results": some} if "results" in run else run, category)]))


def _log(runs: list[dict[str, Any]]) -> Log:
    return {"$schema": SCHEMA, "version": VERSION, "runs": runs}


def _distinct(runs: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The runs, with another category where two would share one."""
    taken: set[str] = set()
    for run in runs:
        stem, count = _category(run).rstrip("/"), 1
        category = _category(run)
        while category in taken:
            count += 1
            category = f"{stem}-{count}/"
        taken.add(category)
        yield _named(run, category)


def _category(run: Mapping[str, Any]) -> str:
    details = run.get("automationDetails")
    given = details.get("id") if isinstance(details, dict) else None
    if isinstance(given, str) and given:
        return given
    driver = (run.get("tool") or {}).get("driver") if isinstance(run.get("tool"), dict) else None
    name = driver.get("name") if isinstance(driver, dict) else None
    return f"{name if isinstance(name, str) and name else 'run'}/"


def _named(run: dict[str, Any], category: str) -> dict[str, Any]:
    details = run.get("automationDetails")
    return {**run, "automationDetails": {**(details if isinstance(details, dict) else {}), "id": category}}


def _parts(run: dict[str, Any], most: int, size: int) -> Iterator[list[Any]]:
    """The results of a run in as many lists as it takes, the worst first; the order stays where one is enough."""
    found = run.get("results")
    results: list[Any] = found if isinstance(found, list) else []
    sizes = [len(dump(result)) for result in results]
    rest = len(dump(_log([_named({**run, "results": []}, _category(run) + "part-0000/")])))
    if len(results) <= most and rest + sum(sizes) <= size:
        yield results
        return
    order = sorted(range(len(results)), key=lambda i: _rank(run, results[i]))
    part, room = list[Any](), size - rest
    for i in order:
        if rest + sizes[i] > size:
            raise UsageError(f"a result of {sizes[i]:,} bytes fits no file of {size:,}", "raise the limit")
        if len(part) == most or sizes[i] > room:
            yield part
            part, room = [], size - rest
        part.append(results[i])
        room -= sizes[i]
    yield part


def _rank(run: dict[str, Any], result: Any) -> tuple[float, int]:
    """Sorts the worst first: by its rule's ``security-severity``, then by its level."""
    result = result if isinstance(result, dict) else {}
    rule = _rule(run, result)
    try:
        severity = float((rule.get("properties") or {}).get("security-severity", 0))
    except (TypeError, ValueError, AttributeError):
        severity = 0.0
    default = rule.get("defaultConfiguration")
    level = result.get("level") or (default.get("level") if isinstance(default, dict) else "") or "warning"
    return -severity, LEVELS.index(level) if level in LEVELS else len(LEVELS)


def _rule(run: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    try:
        rules = run["tool"]["driver"]["rules"]
        index = result.get("ruleIndex", -1)
        rule = rules[index] if index >= 0 else next(r for r in rules if r["id"] == result.get("ruleId"))
    except (KeyError, IndexError, TypeError, StopIteration):
        return {}
    return rule if isinstance(rule, dict) else {}


def _slug(category: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", category).strip("-.")[:80] or "run"
