"""The one place where exceptions become a line of text and an exit code."""

from __future__ import annotations

import os
import resource
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import Any

import typer

from leaksweep import __version__
from leaksweep.deadline import left_behind
from leaksweep.errors import ExitCode, Interrupted, LeaksweepError, UsageError
from leaksweep.redact import printable

#: What ends a run from outside. A container's first process is deaf to those that it has no handler for.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The parser's own error types, by the only road that is public whatever parser this version of typer brings along.
_ParserError: Any = typer.BadParameter.__bases__[0].__bases__[0]


def run(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Call a command with these arguments; its exit code. Whatever goes wrong is told in one line on stderr."""
    _dump_no_core()
    try:
        for number in ENDING:
            if signal.getsignal(number) != signal.SIG_IGN:  # nohup, and jobs that a shell put into the background
                signal.signal(number, _interrupt)
        _stand_somewhere()
        code = _call(app, arguments or ["--help"])
    except LeaksweepError as error:
        code = _tell(str(error), error.exit_code)
    except _ParserError as error:
        code = _tell(f"{error.format_message().rstrip('.')}; see leaksweep --help", ExitCode.USAGE)
    except typer.Exit as stop:
        code = stop.exit_code
    except Interrupted as ended:
        code = _tell(str(ended), ended.exit_code)
        os._exit(code)  # workers may be in the middle of a scan: an orderly end would pull its memory from under it
    except typer.Abort as abort:  # what the parser makes of any EOFError, such as that of a torn file of compiled code
        code = _bug(abort.__cause__ or abort)
    except Exception as error:
        code = _bug(error)
    if left_behind():  # an orderly end would pull the memory from under them
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    # Help, but no success, for a call without a command: a CI that forgot it has scanned nothing.
    return code if arguments else ExitCode.USAGE


def _dump_no_core() -> None:
    """Memory holds secrets: no crash, of this process or of a git that it starts, may leave it in a file.

    One byte is too little for a file, and tells Linux to hand the memory to no program either, as 0 would not.
    """
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard if 0 <= hard < 1 else 1, hard))


def _stand_somewhere() -> None:
    try:
        os.getcwd()
    except OSError:  # paths that are given relative to it mean nothing
        raise UsageError("the current folder is no longer there", "change to one that is") from None


def _interrupt(number: int, _: FrameType | None) -> None:
    """Once: while what was begun is cleaned up, further ones are not heard."""
    for each in ENDING:
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(f"interrupted by {signal.Signals(number).name}: no report was written; scan again")


def _call(app: typer.Typer, arguments: Sequence[str]) -> int:
    code = typer.main.get_command(app).main(list(arguments), prog_name="leaksweep", standalone_mode=False)
    return code if isinstance(code, int) else ExitCode.CLEAN


def _tell(text: str, code: int) -> int:
    print(f"leaksweep: error: {printable(text)}", file=sys.stderr)  # noqa: T201
    return code


def _bug(error: BaseException) -> int:
    """Where it happened, without the error's own words: those may hold scanned content."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{os.path.basename(f.filename)}:{f.lineno} {f.name}" for f in reversed(frames))
    return _tell(
        f"this is a bug of leaksweep {__version__}: {type(error).__name__} at {where}; please report it", ExitCode.BUG
    )
