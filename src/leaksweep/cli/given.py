"""Which options a command line gave, and the same parser of ``scan``'s options for the commands that take them too."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import typer

from leaksweep.config import key_variable
from leaksweep.settings import Settings


def said(ctx: typer.Context) -> dict[str, str]:
    """By each option's name the flag or variable that gave it; an empty value means that it was not given."""
    found = {}
    for parameter in ctx.command.params:
        source, value = ctx.get_parameter_source(parameter.name or ""), ctx.params.get(parameter.name or "")
        name = parameter.opts[0].lstrip("-")
        if source is None or value == "" or (isinstance(value, list | tuple) and not any(value)):
            continue
        if source.name == "COMMANDLINE":
            found[name] = f"flag --{name}" if name != "path" else "argument"
        elif source.name == "ENVIRONMENT":
            found[name] = f"variable {parameter.envvar}"
    variable = key_variable()
    return found | ({"identity": f"variable {variable}"} if variable else {})


def settings_of(arguments: Sequence[str], name: str) -> Settings:
    """What these options of ``scan`` ask for, without scanning; ``name`` is the command that they were given to."""
    found: list[Settings] = []
    scan_with(arguments, name, found.append)
    return found[0]


def scan_with(arguments: Sequence[str], name: str, instead: Callable[[Settings], None] | None = None) -> int:
    """Scan with these options, or tell ``instead`` what they ask for; the exit code."""
    from leaksweep.cli import scan

    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(scan.command)
    run = typer.main.get_command(app).main
    return int(run(list(arguments), prog_name=f"leaksweep {name}", standalone_mode=False, obj=instead) or 0)
