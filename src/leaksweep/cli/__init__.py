"""The command line: the only importer of typer. Commands parse, call and print; they hold no logic.

The command that is called is the only one that is imported: the others would take a fifth of a small scan's time.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer

from leaksweep import __version__
from leaksweep.cli import boundary


class _Command(NamedTuple):
    hidden: bool = False
    group: bool = False  #: of commands of its own
    passes_on: bool = False  #: whether it takes the options of ``scan`` besides its own


#: Each has a module of its name here, with a ``command`` or, for a group, an ``app``; in the order of ``--help``.
COMMANDS = {
    "scan": _Command(),
    "ci": _Command(passes_on=True),
    "action": _Command(hidden=True),
    "gate": _Command(),
    "where": _Command(passes_on=True),
    "explain": _Command(passes_on=True),
    "fix": _Command(passes_on=True),
    "init": _Command(),
    "hook": _Command(group=True),
    "baseline": _Command(group=True),
    "config": _Command(group=True),
    "rules": _Command(group=True),
    "sarif": _Command(group=True),
}
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}  #: of a command that takes scan's options


def application(arguments: Sequence[str] = ()) -> typer.Typer:
    """The command that the first of these arguments names, or, where it names none, all of them."""
    app = typer.Typer(
        name="leaksweep",
        help="Find leaked credentials in the workspace, in git's history and in every layer of container images, "
        "and say what to do.",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    for name in arguments[:1] if arguments and arguments[0] in COMMANDS else COMMANDS:
        _add(app, name, COMMANDS[name])
    return app


def _add(app: typer.Typer, name: str, command: _Command) -> None:
    module: Any = import_module(f"leaksweep.cli.{name}")
    if command.group:
        app.add_typer(module.app, name=name)
    else:
        settings = PASSED_ON if command.passes_on else None
        app.command(name, hidden=command.hidden, context_settings=settings)(module.command)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"leaksweep {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Exit codes: 0 clean, 1 secrets found, 2 usage or configuration, 3 incomplete scan, 4 a bug of leaksweep."""


def main() -> None:
    """Run the command line and exit with one of ``leaksweep.errors.ExitCode``."""
    sys.exit(boundary.run(application(sys.argv[1:]), sys.argv[1:]))
