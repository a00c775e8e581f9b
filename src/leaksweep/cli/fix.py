"""``leaksweep fix``: secrets in files become look-ups."""

from __future__ import annotations

from typing import Annotated

import typer

from leaksweep.cli.given import settings_of


def command(
    ctx: typer.Context,
    apply: Annotated[bool, typer.Option("--apply", help="Write the changes; without it they are only shown.")] = False,
    ids: Annotated[
        list[str], typer.Option("--id", metavar="ID", help="Only the finding whose id begins so; may be repeated.")
    ] = [],  # noqa: B006 - typer copies it
    store: Annotated[
        str, typer.Option(help="Print the commands that keep the values: env, aws, vault or conjur.")
    ] = "",
    values: Annotated[
        str, typer.Option(metavar="DIR", help="With --apply: write each value to DIR/VARIABLE, for its owner alone.")
    ] = "",
    suggestions: Annotated[
        str, typer.Option("--suggest", metavar="FILE", help="Write suggested changes for a pull request (JSON).")
    ] = "",
    sarif: Annotated[str, typer.Option(metavar="FILE", help="Write a SARIF report whose results have fixes.")] = "",
) -> int:
    """Replace secrets in files by look-ups of the environment (takes PATH and the options of scan)."""
    import sys
    from pathlib import Path

    from leaksweep.cli.scan import engine, sweep
    from leaksweep.fix.job import Wanted, check, run
    from leaksweep.output import show
    from leaksweep.targets.workspace import Workspace

    wanted = Wanted(apply, tuple(ids), store, values, suggestions, sarif)
    check(wanted)
    config = settings_of(ctx.args, "fix").config
    told, code = run(sweep(config, [Workspace(config.path)]), Path(config.path), engine(config), wanted)
    show(sys.stdout, "".join(told).encode("utf-8", "backslashreplace"))
    return code
