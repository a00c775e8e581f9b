"""``leaksweep where``: every place of one secret."""

from __future__ import annotations

from typing import Annotated

import typer

from leaksweep.cli.given import settings_of


def command(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="The id of a finding, or how it begins.")],
    report: Annotated[str, typer.Option("--from", metavar="REPORT", help="Scan nothing, take this json report.")] = "",
) -> None:
    """Show where one secret is, in a fresh scan (takes PATH and the options of scan) or in a json report."""
    import sys

    from leaksweep.cli.scan import run
    from leaksweep.inputs import read
    from leaksweep.output import show
    from leaksweep.reports.json import render
    from leaksweep.reports.reread import LARGEST, document
    from leaksweep.where import find, lines

    def scanned() -> bytes:
        return render(run(settings_of(ctx.args, "where").config))

    data = read(report, trusted=True, largest=LARGEST) if report else scanned()
    told = lines(find(document(report or "the scan", data), name))
    show(sys.stdout, "".join(f"{line}\n" for line in told).encode("utf-8", "backslashreplace"))
