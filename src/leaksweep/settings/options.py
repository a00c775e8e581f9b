"""What a configuration file may say about a scan: each option, its place in ``Config``, and whom it is allowed to.

A file that was found in what is scanned may be anybody's, such as a pull request's. It may say what is read within its
own folder and what becomes of findings; it may not say where anything is written, nor whom to talk to, since the
credentials for that are the user's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from leaksweep.config import Config, ReportTo, parse_duration, parse_fail_on, parse_file, parse_reports
from leaksweep.errors import UsageError


class Source(NamedTuple):
    """A configuration file."""

    name: str
    trusted: bool

    def path(self, value: str) -> str:
        """A file that the configuration names, relative to it; an untrusted one must name one of its own folder."""
        folder = os.path.dirname(self.name)
        joined = os.path.normpath(os.path.join(folder, value))
        if self.trusted:
            return joined
        root, real = os.path.realpath(folder or "."), os.path.realpath(joined)
        within = os.path.commonpath((root, real)) == root
        if not within or (os.path.isdir(real) and any(map(os.path.islink, _listed(real)))):
            raise UsageError(f"leads out of the folder of {self.name}", f"give --config {self.name} if you trust it")
        return joined


def _listed(folder: str) -> list[str]:
    return [os.path.join(folder, name) for name in os.listdir(folder)]


def _as_is(value: Any, _source: Source) -> Any:
    return value


def _texts(value: list[str], _source: Source) -> tuple[str, ...]:
    return tuple(value)


def _path(value: str, source: Source) -> str:
    return source.path(value)


def _paths(value: list[str], source: Source) -> tuple[str, ...]:
    return tuple(map(source.path, value))


def _reports(value: list[str], source: Source) -> tuple[ReportTo, ...]:
    parts = [text.partition("=") for text in value]
    return parse_reports([f"{f}={file if file in ('-', '') else source.path(file)}" for f, _, file in parts])


def _written(value: str, source: Source) -> str:
    return parse_file(source.path(value), "--coverage")


def _fail_on(value: str, _source: Source) -> Any:
    return parse_fail_on(value)


def _duration(value: str, _source: Source) -> float:
    return parse_duration(value)


def _negated(value: bool, _source: Source) -> bool:
    return not value


class Option(NamedTuple):
    """An option of ``scan``: the field of ``Config`` that holds it, and how the file's value becomes it."""

    field: str
    read: Callable[[Any, Source], Any] = _as_is
    trusted: bool = False  #: whether only a file that the user named may say it
    show: Callable[[Any], Any] = lambda value: value  #: the value as the file would say it


def _shown_reports(reports: tuple[ReportTo, ...]) -> list[str]:
    return [f"{report.format}={report.file}" for report in reports]


OPTIONS = {
    "image": Option("images", _texts, trusted=True, show=list),
    "rules": Option("rules", _paths, show=list),
    "report": Option("reports", _reports, trusted=True, show=_shown_reports),
    "coverage": Option("coverage", _written, trusted=True),
    "fail-on": Option("fail_on", _fail_on, show=lambda level: level.name.lower() if level else "never"),
    "allow-skipped": Option("allow_skipped"),
    "time-limit": Option("time_limit", _duration, show=lambda seconds: f"{seconds:g}s"),
    "decode": Option("decode"),
    "history": Option("history"),
    "all-objects": Option("all_objects"),
    "range": Option("range"),
    "show-authors": Option("show_authors"),
    "dockerfile": Option("dockerfile", _path),
    "platform": Option("platforms", _texts, show=list),
    "suppressed": Option("show_suppressed"),
    "quiet": Option("quiet"),
    "cache-dir": Option("cache_dir", _path, trusted=True),
    "no-cache": Option("use_cache", _negated, show=lambda value: not value),
    "known": Option("known", _texts, trusted=True, show=list),
    "registry-user": Option("registry_user", trusted=True),
    "insecure-registry": Option("insecure_registries", _texts, trusted=True, show=list),
}


def apply(config: Config, name: str, value: Any, source: Source) -> Config:
    """``config`` with the file's value of one option."""
    option = OPTIONS[name]
    where = f"{source.name}: scan.{name}"
    if option.trusted and not source.trusted:
        why = "may only stand in a file that you name, since this one lies in what is scanned"
        raise UsageError(f"{where}: {why}", f"give it as a flag, or give --config {source.name} if you trust it")
    try:
        return config._replace(**{option.field: option.read(value, source)})
    except UsageError as error:  # its first words may name the flag
        raise UsageError(f"{where}: {error.what.removeprefix('--')}", error.mend) from None
