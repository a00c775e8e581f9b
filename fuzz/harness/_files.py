"""A folder in memory, for what reads files."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def folder(harness: str) -> Path:
    """The folder of a harness in this process."""
    shared = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(prefix=f"fuzz-{harness}-", dir=shared if shared.is_dir() else None))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def written(harness: str, name: str, data: bytes) -> str:
    """The path of a harness's file of that name with these bytes."""
    file = folder(harness) / name
    file.write_bytes(data)
    return str(file)
