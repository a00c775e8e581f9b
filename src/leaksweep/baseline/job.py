"""One command on a baseline: its file, what is known, the scan that it asks for, and the file written anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from leaksweep.baseline import Found, change, of_reports, of_result
from leaksweep.config import Config
from leaksweep.errors import UsageError
from leaksweep.model import Result
from leaksweep.output import replace
from leaksweep.settings import Settings
from leaksweep.settings.known import dump
from leaksweep.triage.rulings import Known


class Job:
    """``run`` scans as a ``Config`` says."""

    def __init__(self, settings: Settings, run: Callable[[Config], Result]) -> None:
        if not settings.baseline:
            raise UsageError("--no-config: there is no baseline to change", "name it with --baseline")
        self.file = settings.baseline
        self.known = settings.config.rulings.known
        self._config = settings.config
        self._run = run
        self._secrets: tuple[bytes, ...] = ()

    def must_be_missing(self) -> None:
        """Raise a ``UsageError`` rather than overwrite decisions."""
        if os.path.lexists(self.file):
            raise UsageError(f"{self.file} is there already", "use leaksweep baseline update")

    def scan(self, key: bytes = b"") -> Result:
        """Scan as the options say, with another ``key`` of ids if one is given."""
        result = self._run(self._config._replace(identity_key=key) if key else self._config)
        self._secrets = tuple(
            s.reveal() for f in result.findings for s in (f.secret, *(c.secret for c in f.companions))
        )
        return result

    def found(self, reports: Iterable[str]) -> Found:
        """What the reports say, or else a scan."""
        files = [file for file in reports if file]
        return of_reports(files) if files else of_result(self.scan())

    def write(self, after: Mapping[str, Known]) -> str:
        """Write the file; what changed, in one line.

        Raises:
            UsageError: a text of an entry holds a secret, or the file cannot be written.
        """
        said = {text.encode() for entry in after.values() for text in (entry.reason, entry.owner) if text}
        if any(secret in text for text in said for secret in self._secrets):
            raise UsageError(f"{self.file}: a text of an entry holds a secret that was found", "describe it without it")
        replace(self.file, dump(after))
        return change(self.known, after, self.file)
