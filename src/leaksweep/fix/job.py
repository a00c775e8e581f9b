"""All of ``leaksweep fix``: a scan of the workspace, a plan, and what is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from leaksweep.engine import Engine
from leaksweep.errors import ExitCode, UsageError
from leaksweep.fix import show, write
from leaksweep.fix.plan import Plan, Planner
from leaksweep.model import Finding, Result
from leaksweep.output import replace
from leaksweep.playbooks.snippets import kept
from leaksweep.reports import report


class Wanted(NamedTuple):
    """What the user asked for."""

    apply: bool = False
    ids: tuple[str, ...] = ()  #: of findings, or how they begin; all where it is empty
    store: str = ""
    values: str = ""  #: a folder for the values
    suggestions: str = ""  #: a file
    sarif: str = ""  #: a file


def check(wanted: Wanted) -> None:
    """Raise for what cannot be, before anything is scanned."""
    if wanted.store:
        kept(wanted.store, "X", "x")
    if wanted.values and not wanted.apply:
        raise UsageError("--values without --apply", "give both: the values leave the files then")


def run(result: Result, folder: Path, engine: Engine, wanted: Wanted) -> tuple[Iterator[str], ExitCode]:
    """Do it; what to print, and the exit code: 1 where secrets are left, 3 where not everything was scanned.

    Raises:
        UsageError: a file cannot be written, or no finding has an id that was given.
    """
    if wanted.values and Path(wanted.values).resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"--values {wanted.values}: lies in what is scanned", "name a folder outside of it")
    plan = Planner(folder, engine, empties=not wanted.apply or bool(wanted.values)).plan(_chosen(result, wanted.ids))
    veil = show.Veil(result.findings)
    if wanted.sarif:
        replace(wanted.sarif, show.with_fixes(report("sarif")(result), plan, veil))
    if wanted.suggestions:
        replace(wanted.suggestions, show.suggestions(plan, veil))
    if wanted.apply:
        if wanted.values:
            write.keep(wanted.values, plan)
        write.apply(folder, plan)
    return _told(plan, veil, wanted), _code(result, plan, wanted)


def _told(plan: Plan, veil: show.Veil, wanted: Wanted) -> Iterator[str]:
    yield from show.told(plan, veil, applied=wanted.apply)
    if wanted.store and plan.values:
        yield "\n"
        yield from show.commands(plan, wanted.store, wanted.values)


def _code(result: Result, plan: Plan, wanted: Wanted) -> ExitCode:
    chosen = _chosen(result, wanted.ids)
    if (chosen and not wanted.apply) or plan.left:
        return ExitCode.FINDINGS
    return ExitCode.CLEAN if result.complete else ExitCode.INCOMPLETE


def _chosen(result: Result, ids: Sequence[str]) -> list[Finding]:
    if not ids:
        return list(result.new)
    chosen = []
    for name in ids:
        found = [finding for finding in result.findings if finding.id.startswith(name.lower())]
        if len(found) != 1:
            many = f"begins the ids of {len(found)} secrets" if found else "no secret of the workspace has this id"
            raise UsageError(f"--id {name}: {many}", "take it from a scan of this folder")
        chosen += found
    return chosen
