"""``INPUT_*`` variables -> ``Config``. Errors name the input as the author of the workflow wrote it.

The runner sets a variable for every input of ``action.yml``, in capitals and with its hyphens; an empty one is unset.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TypeVar

from leaksweep.config import (
    Config,
    ReportTo,
    identity_key,
    key_variable,
    parse_duration,
    parse_fail_on,
    parse_file,
    parse_report,
)
from leaksweep.errors import UsageError
from leaksweep.redact import Secret
from leaksweep.settings import Choice, settle

T = TypeVar("T")

INPUTS = (
    "path",
    "scope",
    "image",
    "dockerfile",
    "platform",
    "rules",
    "sarif-file",
    "json-file",
    "reports",
    "coverage-file",
    "fail-on",
    "allow-skipped",
    "time-limit",
    "cache-dir",
    "config",
    "baseline",
    "suppressed",
    "decode",
    "show-authors",
    "registry-user",
    "registry-password",
    "insecure-registry",
    "known",
)  #: every input of action.yml
OPTIONS = {"sarif-file": "report", "json-file": "report", "reports": "report", "coverage-file": "coverage"}
SCOPES = ("folder", "history", "range", "auto")  #: of input ``scope``
NO_CONFIG = "none"  #: as input ``config``: read no configuration and no baseline of the workspace


def config(environ: Mapping[str, str]) -> Config:
    """What the workflow asks for.

    Raises:
        UsageError: an input makes no sense.
    """
    password, file = _text(environ, "registry-password"), _text(environ, "config")
    history, commits = _scope(environ)
    inputs = Config(
        path=_text(environ, "path") or ".",
        history=history,
        range=commits,
        images=_lines(environ, "image"),
        dockerfile=_text(environ, "dockerfile"),
        platforms=_lines(environ, "platform"),
        rules=_lines(environ, "rules"),
        reports=_reports(environ),
        fail_on=_parsed("fail-on", parse_fail_on, _text(environ, "fail-on")),
        allow_skipped=_boolean(environ, "allow-skipped"),
        time_limit=_parsed("time-limit", parse_duration, _text(environ, "time-limit")),
        cache_dir=_text(environ, "cache-dir"),
        decode=_boolean(environ, "decode", unset=True),
        show_suppressed=_boolean(environ, "suppressed"),
        show_authors=_boolean(environ, "show-authors"),
        coverage=_parsed("coverage-file", _file, _text(environ, "coverage-file")),
        registry_user=_text(environ, "registry-user"),
        registry_password=Secret(password.encode()) if password else None,
        insecure_registries=_lines(environ, "insecure-registry"),
        known=_lines(environ, "known"),
        identity_key=identity_key(environ),
    )
    choice = Choice("" if file == NO_CONFIG else file, file == NO_CONFIG, _text(environ, "baseline"))
    return settle(inputs, _said(environ), choice).config


def _said(environ: Mapping[str, str]) -> dict[str, str]:
    """The options that the workflow gives, and so no configuration file decides."""
    named = {OPTIONS.get(name, name): f"input {name}" for name in INPUTS if _text(environ, name)}
    if named.pop("scope", ""):
        named |= dict.fromkeys(("history", "range"), "input scope")
    variable = key_variable(environ)
    return named | ({"identity": f"variable {variable}"} if variable else {})


def sarif_file(environ: Mapping[str, str]) -> str:
    """The SARIF file as later steps must name it, which run outside the container: relative to the workspace."""
    file = _text(environ, "sarif-file")
    workspace = os.path.normpath(environ.get("GITHUB_WORKSPACE") or os.getcwd())
    inside = os.path.isabs(file) and os.path.commonpath([file, workspace]) == workspace
    return os.path.relpath(file, workspace) if inside else file


def _reports(environ: Mapping[str, str]) -> tuple[ReportTo, ...]:
    asked = {f"{name}-file": name for name in ("sarif", "json") if _text(environ, f"{name}-file")}
    reports = [_parsed(name, parse_report, f"{kind}={_text(environ, name)}") for name, kind in asked.items()]
    more = [_parsed("reports", parse_report, line) for line in _lines(environ, "reports")]
    if len({os.path.realpath(r.file) for r in (*reports, *more)}) < len(reports) + len(more):
        names = " and ".join([*asked, *(["reports"] if more else [])])
        raise UsageError(f"inputs {names}: the same file", "give each its own")
    return (*reports, *more)


def _scope(environ: Mapping[str, str]) -> tuple[bool, str]:
    """Whether the history is to be scanned, and which range of commits instead of the folder."""
    scope = _text(environ, "scope")
    if scope not in ("", *SCOPES):
        raise UsageError(f"input scope: {scope!r} is none", f"use one of {', '.join(SCOPES)}")
    if scope not in ("range", "auto"):
        return scope == "history", ""
    from leaksweep.targets.git.ci import job

    found = job(environ)
    if found.range:
        return False, str(found.range)
    if scope == "range":
        raise UsageError("input scope: this event has no range of commits", "use auto, or run on push or pull_request")
    return True, ""


def _file(name: str) -> str:
    return parse_file(name, "--coverage") if name else ""


def _parsed(name: str, parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except UsageError as error:  # its first words name the option of the command line
        raise UsageError(f"input {name}: {error.what.partition(': ')[2] or error.what}", error.mend) from None


def _text(environ: Mapping[str, str], name: str) -> str:
    return environ.get(f"INPUT_{name.upper()}", "").strip()


def _lines(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in _text(environ, name).splitlines() if line.strip())


def _boolean(environ: Mapping[str, str], name: str, *, unset: bool = False) -> bool:
    text = _text(environ, name)
    if text.lower() not in ("", "true", "false"):
        raise UsageError(f"input {name}: {text!r} is neither true nor false", "write one of them")
    return text.lower() == "true" if text else unset
