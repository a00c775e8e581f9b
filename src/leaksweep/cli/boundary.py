"""The one place where exceptions become a line of text and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import typer

from leaksweep import __version__
from leaksweep.errors import ExitCode, LeaksweepError
from leaksweep.redact import printable

INTERRUPTED = 130  #: what shells report of a process that Ctrl-C ended
# The parser's own error types, by the only road that is public whatever parser this version of typer brings along.
_ParserError: Any = typer.BadParameter.__bases__[0].__bases__[0]


def run(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Call a command with these arguments; its exit code. Whatever goes wrong is told in one line on stderr."""
    try:
        code = _call(app, arguments or ["--help"])
    except LeaksweepError as error:
        code = _tell(str(error), error.exit_code)
    except _ParserError as error:
        code = _tell(f"{error.format_message().rstrip('.')}; see leaksweep --help", ExitCode.USAGE)
    except typer.Exit as stop:
        code = stop.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = _tell("interrupted: nothing was written", INTERRUPTED)
    except Exception as error:
        code = _bug(error)
    # Help, but no success, for a call without a command: a CI that forgot it has scanned nothing.
    return code if arguments else ExitCode.USAGE


def _call(app: typer.Typer, arguments: Sequence[str]) -> int:
    code = typer.main.get_command(app).main(list(arguments), prog_name="leaksweep", standalone_mode=False)
    return code if isinstance(code, int) else ExitCode.CLEAN


def _tell(text: str, code: int) -> int:
    print(f"leaksweep: error: {printable(text)}", file=sys.stderr)  # noqa: T201
    return code


def _bug(error: Exception) -> int:
    """Where it happened, without the error's own words: those may hold scanned content."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{os.path.basename(f.filename)}:{f.lineno} {f.name}" for f in reversed(frames))
    return _tell(
        f"this is a bug of leaksweep {__version__}: {type(error).__name__} at {where}; please report it", ExitCode.BUG
    )
