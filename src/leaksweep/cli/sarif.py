"""``leaksweep sarif``: would the consumers of SARIF take a file? And files put together or apart so that they do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leaksweep import sarifcheck
from leaksweep.errors import ExitCode, UsageError
from leaksweep.redact import printable

KNOWN = (*sarifcheck.CONSUMERS, *sarifcheck.OTHERS)
app = typer.Typer(help="Check, merge and split SARIF files, ours or any other tool's.", rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Check, merge and split SARIF files, ours or any other tool's."""


@app.command("check")
def check(
    file: Annotated[str, typer.Argument(help="The SARIF file.")],
    consumers: Annotated[
        list[str],
        typer.Option("--for", metavar="CONSUMER", help=f"{', '.join(KNOWN)}. Repeatable; default: the first three."),
    ] = [],  # noqa: B006 - typer copies it
) -> int:
    """Say what GitHub, GitLab, Jenkins or others would refuse, lose (exit 1) or misread (a warning) in a file."""
    import sys

    from leaksweep.output import show
    from leaksweep.sarifcheck.problem import ERROR, told

    chosen = tuple(dict.fromkeys(c for c in consumers if c)) or sarifcheck.CONSUMERS
    for consumer in chosen:
        if consumer not in KNOWN:
            raise UsageError(f"--for {consumer}: not known", f"use one of {', '.join(KNOWN)}")
    try:
        problems = list(sarifcheck.check(_read(file), chosen))
    except UsageError as error:
        raise UsageError(f"{file}: {error.what}", error.mend) from None
    errors = sum(problem.level == ERROR for problem in problems)
    verdict = f"errors {errors:,}, warnings {len(problems) - errors:,}" if problems else "OK"
    lines = [*told(problems), f"checked  {printable(file)} for {', '.join(chosen)}: {verdict}"]
    show(sys.stdout, "".join(f"{line}\n" for line in lines).encode())
    return ExitCode.FINDINGS if errors else ExitCode.CLEAN


@app.command("merge")
def merge(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="The SARIF files.")],
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")],
) -> None:
    """Put the runs of several files into one, each with a category of its own, as GitHub wants it."""
    from leaksweep import sariffiles
    from leaksweep.output import replace

    merged = sariffiles.merge([sariffiles.parse(_read(file), file) for file in files])
    replace(output, sariffiles.dump(merged))
    typer.echo(f"{printable(output)}: runs {len(merged['runs'])}")


@app.command("split")
def split(
    file: Annotated[str, typer.Argument(help="The SARIF file.")],
    folder: Annotated[str, typer.Option("--output-dir", "-d", metavar="FOLDER", help="Where to write the files.")],
    results: Annotated[int, typer.Option(min=1, help="The most results of a file.")] = 5_000,
    size: Annotated[int, typer.Option(min=1, metavar="BYTES", help="The most bytes of a file.")] = 9_500_000,
) -> None:
    """Make files that are within the consumers' limits: one a run, or several, the worst results first."""
    import os

    from leaksweep import sariffiles
    from leaksweep.output import replace

    parts = list(sariffiles.split(sariffiles.parse(_read(file), file), results, size))
    for name, log in parts:
        target = os.path.join(folder, f"{name}.sarif")
        replace(target, sariffiles.dump(log))
        typer.echo(f"{printable(target)}: results {len(log['runs'][0].get('results') or ())}")


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", "give a SARIF file") from None
