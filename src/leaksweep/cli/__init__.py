"""The command line: the only importer of typer. Commands parse, call and print; they hold no logic."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from leaksweep import __version__
from leaksweep.cli import action, baseline, boundary, ci, config, gate, given, init, rules, sarif, scan, where

app = typer.Typer(
    name="leaksweep",
    help="Find leaked credentials in the workspace, in git's history and in every layer of container images, "
    "and say what to do.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("scan")(scan.command)
app.command("ci", context_settings=given.PASSED_ON)(ci.command)
app.command("action", hidden=True)(action.command)
app.command("gate")(gate.command)
app.command("where", context_settings=given.PASSED_ON)(where.command)
app.command("init")(init.command)
app.add_typer(baseline.app, name="baseline")
app.add_typer(config.app, name="config")
app.add_typer(rules.app, name="rules")
app.add_typer(sarif.app, name="sarif")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"leaksweep {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Exit codes: 0 clean, 1 secrets found, 2 usage or configuration, 3 incomplete scan, 4 a bug of leaksweep."""


def main() -> None:
    """Run the command line and exit with one of ``leaksweep.errors.ExitCode``."""
    sys.exit(boundary.run(app, sys.argv[1:]))
