"""What GitHub's runner reads back: output and summary files, and commands among the lines of the log."""

from __future__ import annotations

import contextlib
import secrets
import sys
from collections.abc import Iterator, Mapping

from leaksweep.errors import ExitCode, LeaksweepError, UsageError
from leaksweep.model import Result
from leaksweep.reports import github, markdown

SUMMARY = 250_000  #: bytes of the step's summary: the runner drops all of one above 1 MiB, and pages grow slow before


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
    """A note on the line of each finding, the worst first, as many as the runner keeps; the summary tells of all."""
    shown, _ = github.divided(github.notes(result))
    for note in shown:
        _say(str(note))


def complain(error: LeaksweepError) -> None:
    """An error without a place: why there is no result."""
    _say(github.failure(str(error)))


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
    """Append the Markdown report to the job's page, as long as that may be."""
    _append(environ, "GITHUB_STEP_SUMMARY", "\n".join(markdown.lines(result, SUMMARY)) + "\n")
