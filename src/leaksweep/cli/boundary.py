"""The one place where exceptions become a line of text and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import typer

from leaksweep import __version__
from leaksweep.errors import ExitCode, LeaksweepError
from leaksweep.redact import printable

INTERRUPTED = 130  #: what shells report of a process that Ctrl-C ended
# The parser's own error types, by the only road that is public whatever parser this version of typer brings along.
_ParserError = typer.BadParameter.__bases__[0].__bases__[0]


def run(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Call a command with these arguments; its exit code. Whatever goes wrong is told in one line on stderr."""
    code: object
    try:
        if not arguments:  # help, but no success: a CI that forgot the command has scanned nothing
            typer.main.get_command(app).main(["--help"], prog_name="leaksweep", standalone_mode=False)
            return ExitCode.USAGE
        code = typer.main.get_command(app).main(list(arguments), prog_name="leaksweep", standalone_mode=False)
        return code if isinstance(code, int) else ExitCode.CLEAN
    except LeaksweepError as error:
        return _tell(str(error), error.exit_code)
    except _ParserError as error:
        if text := error.format_message():  # type: ignore[attr-defined]
            return _tell(f"{text.rstrip('.')}; see leaksweep --help", ExitCode.USAGE)
        return ExitCode.USAGE
    except typer.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _tell("interrupted: nothing was written", INTERRUPTED)
    except Exception as error:
        return _bug(error)


def _tell(text: str, code: int) -> int:
    print(f"leaksweep: error: {printable(text)}", file=sys.stderr)  # noqa: T201
    return code


def _bug(error: Exception) -> int:
    """Where it happened, without the error's own words: those may hold scanned content."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{os.path.basename(f.filename)}:{f.lineno} {f.name}" for f in reversed(frames))
    return _tell(f"this is a bug of leaksweep {__version__}: {type(error).__name__} at {where}; please report it", ExitCode.BUG)
