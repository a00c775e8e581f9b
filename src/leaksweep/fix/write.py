"""Changes go to their files whole, with the mode and the owner that these have."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from leaksweep.errors import UsageError
from leaksweep.fix.plan import Change, Plan, there
from leaksweep.fix.spans import Cannot


def apply(folder: Path, plan: Plan) -> None:
    """Write all changes. A file that is not what it was when it was scanned stops it before anything is written.

    Raises:
        UsageError: a file has changed meanwhile, or cannot be written.
    """
    for change in plan.changes:
        try:
            now = there(folder, change.path)
        except Cannot as why:
            raise UsageError(f"{change.path}: {why}", "run it again") from None
        if now != change.old:
            raise UsageError(f"{change.path}: has changed since it was scanned", "run it again")
    for change in plan.changes:
        _write(folder / change.path, change)


def keep(folder: str, plan: Plan) -> None:
    """Write each value to a file of its variable's name that its owner alone can read.

    Raises:
        UsageError: the folder or a file cannot be made, or is there already.
    """
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        for variable, value in plan.values.items():
            handle = os.open(Path(folder, variable), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(value.reveal())
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}", "name a folder that is not there yet") from None


def _write(file: Path, change: Change) -> None:
    try:
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".leaksweep-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(change.new)
                if change.old is not None:
                    was = os.stat(file)
                    with contextlib.suppress(PermissionError):
                        os.fchown(stream.fileno(), was.st_uid, was.st_gid)
                    os.fchmod(stream.fileno(), was.st_mode & 0o7777)
                else:
                    os.fchmod(stream.fileno(), 0o644)
            os.replace(temporary, file)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
    except OSError as error:
        raise UsageError(f"{change.path}: cannot be written: {error.strerror}", "run it as its owner") from None
