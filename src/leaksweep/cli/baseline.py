"""``leaksweep baseline``: make and change the file of known secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from leaksweep.cli import PASSED_ON
from leaksweep.cli.given import settings_of
from leaksweep.errors import ExitCode

if TYPE_CHECKING:
    from leaksweep.baseline.job import Job

app = typer.Typer(
    help="Make and change the file of known secrets; all take PATH and the options of scan.", rich_markup_mode=None
)

FROM = Annotated[
    list[str],
    typer.Option("--from", metavar="REPORT", help="Scan nothing, take this json report. Repeatable."),
]
STATE = Annotated[str, typer.Option(help="accepted, false-positive or revoked.")]
REASON = Annotated[str, typer.Option(help="Why, for those who read the file.")]
OWNER = Annotated[str, typer.Option(help="Who decided, or is to be asked.")]
EXPIRES = Annotated[str, typer.Option(metavar="DATE", help="The last day on which the entries count.")]


@app.command("create", context_settings=PASSED_ON)
def create(
    ctx: typer.Context,
    reports: FROM = [],  # noqa: B006 - typer copies it
    state: STATE = "accepted",
    reason: REASON = "known before the baseline was made",
    owner: OWNER = "",
    expires: EXPIRES = "",
) -> None:
    """Write a baseline of every new secret; there must be none yet."""
    from leaksweep.baseline import added, decision

    what, job = decision(state, reason, owner, expires), _job(ctx, "create")
    job.must_be_missing()
    typer.echo(job.write(added({}, job.found(reports).new, what)))


@app.command("update", context_settings=PASSED_ON)
def update(
    ctx: typer.Context,
    reports: FROM = [],  # noqa: B006
    state: STATE = "accepted",
    reason: REASON = "added by an update",
    owner: OWNER = "",
    expires: EXPIRES = "",
) -> None:
    """Add every new secret; entries that are there stay as they are."""
    from leaksweep.baseline import added, decision

    what, job = decision(state, reason, owner, expires), _job(ctx, "update")
    typer.echo(job.write(added(job.known, job.found(reports).new, what)))


@app.command("prune", context_settings=PASSED_ON)
def prune(ctx: typer.Context, reports: FROM = []) -> None:  # noqa: B006
    """Remove the secrets that a complete scan finds no longer."""
    from leaksweep.baseline import pruned

    job = _job(ctx, "prune")
    typer.echo(job.write(pruned(job.known, job.found(reports))))


@app.command("rekey", context_settings=PASSED_ON)
def rekey(ctx: typer.Context) -> None:
    """Keep all decisions when the key of ids changed: LEAKSWEEP_OLD_FINGERPRINT_KEY holds the old salt or key; if it is
    not set, there was none.
    """
    import os

    from leaksweep.baseline.rekey import OLD_KEY, rekeyed
    from leaksweep.config import NO_KEY

    job = _job(ctx, "rekey")
    moved = rekeyed(job.known, job.scan(os.environ.get(OLD_KEY, "").encode() or NO_KEY), job.scan())
    typer.echo(job.write(moved.known))
    if moved.lost:
        typer.echo(f"{moved.lost:,} entries are of secrets that are found no longer; they stay as they were")


@app.command("audit", context_settings=PASSED_ON)
def audit(ctx: typer.Context, owner: OWNER = "") -> None:
    """Walk through the new secrets and decide on each by a key."""
    from leaksweep.baseline import audit as walk

    job = _job(ctx, "audit")
    decided = walk.audit(job.scan(), walk.terminal, walk.tell, owner)
    typer.echo(job.write({**job.known, **decided}))


@app.command("import", context_settings=PASSED_ON)
def import_(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="A .gitleaksignore, a gitleaks report or a .secrets.baseline.")],
) -> int:
    """Take over what another tool's list says of today's findings; exit 1 if some of it could not be matched."""
    from leaksweep.baseline.imports import imported, read

    job, entries = _job(ctx, "import"), read(file)
    got = imported(entries, job.scan().findings, file)
    for entry in got.unmatched:
        typer.echo(f"not matched: {entry.label}")
    typer.echo(job.write({**got.known, **job.known}))
    return ExitCode.FINDINGS if got.unmatched else ExitCode.CLEAN


def _job(ctx: typer.Context, name: str) -> Job:
    from leaksweep.baseline.job import Job
    from leaksweep.cli.scan import run

    return Job(settings_of(ctx.args, f"baseline {name}"), run)
