"""SARIF 2.1.0 that GitHub code scanning, GitLab and Jenkins take as it is; ``sarif/`` states what each of them wants.

One run a target category, so that each is uploaded, and its old alerts are closed, on its own. The report is the same
for the same findings: no times, no paths of this machine. What a limit of a consumer keeps out of it, it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from leaksweep import __version__
from leaksweep.model import (
    CommitFile,
    Confidence,
    Finding,
    GitText,
    ImageConfig,
    LayerFile,
    Place,
    Result,
    Rule,
    Seen,
    Severity,
    Step,
    Verdict,
    step_of,
)
from leaksweep.playbooks import category
from leaksweep.redact import printable, redact
from leaksweep.reports import git
from leaksweep.reports.reach import reach
from leaksweep.reports.serialize import SarifOm, dump, plain

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RUNS = 20  #: runs that GitHub and GitLab take of one file
RESULTS = 5_000  #: results that they take of one run
BYTES = 9_000_000  #: of results and rules in one file; GitLab takes 10 MB
RELATED = 100  #: further places of one secret that a message may link to: GitHub keeps so many
LOCATIONS = 1_000  #: places of one secret: GitHub refuses results of more
FURTHER = 8_000  #: further places that one file links to, and twice as many that it only lists
INDENT = 8  #: of rules, at most
SKIPPED = 2_000  #: skipped things that one file lists
MESSAGE = 1_024  #: characters of a text, after which GitLab drops the result
LABEL = 200  #: characters of a place within a text
LINKED = 60  #: characters of a place that a message links to

LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.5"}
PRECISIONS = {
    Confidence.PROVEN: "very-high",
    Confidence.HIGH: "high",
    Confidence.MEDIUM: "medium",
    Confidence.LOW: "low",
}
TAGS = ["security", "secret", "cwe-798", "external/cwe/cwe-798"]
CWE, CWE_NAME = "CWE-798", "Use of Hard-coded Credentials"

_om = SarifOm()


class _Part:
    """What goes into one run."""

    def __init__(self, name: str) -> None:
        self.id = f"leaksweep/{printable(name)}/"  #: the category under which consumers keep its alerts
        self.results: list[Any] = []
        self.rules: dict[str, Any] = {}
        self.left_out = 0


def render(result: Result) -> bytes:
    """The result as UTF-8 JSON ending in a newline; two calls are byte-equal."""
    parts = _parts(result)
    runs = [
        _run(part, [*_notes(result, part is parts[0], parts[0].id), *_left_out(part)], result.complete)
        for part in parts
    ]
    return dump(plain(_om.SarifLog(version="2.1.0", schema_uri=SCHEMA, runs=runs))).encode() + b"\n"


# ---------------------------------------------------------------- what goes where, and what no longer fits


def _parts(result: Result) -> list[_Part]:
    """One part for each category that was scanned, found in or not, filled with the worst findings first."""
    parts = _categories(result)
    listed = _Listed(_most(result, LOCATIONS - 1, 2 * FURTHER), _most(result, RELATED, FURTHER))
    room = BYTES
    for finding in result.findings:
        part = parts[finding.best.place.run]
        if finding.verdict.suppressed and not result.show_suppressed:
            continue
        if room > 0 and len(part.results) < RESULTS:
            new, rule = _result(finding, listed), part.rules.get(finding.rule.id) or _rule(finding.rule)
            room -= _size(new) + (0 if finding.rule.id in part.rules else _size(rule))
            if room > 0:
                part.results.append(new)
                part.rules[finding.rule.id] = rule
                continue
        part.left_out += 1
    return list(dict.fromkeys(parts.values()))


class _Listed(NamedTuple):
    """How many places each result may list besides its best, and how many of them with a number to link to."""

    places: int
    related: int


def _most(result: Result, each: int, together: int) -> int:
    """The most places for each finding, ``each`` or less, so that all do not crowd findings out of the file."""
    further = [len(finding.places) - 1 for finding in result.findings]
    steps = (each, *(step for step in (500, 200, 100, 50, 20, 10, 5, 2, 1) if step < each))
    return next((most for most in steps if sum(min(n, most) for n in further) <= together), 0)


def _categories(result: Result) -> dict[str, _Part]:
    """The part of each category; those beyond what a file may hold share the last one."""
    runs = [*(c.run for c in result.coverage), *(f.best.place.run for f in result.findings)]
    names = list(dict.fromkeys(runs)) or ["workspace"]
    kept = names if len(names) <= RUNS else names[: RUNS - 1]
    return {name: _Part(name) for name in kept} | dict.fromkeys(names[len(kept) :], _Part("rest"))


def _size(value: Any) -> int:
    return len(dump(plain(value), " " * INDENT)) + INDENT + 2


def _notes(result: Result, first: bool, where: str) -> Iterator[Any]:
    """What is not a result: gaps in every run, what is known and what is left out because of that in the first."""
    yield from _skipped(result, first, where)
    if first:
        yield from _known(result)


def _skipped(result: Result, first: bool, where: str) -> Iterator[Any]:
    """What was not scanned: in full in the first run, counted in the others."""
    level = "warning" if result.allow_skipped else "error"
    if not first and result.skipped:
        yield _note(f"{len(result.skipped)} things were not scanned; the run {where} lists them.", level)
        return
    for skipped in result.skipped[:SKIPPED]:
        text = f"Not scanned: {_clip(printable(skipped.what), 600)}: {_clip(printable(skipped.why), 300)}"
        yield _note(text, level)
    if len(result.skipped) > SKIPPED:
        yield _note(f"{len(result.skipped) - SKIPPED} more things were not scanned; the json report lists them.", level)


def _known(result: Result) -> Iterator[Any]:
    """How many findings have each verdict if any is known, each revoked secret that is still there, and notes."""
    known = [finding for finding in result.findings if finding.verdict.suppressed]
    if known:
        counts = ", ".join(f"{count} {verdict}" for verdict, count in result.verdicts.items())
        left = "" if result.show_suppressed else f" {len(known)} known ones are left out; --suppressed lists them."
        yield _note(f"Verdicts: {counts}.{left}", "note")
    revoked = [finding for finding in known if finding.reason.startswith("revoked")]
    for finding in revoked[:SKIPPED]:
        where = _clip(finding.best.place.label, 300)
        text = (
            f"Still found: {_clip(finding.rule.name, 100)}, id {finding.id}, in {where}. {_clip(finding.reason, 300)}"
        )
        yield _note(text, "note")
    for note in result.notes[:SKIPPED]:
        yield _note(_clip(printable(note), 900), "note")


def _left_out(part: _Part) -> Iterator[Any]:
    if part.left_out:
        what = f"{part.left_out} findings, none worse than those listed, were left out"
        why = f"GitHub and GitLab take {RESULTS} of a run and 10 MB"
        yield _note(f"{what}: {why}. The json report lists them.", "warning")


def _note(text: str, level: str) -> Any:
    return _om.Notification(message=_om.Message(text=text), level=level)


# ---------------------------------------------------------------- one run


def _run(part: _Part, notes: list[Any], complete: bool) -> Any:
    rules = [part.rules[name] for name in sorted(part.rules)]
    indexes = {rule.id: i for i, rule in enumerate(rules)}
    for result in part.results:
        result.rule_index = indexes[result.rule_id]
    return _om.Run(
        tool=_om.Tool(
            driver=_om.ToolComponent(
                name="leaksweep",
                organization="leaksweep",
                version=__version__,
                semantic_version=__version__,
                rules=rules,
                supported_taxonomies=[_om.ToolComponentReference(name="CWE", index=0)],
            )
        ),
        # Execution, not configuration: Jenkins makes issues of the latter.
        invocations=[_om.Invocation(execution_successful=complete, tool_execution_notifications=notes)],
        automation_details=_om.RunAutomationDetails(id=part.id),
        column_kind="utf16CodeUnits",
        results=part.results,
        taxonomies=[_cwe()],
    )


def _cwe() -> Any:
    return _om.ToolComponent(
        name="CWE",
        organization="MITRE",
        information_uri="https://cwe.mitre.org/",
        short_description=_om.MultiformatMessageString(text="Common Weakness Enumeration"),
        taxa=[
            _om.ReportingDescriptor(
                id=CWE,
                name=CWE_NAME,
                short_description=_om.MultiformatMessageString(text=f"{CWE_NAME}."),
                help_uri="https://cwe.mitre.org/data/definitions/798.html",
            )
        ],
    )


# ---------------------------------------------------------------- one rule


def _rule(rule: Rule) -> Any:
    uri = next(iter(rule.references), rule.playbook.revoke_url)
    return _om.ReportingDescriptor(
        id=rule.id,
        name=_clip(rule.name, 255),
        short_description=_om.MultiformatMessageString(text=_clip(f"Leaked secret: {rule.name}.", MESSAGE)),
        full_description=_om.MultiformatMessageString(text=_clip(rule.summary, MESSAGE)),
        help=_om.MultiformatMessageString(text=_help(rule, markdown=False), markdown=_help(rule, markdown=True)),
        help_uri=uri or None,
        default_configuration=_om.ReportingConfiguration(level=LEVELS[rule.severity]),
        relationships=[
            _om.ReportingDescriptorRelationship(
                target=_om.ReportingDescriptorReference(
                    id=CWE, index=0, tool_component=_om.ToolComponentReference(name="CWE", index=0)
                ),
                kinds=["superset"],
            )
        ],
        properties={
            "tags": TAGS,
            "precision": PRECISIONS[rule.confidence],
            "security-severity": SCORES[rule.severity],
            "provider": rule.provider.name,
        },
    )


def _help(rule: Rule, *, markdown: bool) -> str:
    """The playbook in five short entries; Jenkins shows all of it with every finding."""
    entries = _playbook(rule, " [Open]({})" if markdown else " {}")
    return "\n\n".join(f"**{title}:** {text}" if markdown else f"{title}: {text}" for title, text in entries)


def _playbook(rule: Rule, link: str) -> Iterator[tuple[str, str]]:
    playbook = rule.playbook
    yield "First", category(rule.category)["first"]
    yield "Revoke", playbook.revoke + (link.format(playbook.revoke_url) if playbook.revoke_url else "")
    if playbook.audit:
        yield "Check for misuse", playbook.audit + (link.format(playbook.audit_url) if playbook.audit_url else "")
    if playbook.breaks:
        yield "What breaks", playbook.breaks
    variable = f" ({playbook.env[0]})" if playbook.env else ""
    yield "Instead", f"Read it from the environment{variable} or from a secrets manager."


# ---------------------------------------------------------------- one result


def _result(finding: Finding, listed: _Listed) -> Any:
    """``locations`` are the places of the run, each of which must be mended (SARIF 3.27.12): GitHub and GitLab show the
    first, Jenkins and others all. ``relatedLocations`` are all but the first, in any run: GitHub links to them.
    """
    fingerprints = {"leaksweepSecret/v1": finding.id}
    step = step_of(finding.best.place)
    if line_hash := step.line_hash if step else finding.best.line_hash:
        fingerprints["primaryLocationLineHash"] = line_hash
    others = finding.places[step is None : 1 + listed.related]
    here = [seen for seen in finding.places[: 1 + listed.places] if seen.place.run == finding.best.place.run]
    return _om.Result(
        rule_id=finding.rule.id,
        rule_index=0,  # until all rules of the run are known
        level=LEVELS[finding.rule.severity],
        kind="fail",
        message=_om.Message(text=_message(finding, others)),
        locations=list(_locations(here)),
        related_locations=[*(_location(seen, i) for i, seen in enumerate(others, 1)), *_entering(others, step)] or None,
        partial_fingerprints=fingerprints,
        suppressions=[_suppression(finding)] if finding.verdict.suppressed else None,
        properties=_properties(finding),
    )


def _suppression(finding: Finding) -> dict[str, str]:
    """A plain object: sarif-om still calls ``status`` by its old name."""
    kind = "inSource" if finding.verdict is Verdict.IGNORED_INLINE else "external"
    return {"kind": kind, "status": "accepted", "justification": _clip(finding.reason, MESSAGE)}


def _message(finding: Finding, linkable: tuple[Seen, ...]) -> str:
    """What was found, which one it is, what to do, where else: in that order, the last as far as there is room."""
    place, rule = finding.best.place, finding.rule
    told = _image(place) is not None or _git(place) is not None or place.inside
    where = f" in {_escaped(_clip(place.label, LABEL))}" if told else ""
    sentences = [
        f"{_clip(rule.name, 100)} leaked{where}: {redact(finding.secret, weak=rule.weak)}, id {finding.id[:12]}.",
        f"Revoke it: {_clip(rule.playbook.revoke, 300)}",
        *_elsewhere(finding, linkable),
        *(_escaped(_clip(sentence, LABEL)) for sentence in reach(finding)),
    ]
    text = ""
    for sentence in sentences:
        if len(text) + len(sentence) < MESSAGE:
            text = f"{text} {sentence}".lstrip()
    return text


def _elsewhere(finding: Finding, linkable: tuple[Seen, ...]) -> Iterable[str]:
    count = len(finding.places) - 1
    if not count:
        return
    others = [(i, seen) for i, seen in enumerate(linkable, 1) if seen != finding.best][:2]
    links = [f"[{seen.place.label}]({i})" for i, seen in others if _is_short(seen.place.label)]
    more = count - len(links)
    yield "Also in " + " and ".join([*links, *([f"{more} more place{'s' * (more > 1)}"] if more else [])]) + "."


def _locations(places: Iterable[Seen]) -> Iterator[Any]:
    """Where consumers show a result: what an image holds on the lines of the Dockerfile that made it, if known."""
    shown: set[Step] = set()
    for seen in places:
        step = step_of(seen.place)
        if step is None:
            yield _location(seen)
        elif step not in shown:
            shown.add(step)
            yield _om.Location(physical_location=_lines(step), logical_locations=_logical(seen))


def _entering(others: Sequence[Seen], shown: Step | None) -> Iterator[Any]:
    """The lines of a Dockerfile that brought it into an image, numbered after ``others``, whose places they made."""
    steps = dict.fromkeys(step for seen in others if (step := step_of(seen.place)) and step != shown)
    for number, step in enumerate(steps, len(others) + 1):
        message = _om.Message(text=f"{_escaped(_clip(step.label, LABEL))} puts it into an image")
        yield _om.Location(id=number, physical_location=_lines(step), message=message)


def _lines(step: Step) -> Any:
    region = _om.Region(start_line=step.first, start_column=1, end_line=step.last, end_column=step.end_column)
    return _om.PhysicalLocation(artifact_location=_om.ArtifactLocation(uri=step.uri), region=region)


def _location(seen: Seen, number: int | None = None) -> Any:
    place, at = seen.place, seen.region
    location = _om.Location(
        physical_location=_om.PhysicalLocation(
            artifact_location=_om.ArtifactLocation(uri=place.uri),
            region=_om.Region(
                start_line=at.start_line,
                start_column=at.start_column,
                end_line=at.end_line,
                end_column=at.end_column,
            ),
        ),
        logical_locations=_logical(seen),
    )
    if number is not None:
        location.id = number
        location.message = _om.Message(text=_escaped(_clip(place.label, LABEL)))
    return location


def _logical(seen: Seen) -> list[Any] | None:
    """What no URI names: the layer or the configuration of an image, and the path inside an archive."""
    place = seen.place
    if isinstance(place, LayerFile):
        name, full = f"layer {place.index}", f"{place.reference}/{place.layer}"
    elif isinstance(place, ImageConfig):
        name, full = f"config {place.field}", f"{place.reference}/config/{place.field}"
    elif isinstance(place, CommitFile):
        name, full = f"commit {place.commit.short}", f"{place.commit.id}/{_inside(place)}"
    elif isinstance(place, GitText):
        name, full = f"{place.kind} {place.name or place.id[:10]}", f"{place.kind}/{place.id}"
    elif place.inside:
        name, full = f"{place.inside}:{seen.location.start_line}", f"{place.label}:{seen.location.start_line}"
    else:
        return None
    return [_om.LogicalLocation(name=printable(name), fully_qualified_name=printable(full), kind="resource")]


def _properties(finding: Finding) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "verdict": finding.verdict.value,
        "reason": _clip(finding.reason, MESSAGE),
        "confidence": finding.confidence.name.lower(),
        "proofs": list(finding.proofs),
        "companions": [{"rule": c.rule, "secret": redact(c.secret)} for c in finding.companions],
        "encodings": list(finding.best.encodings),
        "inside": _packed(finding.best),
        "image": _image(finding.best.place),
        "git": next((facts for seen in finding.places if (facts := _git(seen.place))), None),
    }
    return {name: value for name, value in properties.items() if value}


def _packed(seen: Seen) -> dict[str, Any] | None:
    at = seen.location
    path = printable(seen.place.inside)
    return {"path": path, "line": at.start_line, "column": at.start_column} if path else None


def _image(place: Place) -> dict[str, Any] | None:
    if isinstance(place, LayerFile):
        path = printable(f"/{place.path}")
        told = {"reference": printable(place.reference), "layer": place.layer, "layerIndex": place.index, "path": path}
        fate = {"gone": place.gone.label} if place.gone else {}
        return told | fate | ({"base": printable(place.base)} if place.base else {})
    if isinstance(place, ImageConfig):
        return {"reference": printable(place.reference), "field": printable(place.field)}
    return None


def _git(place: Place) -> dict[str, Any] | None:
    """The facts of the best place in a history, whether or not it is the best of all."""
    if not isinstance(place, CommitFile | GitText):
        return None
    return {re.sub("_(.)", lambda m: m[1].upper(), name): value for name, value in git.facts(place).items()}


def _inside(place: CommitFile) -> str:
    return f"{place.path}!/{place.inside}" if place.inside else place.path


# ---------------------------------------------------------------- texts


def _is_short(label: str) -> bool:
    """Whether a link to a place with this label stays readable, and is one."""
    return len(label) <= LINKED and not set(label) & set("[]()\\")


def _escaped(text: str) -> str:
    """``text`` so that brackets of a file's name are no link (SARIF 3.11.6)."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _clip(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
