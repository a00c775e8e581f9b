"""``INPUT_*`` variables -> ``Config``. Errors name the input as the author of the workflow wrote it.

The runner sets a variable for every input of ``action.yml``, in capitals and with its hyphens; an empty one is unset.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TypeVar

from leaksweep.config import Config, ReportTo, identity_key, key_variable, parse_fail_on, parse_report
from leaksweep.errors import UsageError
from leaksweep.redact import Secret
from leaksweep.settings import Choice, settle

T = TypeVar("T")

INPUTS = (
    "path",
    "image",
    "rules",
    "sarif-file",
    "json-file",
    "fail-on",
    "allow-skipped",
    "config",
    "baseline",
    "registry-user",
    "registry-password",
    "insecure-registry",
)  #: every input of action.yml
NO_CONFIG = "none"  #: as input ``config``: read no configuration and no baseline of the workspace


def config(environ: Mapping[str, str]) -> Config:
    """What the workflow asks for.

    Raises:
        UsageError: an input makes no sense.
    """
    password, file = _text(environ, "registry-password"), _text(environ, "config")
    inputs = Config(
        path=_text(environ, "path") or ".",
        images=_lines(environ, "image"),
        rules=_lines(environ, "rules"),
        reports=_reports(environ),
        fail_on=_parsed("fail-on", parse_fail_on, _text(environ, "fail-on")),
        allow_skipped=_boolean(environ, "allow-skipped"),
        registry_user=_text(environ, "registry-user"),
        registry_password=Secret(password.encode()) if password else None,
        insecure_registries=_lines(environ, "insecure-registry"),
        identity_key=identity_key(environ),
    )
    choice = Choice("" if file == NO_CONFIG else file, file == NO_CONFIG, _text(environ, "baseline"))
    return settle(inputs, _said(environ), choice).config


def _said(environ: Mapping[str, str]) -> dict[str, str]:
    """The options that the workflow gives, and so no configuration file decides."""
    named = {"report" if name.endswith("-file") else name: f"input {name}" for name in INPUTS if _text(environ, name)}
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
    if len({os.path.realpath(r.file) for r in reports}) < len(reports):
        raise UsageError(f"inputs {' and '.join(asked)}: the same file", "give each its own")
    return tuple(reports)


def _parsed(name: str, parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except UsageError as error:  # its first words name the option of the command line
        raise UsageError(f"input {name}: {error.what.partition(': ')[2] or error.what}", error.mend) from None


def _text(environ: Mapping[str, str], name: str) -> str:
    return environ.get(f"INPUT_{name.upper()}", "").strip()


def _lines(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in _text(environ, name).splitlines() if line.strip())


def _boolean(environ: Mapping[str, str], name: str) -> bool:
    text = _text(environ, name)
    if text.lower() not in ("", "true", "false"):
        raise UsageError(f"input {name}: {text!r} is neither true nor false", "write one of them")
    return text.lower() == "true"
