"""What no schema can say of a SARIF file: sizes, references between its parts, results that consumers merge.

A finder yields where and what; the table ``CHECKS`` says who minds, how much, and why. Finders take any JSON: what is
not of the type it should be is the profiles' business, and is passed over here.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from leaksweep.sarifcheck.problem import ERROR, WARNING, Problem, path, shown

BYTES = 10_000_000
# GitLab files findings with one of these as leaked secrets; any other as static analysis.
SECRET_CWES = frozenset(f"cwe-{n}" for n in (798, 259, 321, 522, 312, 319, 256, 257, 540))

Found = Iterator[tuple[tuple[str | int, ...], str]]  #: (steps from the root, what is wrong there)


class File(NamedTuple):
    """A SARIF file, read."""

    log: Any
    data: bytes


class Check(NamedTuple):
    """A finder, and for each consumer that minds: how bad it is, and why."""

    find: Callable[[File], Found]
    mend: str
    costs: Mapping[str, tuple[str, str]]


def check(log: Any, data: bytes, consumer: str) -> Iterator[Problem]:
    """Every check that this consumer minds."""
    file = File(log, data)
    for find, mend, costs in CHECKS:
        if consumer in costs:
            level, why = costs[consumer]
            for steps, what in find(file):
                yield Problem(level, consumer, path(*steps), what, why, mend)


# ---------------------------------------------------------------- a careful walk


def _member(value: Any, *keys: str) -> Any:
    """The member at the end of ``keys``, or None."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _objects(value: Any, *keys: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """(index, object) of a list of objects, where there is one."""
    items = _member(value, *keys)
    for i, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield i, item


def _results(file: File) -> Iterator[tuple[dict[str, Any], tuple[str | int, ...], dict[str, Any]]]:
    """(run, steps to the result, result) of every result."""
    for i, run in _objects(file.log, "runs"):
        for j, result in _objects(run, "results"):
            yield run, ("runs", i, "results", j), result


def _rules(run: dict[str, Any]) -> list[dict[str, Any]]:
    return [rule for _, rule in _objects(run, "tool", "driver", "rules")]


# ---------------------------------------------------------------- the file


def compressed_size(file: File) -> Found:
    """GitHub limits the size after compression."""
    size = len(zlib.compress(file.data))
    if size > BYTES:
        yield (), f"has {size / 1e6:.1f} MB compressed, more than 10"


def size(file: File) -> Found:
    """GitLab limits the size as it is."""
    if len(file.data) > BYTES:
        yield (), f"has {len(file.data) / 1e6:.1f} MB, more than 10"


def encoding(file: File) -> Found:
    """JavaScript's JSON.parse, which GitHub's upload action calls, refuses a byte order mark."""
    if not file.data.lstrip(b" \t\r\n").startswith(b"{") or b"\0" in file.data[:4]:
        yield (), "begins with a byte order mark, or is not UTF-8"


def distinct_runs(file: File) -> Found:
    """One category, one run: GitHub has refused several since July 2025."""
    seen: dict[str, int] = {}
    names = ("name", "fullName", "version", "semanticVersion", "guid")
    for i, run in _objects(file.log, "runs"):
        driver = [_member(run, "tool", "driver", name) for name in names]
        first = seen.setdefault(repr((driver, _member(run, "automationDetails", "id"))), i)
        if first != i:
            yield ("runs", i), f"has the tool and the automationDetails.id of {path('runs', first)}"


# ---------------------------------------------------------------- rules and results


def rule_index(file: File) -> Found:
    """An index into the rules must be one, and of the rule that ruleId names; -1 is SARIF's "not given"."""
    for run, steps, result in _results(file):
        index, rules = result.get("ruleIndex"), _rules(run)
        if not isinstance(index, int) or index == -1:
            continue
        if not 0 <= index < len(rules):
            yield (*steps, "ruleIndex"), f"is {index}, but there are {len(rules)} rules"
        elif (name := rules[index].get("id")) != result.get("ruleId", name):
            yield (*steps, "ruleIndex"), f"is that of {shown(name)}, but ruleId is {shown(result['ruleId'])}"


def declared_rule(file: File) -> Found:
    """The rule of a result must be described; a result's id may go on below it (``rule/part``)."""
    for i, run in _objects(file.log, "runs"):
        components = [_member(run, "tool", "driver"), *(c for _, c in _objects(run, "tool", "extensions"))]
        declared = {str(rule.get("id")) for component in components for _, rule in _objects(component, "rules")}
        for j, result in _objects(run, "results"):
            name = result.get("ruleId")
            if isinstance(name, str) and not {name, name.rpartition("/")[0]} & declared:
                yield ("runs", i, "results", j, "ruleId"), f"is {shown(name)}, which tool.driver.rules does not list"


def same_lines(file: File) -> Found:
    """GitLab's identity of a finding: rule, file and lines."""
    yield from _repeated(file, lambda _: [])


def same_text(file: File) -> Found:
    """Jenkins' identity of an issue: rule, file, line and message."""
    yield from _repeated(file, lambda result: [_member(result, "message", k) for k in ("markdown", "text")])


def _repeated(file: File, more: Callable[[dict[str, Any]], list[Any]]) -> Found:
    seen: dict[str, tuple[str | int, ...]] = {}
    for run, steps, result in _results(file):
        place = next((_member(place, "physicalLocation") for _, place in _objects(result, "locations")), None)
        line = _member(place, "region", "startLine")
        uri, end = _member(place, "artifactLocation", "uri"), _member(place, "region", "endLine")
        key = repr((_rule_id(run, result), uri, line, more(result) or end or line))
        first = seen.setdefault(key, steps)
        if first != steps:
            yield steps, f"cannot be told from {path(*first)}"


def _rule_id(run: dict[str, Any], result: dict[str, Any]) -> Any:
    rules, index = _rules(run), result.get("ruleIndex")
    if isinstance(index, int) and 0 <= index < len(rules):
        return result.get("ruleId") or rules[index].get("id")
    return result.get("ruleId")


def secret_cwe(file: File) -> Found:
    """GitLab decides by the CWE whether a finding is a leaked secret."""
    for i, run in _objects(file.log, "runs"):
        for j, rule in _objects(run, "tool", "driver", "rules"):
            tags = _member(rule, "properties", "tags")
            words = {str(tag).lower().replace("cwe:", "cwe-") for tag in (tags if isinstance(tags, list) else ())}
            for _, relation in _objects(rule, "relationships"):
                if _member(relation, "target", "toolComponent", "name") == "CWE":
                    words.add(str(_member(relation, "target", "id")).lower())
            if "secret" in words and not words & SECRET_CWES:
                yield ("runs", i, "tool", "driver", "rules", j), "is tagged 'secret', but has no CWE of secrets"


def links(file: File) -> Found:
    """``[text](3)`` in a message is a link to the related location with that id."""
    for _, steps, result in _results(file):
        known = {repr(place.get("id")) for _, place in _objects(result, "relatedLocations")}
        text = _member(result, "message", "text")
        for link in re.findall(r"(?<!\\)\[[^\[\]]+\]\((\d+)\)", text if isinstance(text, str) else ""):
            if link not in known:
                yield (*steps, "message", "text"), f"links to related location {link}, which there is none of"


def files(file: File) -> Found:
    """A path of one machine, or one that leaves the repository, names no file that a consumer has."""
    for _, steps, result in _results(file):
        for kind in ("locations", "relatedLocations"):
            for i, place in _objects(result, kind):
                uri = _member(place, "physicalLocation", "artifactLocation", "uri")
                if isinstance(uri, str) and (what := _wrong(uri)):
                    yield (*steps, kind, i, "physicalLocation", "artifactLocation", "uri"), f"is {shown(uri)}, {what}"


def _wrong(uri: str) -> str:
    if uri.lower().startswith("file:"):
        return "a path of one machine"
    if {".", ".."} & set(unquote(uri).split("/")):
        return "with '.' or '..' in it"
    if re.search(r"\\|%(?![0-9A-Fa-f]{2})", uri):
        return "which is not percent-encoded"
    return ""


CHECKS = (
    Check(compressed_size, "split it, or raise the threshold", {"github": (ERROR, "GitHub refuses larger files.")}),
    Check(size, "split it, or raise the threshold", {"gitlab": (ERROR, "GitLab refuses larger reports.")}),
    Check(encoding, "write it as UTF-8 without a mark", {"github": (ERROR, "GitHub reads plain UTF-8 only.")}),
    Check(
        distinct_runs,
        "give each run its own automationDetails.id",
        {"github": (ERROR, "GitHub refuses files with two runs of one tool and category.")},
    ),
    Check(
        rule_index,
        "correct the index, or leave it out",
        {
            "github": (ERROR, "GitHub finds no rule, or the wrong one."),
            "jenkins": (ERROR, "Jenkins loses the whole report over an index without a rule."),
        },
    ),
    Check(
        declared_rule,
        "add the rule to tool.driver.rules",
        {
            "github": (WARNING, "GitHub shows the alert without severity and help."),
            "gitlab": (ERROR, "GitLab drops results whose rule it does not find."),
        },
    ),
    Check(
        same_lines,
        "none, where one line holds several",
        {"gitlab": (WARNING, "GitLab merges findings of one rule in the same lines of a file.")},
    ),
    Check(
        same_text,
        "write something unique into each message",
        {"jenkins": (ERROR, "Jenkins shows results of one rule, line and message as one issue.")},
    ),
    Check(
        secret_cwe,
        "tag it cwe-798",
        {"gitlab": (WARNING, "GitLab shows its findings under SAST, not under secret detection.")},
    ),
    Check(links, "add the location", {"github": (WARNING, "GitHub shows the link as plain text.")}),
    Check(
        files,
        "write the path from the repository's root",
        {
            "github": (WARNING, "GitHub cannot show the file."),
            "gitlab": (WARNING, "GitLab cannot link to the file."),
            "jenkins": (WARNING, "Jenkins cannot show the file."),
        },
    ),
)
