"""``leaksweep gate``: json reports of earlier jobs -> an exit code."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    files: Annotated[list[str], typer.Argument(metavar="REPORT...", help="json reports of leaksweep scan.")],
    fail_on: Annotated[
        str, typer.Option(metavar="SEVERITY", help="Fail from this severity on: low, medium, high, critical, never.")
    ] = "low",
    allow_skipped: Annotated[
        bool, typer.Option("--allow-skipped", help="Do not exit 3 when something could not be read.")
    ] = False,
) -> int:
    """Turn json reports into one exit code: 1 for new secrets, 3 for incomplete scans."""
    from leaksweep.config import parse_fail_on
    from leaksweep.gate import judge

    judged = judge([file for file in files if file], parse_fail_on(fail_on), allow_skipped=allow_skipped)
    for line in judged.lines:
        typer.echo(line)
    return judged.code
