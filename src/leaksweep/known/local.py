"""Values from the environment and from a file."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator

from leaksweep.errors import UsageError

LARGEST = 4 << 20  #: bytes of a file
_LINE_END = re.compile(r"\r\n|\r|\n")  # str.splitlines() would cut a value at U+2028 too
_PAIR = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*)")


def environment(glob: str) -> Iterator[tuple[str, bytes]]:
    """The variables whose names fit; ``*`` and ``?`` stand for any characters."""
    for name, value in sorted(os.environ.items()):
        if fnmatch.fnmatchcase(name, glob or "*"):
            yield name, os.fsencode(value)


def file(name: str) -> Iterator[tuple[str, bytes]]:
    """The values of a dotenv file, or a value a line.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with open(name, "rb") as stream:
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a name"
        raise UsageError(f"--known file:{name}: cannot be read: {why}", "give a file of values") from None
    if len(data) > LARGEST:
        raise UsageError(f"--known file:{name}: is too large", f"give at most {LARGEST >> 20} MiB")
    for number, line in enumerate(_LINE_END.split(data.decode("utf-8", "surrogateescape")), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pair = _PAIR.fullmatch(line)
        where, text = (pair[1], pair[2].strip()) if pair else (f"line {number}", line.strip())
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
            text = text[1:-1]
        yield f"{name}#{where}", text.encode("utf-8", "surrogateescape")
