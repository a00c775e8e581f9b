"""Files that a user names and a pull request may have written: regular, of a bounded size; TOML of bounded depth."""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import Any

from leaksweep.errors import UsageError

LARGEST = 4 * 1024 * 1024  #: bytes
DEEPEST = 64  #: parts of a dotted key

# What no key can begin in: a string, a comment. Each begins in one way and ends, so that time is linear.
_TEXT = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?|#[^\n]*+',
    re.DOTALL,
)


def read(name: str, *, trusted: bool, largest: int = LARGEST) -> bytes:
    """The bytes of a file that has no more than ``largest``.

    A link is followed only if the user named the file, which makes it ``trusted``.

    Raises:
        UsageError: there is none, it is none, or it is larger.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if trusted else os.O_NOFOLLOW)
    try:
        handle = os.open(name, flags)
    except OSError as error:
        if error.errno == errno.ELOOP and not trusted:
            raise UsageError(f"{name}: is a link, which could lead out of the folder", "name the file itself") from None
        raise UsageError(f"{name}: cannot be read: {error.strerror}", "give the name of a file") from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UsageError(f"{name}: is not a regular file", "give the name of a file")
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read(largest + 1)
    finally:
        os.close(handle)
    if len(data) > largest:
        raise UsageError(f"{name}: has more than {largest >> 20} MiB", "shorten it")
    return data


def parse(data: bytes, name: str) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        UsageError: it is none, or one that takes too long: the time of a dotted key grows with its square.
    """
    import tomllib

    try:
        text = data.decode("utf-8")
        if (line := _too_deep(text)) is not None:
            raise UsageError(f"{name}: line {line} has more than {DEEPEST} dots outside of texts", "mend it there")
        return tomllib.loads(text)
    except UnicodeDecodeError:
        raise UsageError(f"{name}: is not UTF-8", "save it as UTF-8") from None
    except ValueError as error:  # tomllib's own is one; numbers of more than 4,300 digits make another
        raise UsageError(f"{name}: not valid TOML: {error}", "mend it there") from None
    except RecursionError:
        raise UsageError(f"{name}: is nested too deeply", "mend it") from None


def _too_deep(text: str) -> int | None:
    if text.count(".") <= DEEPEST:
        return None
    bare = _TEXT.sub(lambda found: "\n" * found[0].count("\n"), text)
    return next((at for at, line in enumerate(bare.split("\n"), 1) if line.count(".") > DEEPEST), None)
