"""Reports go to their files all or none: written beside them first, moved into place at the end."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TextIO

from leaksweep.config import SCREEN, ReportTo
from leaksweep.errors import UsageError
from leaksweep.model import Result
from leaksweep.redact import printable
from leaksweep.reports import report

if TYPE_CHECKING:
    from leaksweep.coverage import Proof


class ProofTo(NamedTuple):
    """The file of a proof of scan, and what goes into it besides the result."""

    file: str
    proof: Proof


def deliver(result: Result, reports: Sequence[ReportTo], *, quiet: bool = False, proof: ProofTo | None = None) -> None:
    """Write every report asked for, the proof of scan, and the summary.

    That goes to standard output, or to standard error if a report goes there.

    The summary is plain and whole, one screen of it on a terminal, and its last line where it shall be ``quiet``.

    Raises:
        UsageError: a file cannot be written; then none of them is.
    """
    rendered = [(to.file, report(to.format)(result)) for to in reports]
    if proof:
        from leaksweep.coverage import statement

        written = [(file, data) for file, data in rendered if file not in SCREEN]
        rendered.append((proof.file, statement(result, proof.proof, written)))
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(_replacing(file, data)) for file, data in rendered if file not in SCREEN]
        for temporary, file in files:
            os.replace(temporary, file)
    screens = [data for file, data in rendered if file in SCREEN]
    for data in screens:
        show(sys.stdout, data)
    stream = sys.stderr if screens else sys.stdout
    show(stream, _summary(result, stream, [file for file, _ in rendered if file not in SCREEN], quiet))


def _summary(result: Result, stream: TextIO | None, files: Sequence[str], quiet: bool) -> bytes:
    if quiet:
        return report("summary")(result).splitlines(keepends=True)[-1]
    if stream is None or not stream.isatty():
        return report("summary")(result)
    from leaksweep.reports.screen import Terminal, draw

    try:
        size = os.get_terminal_size(stream.fileno())
    except OSError:
        size = os.terminal_size((0, 0))
    colours = not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in (None, "", "dumb")
    return draw(result, Terminal(size.columns or 80, size.lines or 24, colours), [printable(file) for file in files])


def replace(file: str, data: bytes) -> None:
    """Write one file whole, or leave it as it was."""
    with _replacing(file, data) as (temporary, name):
        os.replace(temporary, name)


def show(stream: TextIO | None, data: bytes) -> None:
    """Print bytes on a standard stream, if there is one. A reader that went away (``| head``) is no error.

    Raises:
        UsageError: the stream takes no more.
    """
    if stream is None:
        return
    try:
        stream.flush()
        stream.buffer.write(data)
        stream.buffer.flush()
    except OSError as error:
        # The rest of the buffer must go somewhere, or the interpreter complains about it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"{stream.name}: cannot be written: {error.strerror}", "make room") from None


@contextlib.contextmanager
def _replacing(file: str, data: bytes) -> Iterator[tuple[str, str]]:
    """A finished temporary file and the file it becomes; gone afterwards unless it was moved.

    A link is replaced, not followed: in a scanned folder it may have been laid to have something overwritten.
    """
    import tempfile

    folder = os.path.dirname(os.path.abspath(file))
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".leaksweep-")
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}", "choose a folder you may write to") from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, 0o644)
        _give_to_owner_of(folder, temporary)
        yield temporary, file
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}", "make room, or choose another place") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def _give_to_owner_of(folder: str, file: str) -> None:
    """Root in a container leaves files that the workspace's owner may delete, if it is allowed to."""
    owner = os.stat(folder)
    if os.geteuid() == 0 and owner.st_uid:
        with contextlib.suppress(PermissionError):
            os.chown(file, owner.st_uid, owner.st_gid)
