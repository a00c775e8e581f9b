"""What GitHub's runner reads back: output and summary files, and commands among the lines of the log."""

from __future__ import annotations

import contextlib
import secrets
import sys
from collections.abc import Iterator, Mapping

from leaksweep.errors import ExitCode, LeaksweepError, UsageError
from leaksweep.model import File, Finding, Result
from leaksweep.redact import printable, redact

ANNOTATIONS = 10  #: that a step may have; the runner drops the rest
ROWS = 100  #: of each table in the summary: with full cells below the 1 MiB at which the runner drops all of it
CELL = 200  #: characters of a cell, each at most six bytes


# ---------------------------------------------------------------- the log


@contextlib.contextmanager
def no_commands() -> Iterator[None]:
    """Until the end of the block the runner takes no line as a command, whatever stands in it."""
    token = secrets.token_hex(16)
    _say(f"::stop-commands::{token}")
    try:
        yield
    finally:
        _say(f"::{token}::")


def annotate(result: Result) -> None:
    """An error on the line of each new finding, the worst first."""
    for finding in result.new[:ANNOTATIONS]:
        _say(_annotation(finding))


def complain(error: LeaksweepError) -> None:
    """An error without a place: why there is no result."""
    _say(f"::error title=leaksweep::{_data(printable(str(error)))}")


def _annotation(finding: Finding) -> str:
    seen, rule = finding.best, finding.rule
    properties = {"title": rule.name}
    if isinstance(seen.place, File) and seen.place.path.isprintable():
        at = seen.region
        properties |= {"file": seen.place.path, "line": str(at.start_line), "endLine": str(at.end_line)}
        if at.start_line == at.end_line:  # the runner refuses columns of more than one line
            properties |= {"col": str(at.start_column), "endColumn": str(at.end_column)}
    text = f"{redact(finding.secret, weak=rule.weak)} in {seen.place.label}. {rule.playbook.revoke}"
    return f"::error {','.join(f'{k}={_property(v)}' for k, v in properties.items())}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _say(line: str) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()


# ---------------------------------------------------------------- outputs for later steps


def of_result(result: Result, code: ExitCode, sarif_file: str) -> dict[str, str]:
    """The outputs of a scan that came to its end."""
    return {
        "sarif-file": sarif_file,
        "findings": str(len(result.new)),
        "exit-code": str(int(code)),
        "complete": str(not result.skipped).lower(),
    }


def of_error(error: LeaksweepError) -> dict[str, str]:
    """The outputs of one that did not: there is no report and no number."""
    return {"sarif-file": "", "findings": "", "exit-code": str(int(error.exit_code)), "complete": "false"}


def write(environ: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Append to the runner's output file, between random delimiters that no value can hold."""
    end = f"leaksweep-{secrets.token_hex(16)}"
    _append(environ, "GITHUB_OUTPUT", "".join(f"{name}<<{end}\n{value}\n{end}\n" for name, value in outputs.items()))


def _append(environ: Mapping[str, str], variable: str, text: str) -> None:
    if not (file := environ.get(variable)):  # not under a runner
        return
    try:
        with open(file, "ab") as stream:
            stream.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        what = f"{variable}: {file} cannot be written: {error.strerror}"
        raise UsageError(what, "run the container as root") from None


# ---------------------------------------------------------------- the step's summary


def summarize(environ: Mapping[str, str], result: Result) -> None:
    """Append a short account in Markdown to the job's page."""
    _append(environ, "GITHUB_STEP_SUMMARY", "\n".join(_summary(result)) + "\n")


def _summary(result: Result) -> Iterator[str]:
    yield "## leaksweep"
    yield ""
    yield f"Secrets to revoke: **{len(result.new)}**"
    if result.new:
        yield from _table(("Severity", "What", "Secret", "Where", "Revoke"), [_row(f) for f in result.new])
    if known := sum(finding.verdict.suppressed for finding in result.findings):
        counts = ", ".join(f"{count} {verdict}" for verdict, count in result.verdicts.items() if count)
        yield ""
        yield f"Known and not to be revoked: **{known}** ({counts})"
    for note in result.notes[:ROWS]:
        yield ""
        yield f"Note: {_cell(note)}"
    if result.skipped:
        yield ""
        yield f"Not scanned{' (allowed)' if result.allow_skipped else ''}: **{len(result.skipped)}**"
        yield from _table(("What", "Why"), [(s.what, s.why) for s in result.skipped])
    yield ""
    for coverage in result.coverage:
        yield f"- scanned {_cell(coverage.target)}: {coverage.blobs:,} files, {coverage.bytes:,} bytes"


def _row(finding: Finding) -> tuple[str, ...]:
    rule, seen = finding.rule, finding.best
    more = f" and {len(finding.places) - 1} more" if len(finding.places) > 1 else ""
    return (
        rule.severity.name.lower(),
        rule.name,
        redact(finding.secret, weak=rule.weak),
        f"{seen.place.label}:{seen.location.start_line}{more}",
        rule.playbook.revoke,
    )


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows[:ROWS]:
        yield f"| {' | '.join(_cell(text) for text in row)} |"
    if len(rows) > ROWS:
        yield ""
        yield f"… and {len(rows) - ROWS} more in the reports"


def _cell(text: str) -> str:
    """Plain text in Markdown: every ASCII character that may mean something there becomes an entity."""
    shown = printable(text)
    if len(shown) > CELL:
        shown = f"{shown[:CELL]}…"
    return "".join(c if c.isalnum() or c == " " or ord(c) > 127 else f"&#{ord(c)};" for c in shown)
