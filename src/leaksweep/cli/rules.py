"""``leaksweep rules``: what is known of secrets, for people and for the container's build."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Annotated

import typer

from leaksweep.model import Rule

app = typer.Typer(help="Show the rules, or compile them ahead of the first scan.", rich_markup_mode=None)


class Format(Enum):
    """How a list is written."""

    TEXT = "text"
    JSON = "json"


@app.command("list")
def list_(
    form: Annotated[Format, typer.Option("--format", help="A table for people, or JSON for programs.")] = Format.TEXT,
) -> None:
    """List every rule: its id, severity, provider and name."""
    import sys

    from leaksweep.cache import Cache
    from leaksweep.output import show
    from leaksweep.rules.load import load

    render = _json if form is Format.JSON else _text
    show(sys.stdout, render(load(Cache.default())))


@app.command("compile")
def compile_() -> None:
    """Fill the cache, so that the next scan starts at once."""
    from leaksweep.cache import Cache
    from leaksweep.engine import Engine
    from leaksweep.rules.load import load

    cache = Cache.default()
    rules = load(cache)
    Engine(rules, cache)
    typer.echo(f"{len(rules)} rules compiled")


def _json(rules: Sequence[Rule]) -> bytes:
    import json

    rows = [{"id": r.id, "severity": r.severity.name.lower(), "provider": r.provider, "name": r.name} for r in rules]
    return json.dumps(rows, indent=2).encode() + b"\n"


def _text(rules: Sequence[Rule]) -> bytes:
    rows = [(r.id, r.severity.name.lower(), r.provider, r.name) for r in rules]
    ids, severities, providers = (max((len(row[column]) for row in rows), default=0) for column in range(3))
    lines = (f"{a:<{ids}}  {b:<{severities}}  {c:<{providers}}  {d}\n" for a, b, c, d in rows)
    return "".join(lines).encode()
