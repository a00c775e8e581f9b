"""``leaksweep init``: the first configuration file."""

from __future__ import annotations

from typing import Annotated

import typer


def command(folder: Annotated[str, typer.Argument(help="The folder that is scanned.")] = ".") -> None:
    """Write a commented .leaksweep.toml with a random salt; one that is there stays."""
    from leaksweep.settings.init import write

    typer.echo(f"written: {write(folder)}")
