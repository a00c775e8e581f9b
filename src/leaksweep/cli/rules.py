"""``leaksweep rules``: what is known of secrets, for people and for the container's build."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from leaksweep.errors import ExitCode

app = typer.Typer(help="Show and check the rules, or compile them ahead of the first scan.", rich_markup_mode=None)


class Format(Enum):
    """How a list is written."""

    TEXT = "text"
    JSON = "json"


@app.command("list")
def list_(
    provider: Annotated[str, typer.Option(help="Only this provider's rules.")] = "",
    severity: Annotated[str, typer.Option(help="Only this severity: low, medium, high or critical.")] = "",
    kind: Annotated[str, typer.Option(help="Only this kind: pattern, context or generic.")] = "",
    form: Annotated[Format, typer.Option("--format", help="A table for people, or JSON for programs.")] = Format.TEXT,
) -> None:
    """List the rules: id, severity, provider and name."""
    import sys

    from leaksweep.cache import Cache
    from leaksweep.catalog.table import as_json, as_text, chosen
    from leaksweep.output import show
    from leaksweep.rules.load import load

    render = as_json if form is Format.JSON else as_text
    show(sys.stdout, render(chosen(load(Cache.default()), provider, severity, kind)))


@app.command("show")
def show_(name: Annotated[str, typer.Argument(metavar="ID", help="The rule's id, as the reports name it.")]) -> None:
    """Show everything about a rule: how it is found, what to do about a leak, examples."""
    import sys

    from leaksweep.catalog.card import card, find
    from leaksweep.output import show
    from leaksweep.rules.load import parse

    show(sys.stdout, card(find(parse(), name)))


@app.command("check")
def check(
    files: Annotated[
        list[str], typer.Argument(metavar="[FILE_OR_FOLDER]...", help="Rule files; without one, the built-in rules.")
    ] = [],  # noqa: B006 - typer copies it
) -> int:
    """Say what is wrong with rules: shape, patterns in both engines, proofs, examples. Exit 2 if anything is."""
    import sys

    from leaksweep.cache import Cache
    from leaksweep.output import show
    from leaksweep.rulecheck import check, told

    count, problems = check(files, Cache.default())
    show(sys.stdout, told(count, problems))
    return ExitCode.USAGE if problems else ExitCode.CLEAN


@app.command("docs")
def docs(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Where the pages are, such as docs/rules.")],
    check_only: Annotated[bool, typer.Option("--check", help="Write nothing; exit 2 if a page is not right.")] = False,
) -> None:
    """Write a Markdown page for each provider, and an index."""
    from leaksweep.catalog.pages import deliver

    typer.echo(deliver(folder, check_only=check_only))


@app.command("compile")
def compile_() -> None:
    """Fill the cache, so that the next scan starts at once."""
    from leaksweep.cache import Cache
    from leaksweep.engine import Engine
    from leaksweep.rules.load import load

    cache = Cache.default()
    rules = load(cache)
    for encoded in (False, True):  # each is a database of its own
        Engine(rules, cache, encoded=encoded).changes()
    typer.echo(f"{len(rules)} rules compiled")
