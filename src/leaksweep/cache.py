"""Small files that make the next run start faster; losing them costs time, never a finding.

The folder is ``$LEAKSWEEP_CACHE_DIR``, or ``leaksweep`` below the user's cache folder. A cache never holds a secret.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from pathlib import Path

_CHECK = 16  #: bytes of the checksum before what is sealed
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
KEPT = 9  #: files of one kind that stay: a set of rules has three databases


class Cache:
    """A folder of named byte strings. ``Cache(None)`` remembers nothing.

    Names are a kind, ``-``, and a digest. What is not in the folder may be ``under`` it, in a cache that is only read.
    The files of a ``shared`` folder may be read by others, such as a CI that keeps them.
    """

    def __init__(self, folder: Path | None, under: Cache | None = None, *, shared: bool = False) -> None:
        self._folder = folder
        self._under = under
        self._modes = (0o755, 0o644) if shared else (0o700, 0o600)

    @classmethod
    def default(cls) -> Cache:
        """The cache of this user; without a home (containers with an odd uid) none."""
        if configured := os.environ.get("LEAKSWEEP_CACHE_DIR"):
            return cls(Path(configured))
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        return cls(Path(base, "leaksweep") if os.path.isabs(base) else None)

    def read(self, name: str) -> bytes | None:
        """The bytes kept under ``name``, or None."""
        found = _read(self._folder / name) if self._folder else None
        return self._under.read(name) if found is None and self._under else found

    def unseal(self, name: str) -> bytes | None:
        """The bytes sealed under ``name``; None where the file is torn, foreign or not there."""
        data = self.read(name) or b""
        check, body = data[:_CHECK], data[_CHECK:]
        return body if body and check == _checksum(name, body) else None

    def seal(self, name: str, data: bytes) -> None:
        """Keep ``data`` under ``name`` behind a checksum of both: a file of other rules, renamed, is foreign too."""
        self.write(name, _checksum(name, data) + data)

    def write(self, name: str, data: bytes) -> None:
        """Keep ``data`` under ``name``; a folder that cannot be written is no error."""
        if self._folder is None:
            return
        import tempfile

        with contextlib.suppress(OSError):
            of_folder, of_file = self._modes
            self._folder.mkdir(mode=of_folder, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    os.fchmod(handle, of_file)
                os.replace(temporary, self._folder / name)
            except BaseException:  # a full disk, or the end of the run: what is half written would never be used
                os.unlink(temporary)
                raise
            self._prune(name.partition("-")[0])

    def _prune(self, kind: str) -> None:
        """Keep the newest files of a kind: older ones are of rules and versions that are gone."""
        if self._folder is not None:
            files = sorted(self._folder.glob(f"{kind}-*"), key=lambda file: file.stat().st_mtime, reverse=True)
            for file in files[KEPT:]:
                file.unlink()


def _read(file: Path) -> bytes | None:
    try:
        with open(os.open(file, _FLAGS), "rb") as opened:
            return opened.read() if stat.S_ISREG(os.fstat(opened.fileno()).st_mode) else None
    except OSError:
        return None


def _checksum(name: str, data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_CHECK, key=name.encode()[:64]).digest()
