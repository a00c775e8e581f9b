"""``leaksweep config``: what is in force, and why."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from leaksweep.cli import PASSED_ON
from leaksweep.cli.given import settings_of

app = typer.Typer(help="Show what the configuration comes to.", rich_markup_mode=None)


class Format(Enum):
    """How the values are written."""

    TEXT = "text"
    JSON = "json"


@app.callback()
def _group() -> None:
    """Show what the configuration comes to."""


@app.command("show", context_settings=PASSED_ON)
def show_(
    ctx: typer.Context,
    form: Annotated[Format, typer.Option("--format", help="A table for people, or JSON for programs.")] = Format.TEXT,
) -> None:
    """Print each effective value and where it comes from; takes PATH and every option of scan."""
    import sys

    from leaksweep.output import show
    from leaksweep.settings.show import as_json, as_text

    settings = settings_of(ctx.args, "config show")
    show(sys.stdout, (as_json if form is Format.JSON else as_text)(settings))
