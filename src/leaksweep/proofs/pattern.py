"""Regular expressions of proofs: most scans use few of them, and compiling all would take a tenth of a small scan."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial


def lazily(source: bytes, flags: int = 0) -> Callable[[], re.Pattern[bytes]]:
    """A function that compiles ``source`` when it is first called, and returns the same pattern ever after."""
    return cache(partial(re.compile, source, flags))
