"""TOML files that may come from a pull request: regular files, of a bounded size, no links."""

from __future__ import annotations

import errno
import os
import stat
from typing import Any

from leaksweep.errors import UsageError

LARGEST = 4 * 1024 * 1024  #: bytes


def read(name: str, *, trusted: bool, largest: int = LARGEST) -> bytes:
    """The bytes of a file that has no more than ``largest``.

    A link is followed only if the user named the file, which makes it ``trusted``.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if trusted else os.O_NOFOLLOW)
    try:
        handle = os.open(name, flags)
    except OSError as error:
        if error.errno == errno.ELOOP and not trusted:
            raise UsageError(f"{name}: is a link, which could lead out of the folder", "name the file itself") from None
        raise UsageError(f"{name}: cannot be read: {error.strerror}", "give the name of a file") from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UsageError(f"{name}: is not a regular file", "give the name of a file")
        data = file.read(largest + 1)
    if len(data) > largest:
        raise UsageError(f"{name}: has more than {largest >> 20} MiB", "shorten it")
    return data


def parse(data: bytes, name: str) -> dict[str, Any]:
    """The tables of a TOML file."""
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise UsageError(f"{name}: is not UTF-8", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: not valid TOML: {error}", "mend it there") from None
    except RecursionError:
        raise UsageError(f"{name}: is nested too deeply", "mend it") from None
