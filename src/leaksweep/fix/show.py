"""What would be changed, without secrets: a diff to read, suggestions for a pull request, SARIF fixes."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import unquote

from leaksweep.fix.plan import Change, Plan
from leaksweep.model import Finding
from leaksweep.playbooks.snippets import kept
from leaksweep.redact import printable, redact
from leaksweep.reports.words import counted, shown


class Veil:
    """Takes every secret of a scan out of a text."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        secrets: dict[bytes, str] = {}
        for finding in findings:
            secrets[finding.secret.reveal()] = shown(finding)
            secrets |= {c.secret.reveal(): redact(c.secret) for c in finding.companions}
        # The longest first: one may hold another.
        self._secrets = sorted(secrets.items(), key=lambda item: -len(item[0]))

    def lines(self, data: bytes) -> list[str]:
        """The lines of a content, each printable; a secret of several lines keeps their number."""
        for raw, told in self._secrets:
            if raw in data:
                data = data.replace(raw, b"\n".join([told.encode(), *(["…".encode()] * raw.count(b"\n"))]))
        lines = data.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n")
        return ["\t".join(map(printable, line.rstrip("\r").split("\t"))) for line in lines]

    def line(self, text: str) -> str:
        """A text of one line without secrets: a variable may be called like one."""
        return " ".join(self.lines(text.encode("utf-8", "surrogateescape")))

    def hides(self, data: bytes) -> bool:
        """Whether there is a secret in it."""
        return any(raw in data for raw, _ in self._secrets)


def diff(change: Change, veil: Veil) -> str:
    """A unified diff of a file. Where secrets were, their first characters and their length stand."""
    old, new = (veil.lines(data) if data else [] for data in (change.old, change.new))
    name = printable(change.path)
    before = "/dev/null" if change.old is None else f"a/{name}"
    return "".join(f"{line}\n" for line in difflib.unified_diff(old, new, before, f"b/{name}", lineterm=""))


def told(plan: Plan, veil: Veil, *, applied: bool) -> Iterator[str]:
    """The whole plan for people."""
    for change in plan.changes:
        yield diff(change, veil) + "\n"
    for left in plan.left:
        yield f"not changed  {printable(left.where)}: {printable(left.finding.rule.name)}: {veil.line(left.why)}\n"
    fixed = sum(len(change.fixed) for change in plan.changes)
    done = "replaced" if applied else "to replace (nothing is written without --apply)"
    yield f"leaksweep: {counted(fixed, 'secret')} {done}, {len(plan.left):,} left to you\n"
    if fixed:
        names = veil.line(", ".join(sorted(plan.values)))
        yield f"Set {names} where the program runs, and revoke the old secrets: they stay in git's history.\n"


def commands(plan: Plan, store: str, folder: str) -> Iterator[str]:
    """The commands that keep each value in a store; they read it from a file."""
    paths = {f.variable: f.finding.rule.provider.slug for change in plan.changes for f in change.fixed}
    for variable in sorted(plan.values):
        made = kept(store, variable, f"app/{paths[variable].removeprefix('generic-')}").code
        yield made.replace("value.txt", f"{folder}/{variable}" if folder else "value.txt") + "\n"


class Hunk(NamedTuple):
    """Lines ``first`` to ``last`` (0-based, the last exclusive) of a file become ``text``, whole lines too."""

    first: int
    last: int
    text: bytes


def hunks(change: Change) -> Iterator[Hunk]:
    """What differs, by lines; nothing where the file is new."""
    if change.old is None:
        return
    old, new = change.old.splitlines(keepends=True), change.new.splitlines(keepends=True)
    for tag, first, last, begin, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Hunk(first, last, b"".join(new[begin:end]))


def suggestions(plan: Plan, veil: Veil) -> bytes:
    """Suggested changes as JSON: ``path``, ``start_line``, ``line`` and the ``body`` of a review comment on GitHub."""
    made = []
    for change in plan.changes:
        old = (change.old or b"").splitlines(keepends=True)
        for hunk in map(partial(_replacing, old), hunks(change)):
            if hunk.first < hunk.last and not veil.hides(hunk.text):
                made.append(_comment(change.path, hunk))  # noqa: PERF401 - two loops and a condition read better so
    return json.dumps(made, indent=1).encode() + b"\n"


def _replacing(old: list[bytes], hunk: Hunk) -> Hunk:
    """An insertion is told as the line that it stands before: a suggestion replaces lines."""
    if hunk.first < hunk.last or hunk.first == len(old):
        return hunk
    return Hunk(hunk.first, hunk.last + 1, hunk.text + old[hunk.first])


def _comment(path: str, hunk: Hunk) -> dict[str, Any]:
    text = hunk.text.decode("utf-8", "replace")
    fence = "```" + "`" * text.count("```")
    asked = "leaksweep: read this secret from the environment, and revoke the old one."
    end = "" if not text or text.endswith("\n") else "\n"
    body = f"{asked}\n\n{fence}suggestion\n{text}{end}{fence}"
    start = {"start_line": hunk.first + 1} if hunk.last > hunk.first + 1 else {}
    return {"path": path, **start, "line": hunk.last, "side": "RIGHT", "body": body}


def with_fixes(sarif: bytes, plan: Plan, veil: Veil) -> bytes:
    """A SARIF report with a ``fix`` at each result that has one (SARIF 2.1.0, 3.55): whole lines are replaced."""
    document = json.loads(sarif)
    fixes = {(f.finding.id, change.path): change for change in plan.changes for f in change.fixed}
    for result in (result for run in document["runs"] for result in run.get("results", ())):
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        known = result["partialFingerprints"]["leaksweepSecret/v1"], unquote(artifact["uri"], errors="surrogateescape")
        if (change := fixes.get(known)) and (replacements := _replacements(change, veil)):
            changed = {"artifactLocation": artifact, "replacements": replacements}
            said = {"text": "Read the secret from the environment."}
            result["fixes"] = [{"description": said, "artifactChanges": [changed]}]
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"


def _replacements(change: Change, veil: Veil) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for hunk in hunks(change):
        if veil.hides(hunk.text):
            return []
        region = {"startLine": hunk.first + 1, "startColumn": 1, "endLine": hunk.last + 1, "endColumn": 1}
        made.append({"deletedRegion": region, "insertedContent": {"text": hunk.text.decode("utf-8", "replace")}})
    return made
