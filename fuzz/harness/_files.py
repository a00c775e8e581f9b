"""A folder in memory, for what reads files."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def folder() -> Path:
    """The folder of this process."""
    shared = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(prefix="leaksweep-fuzz-", dir=shared if shared.is_dir() else None))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def written(name: str, data: bytes) -> str:
    """The path of a file of that name with these bytes."""
    file = folder() / name
    file.write_bytes(data)
    return str(file)
