"""Reports go to their files all or none: written beside them first, moved into place at the end."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence

from leaksweep.config import ReportTo
from leaksweep.errors import UsageError
from leaksweep.model import Result
from leaksweep.reports import report


def deliver(result: Result, reports: Sequence[ReportTo]) -> None:
    """Write every report asked for, and the summary: on standard output, or on standard error if a report is there.

    Raises:
        UsageError: a file cannot be written; then none of them is.
    """
    rendered = [(to, report(to.format)(result)) for to in reports]
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(_replacing(to.file, data)) for to, data in rendered if to.file != "-"]
        for temporary, file in files:
            os.replace(temporary, file)
    screens = [data for to, data in rendered if to.file == "-"]
    for data in screens:
        _print(sys.stdout.buffer, data)
    _print(sys.stderr.buffer if screens else sys.stdout.buffer, report("summary")(result))


@contextlib.contextmanager
def _replacing(file: str, data: bytes) -> Iterator[tuple[str, str]]:
    """A finished temporary file next to ``file``, with its owner; gone afterwards unless it was moved."""
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
        owner = os.stat(folder)
        if os.geteuid() == 0 and owner.st_uid:  # in a container: leave files that the workspace's owner may delete
            os.chown(temporary, owner.st_uid, owner.st_gid)
        yield temporary, file
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}", "make room, or choose another place") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def _print(stream: object, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):  # `leaksweep scan | head` is no error
        stream.write(data)  # type: ignore[attr-defined]
        stream.flush()  # type: ignore[attr-defined]
