"""Flags and environment -> one frozen ``Config``. What can be wrong about them is found here, before a scan."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from leaksweep.errors import UsageError
from leaksweep.model import Severity
from leaksweep.redact import Secret
from leaksweep.reports import REPORTS
from leaksweep.triage.rulings import NONE, Rulings

FORMATS = REPORTS
SEVERITIES = tuple(s.name.lower() for s in reversed(Severity))
NEVER = "never"
KEYS = ("LEAKSWEEP_FINGERPRINT_KEY", "LEAKSWEEP_IDENTITY_KEY")  #: variables; the second is the older name
NO_KEY = b"leaksweep"  #: the key of ids where the project has none
UNITS = {"s": 1, "m": 60, "h": 3600}  #: of a duration, in seconds
SCREEN = ("-", "/dev/stdout")  #: report files that mean standard output


class ReportTo(NamedTuple):
    """One report asked for: its format and the file it goes to (``-``: standard output)."""

    format: str
    file: str


class Config(NamedTuple):
    """What the user wants of one scan."""

    path: str = "."
    images: tuple[str, ...] = ()
    history: bool = False
    all_objects: bool = False  #: of the history, the dangling too
    range: str = ""  #: instead of the folder
    rules: tuple[str, ...] = ()
    reports: tuple[ReportTo, ...] = ()
    fail_on: Severity | None = Severity.LOW
    allow_skipped: bool = False
    use_cache: bool = True
    cache_dir: str = ""  #: where what is remembered is kept; else in the user's cache
    decode: bool = True
    dockerfile: str = ""
    platforms: tuple[str, ...] = ()
    show_authors: bool = False
    quiet: bool = False
    registry_user: str = ""
    registry_password: Secret | None = None
    insecure_registries: tuple[str, ...] = ()
    identity_key: bytes = NO_KEY
    rulings: Rulings = NONE
    show_suppressed: bool = False
    coverage: str = ""  #: the file of the proof of scan
    known: tuple[str, ...] = ()  #: stores whose values are looked for
    time_limit: float = 0  #: seconds that the scan may take; 0: as long as it takes


def parse_report(text: str) -> ReportTo:
    """``"sarif=out.sarif"`` -> ``ReportTo``; the folder must exist, so that a long scan does not end in nothing."""
    name, equals, file = text.partition("=")
    if not equals or not file:
        raise UsageError(
            f"--report {text}: a file is missing",
            f"write it as {name or 'sarif'}=FILE, or {name or 'sarif'}=- for the screen",
        )
    if name not in FORMATS:
        raise UsageError(f"--report {text}: {name!r} is no report format", f"use one of {', '.join(FORMATS)}")
    if file not in SCREEN:
        parse_file(file, f"--report {text}")
    return ReportTo(name, file)


def parse_file(file: str, what: str) -> str:
    """A file that is to be written: its folder must exist, so that a long scan does not end in nothing."""
    folder = os.path.dirname(file) or "."
    if not os.path.isdir(folder):
        raise UsageError(f"{what}: the folder {folder} does not exist", "make it first")
    if os.path.lexists(file) and not os.path.isfile(file):
        raise UsageError(f"{what}: {file} is not a regular file", "give the name of a file")
    return file


def parse_reports(texts: Sequence[str]) -> tuple[ReportTo, ...]:
    """All reports asked for; two may not go to the same file."""
    reports = tuple(parse_report(text) for text in texts if text)
    for report in reports:
        if sum(r.file == report.file for r in reports) > 1:
            raise UsageError(f"two reports go to {report.file}", "give each its own file")
    return reports


def parse_fail_on(text: str) -> Severity | None:
    """``"high"`` -> ``Severity.HIGH``; ``"never"`` -> None; empty means every severity."""
    if text.lower() == NEVER:
        return None
    try:
        return Severity.parse(text or "low")
    except KeyError:
        raise UsageError(
            f"--fail-on {text}: no such severity", f"use one of {', '.join((*SEVERITIES, NEVER))}"
        ) from None


def parse_duration(text: str) -> float:
    """``"90"``, ``"90s"``, ``"10m"`` or ``"1.5h"`` -> seconds; nothing and ``"0"`` mean no limit."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in UNITS else (text, "s")
    if text and not (number.isascii() and number.replace(".", "", 1).isdigit() and len(number) < 9):
        raise UsageError(f"--time-limit {text}: is no duration", "write it as 90s, 10m or 1h")
    return float(number) * UNITS[unit] if text else 0.0


def identity_key(environ: Mapping[str, str] = os.environ) -> bytes:
    """The key of the ids of secrets, from the first of ``KEYS`` that is set.

    Without one, ids are the same in every project: whoever guesses a strong secret could confirm the guess, no more.
    """
    return environ.get(key_variable(environ), "").encode() or NO_KEY


def key_variable(environ: Mapping[str, str] = os.environ) -> str:
    """The variable that holds the identity key, or nothing."""
    return next((name for name in KEYS if environ.get(name)), "")
