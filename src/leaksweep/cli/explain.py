"""``leaksweep explain``: what to do about a secret."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from leaksweep.cli.given import settings_of


class Format(Enum):
    """How it is written."""

    TEXT = "text"
    MARKDOWN = "markdown"


def command(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="RULE|ID", help="A rule, or the id of a finding.")],
    report: Annotated[
        str, typer.Option("--from", metavar="REPORT", help="Take the finding from this json report; scan nothing.")
    ] = "",
    language: Annotated[str, typer.Option("--lang", help="Show the code that reads it, in this language.")] = "",
    store: Annotated[str, typer.Option(help="Where it is kept then: env, aws, vault or conjur.")] = "",
    contexts: Annotated[
        list[str], typer.Option("--context", help="Show how this gives it to a program: docker, kubernetes …")
    ] = [],  # noqa: B006 - typer copies it
    form: Annotated[Format, typer.Option("--format", help="For a terminal, or for a ticket.")] = Format.TEXT,
) -> None:
    """Say what to do about a type of secret, or about one that was found (scans as `where` does, or reads a report)."""
    import sys
    from datetime import UTC, datetime

    from leaksweep.cache import Cache
    from leaksweep.explain import Wanted, check, is_id, of_rule, of_secret
    from leaksweep.output import show
    from leaksweep.playbooks import render
    from leaksweep.rules.load import load

    wanted = Wanted(language, store, tuple(contexts))
    check(wanted)
    rules, written = load(Cache.default()), render.text if form is Format.TEXT else render.markdown
    if not is_id(name, rules):
        told = of_rule(rules, name, wanted, written)
    else:
        from leaksweep.cli.scan import run
        from leaksweep.inputs import read
        from leaksweep.reports.json import render as as_json
        from leaksweep.reports.reread import LARGEST, document

        def scanned() -> bytes:
            return as_json(run(settings_of(ctx.args, "explain").config))

        data = read(report, trusted=True, largest=LARGEST) if report else scanned()
        today = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        told = of_secret(rules, document(report or "the scan", data), name, today, wanted, written)
    show(sys.stdout, told.encode("utf-8", "backslashreplace"))
