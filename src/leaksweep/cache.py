"""Small files that make the next run start faster; losing them costs time, never a finding.

The folder is ``$LEAKSWEEP_CACHE_DIR``, or ``leaksweep`` below the user's cache folder. A cache never holds a secret.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

KEPT = 9  #: files of one kind that stay: a set of rules has three databases


class Cache:
    """A folder of named byte strings. ``Cache(None)`` remembers nothing.

    Names are a kind, ``-``, and a digest.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @classmethod
    def default(cls) -> Cache:
        """The cache of this user; without a home (containers with an odd uid) none."""
        if configured := os.environ.get("LEAKSWEEP_CACHE_DIR"):
            return cls(Path(configured))
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        return cls(Path(base, "leaksweep") if os.path.isabs(base) else None)

    def read(self, name: str) -> bytes | None:
        """The bytes kept under ``name``, or None."""
        if self._folder is None:
            return None
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            return None

    def write(self, name: str, data: bytes) -> None:
        """Keep ``data`` under ``name``; a folder that cannot be written is no error."""
        if self._folder is None:
            return
        import tempfile

        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(temporary, self._folder / name)
            self._prune(name.partition("-")[0])

    def _prune(self, kind: str) -> None:
        """Keep the newest files of a kind: older ones are of rules and versions that are gone."""
        if self._folder is not None:
            files = sorted(self._folder.glob(f"{kind}-*"), key=lambda file: file.stat().st_mtime, reverse=True)
            for file in files[KEPT:]:
                file.unlink()
