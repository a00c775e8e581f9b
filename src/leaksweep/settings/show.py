"""Every effective value, and the flag, variable or file that it comes from. Of keys only whether they are set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from leaksweep.config import Config
from leaksweep.redact import printable
from leaksweep.settings import Settings
from leaksweep.settings.options import OPTIONS
from leaksweep.triage.rulings import Ignore

DEFAULT = "default"


class Value(NamedTuple):
    """One value as the configuration file would say it."""

    name: str
    value: Any
    source: str


def values(settings: Settings) -> Iterator[Value]:
    """All of them, in the order of the documentation."""
    config, sources = settings.config, settings.sources

    def said(name: str, value: Any) -> Value:
        return Value(name, value, sources.get(name, DEFAULT))

    yield said("path", config.path)
    for name, option in OPTIONS.items():
        yield said(name, option.show(getattr(config, option.field)))
    yield said("registry-password", "set" if config.registry_password else "")
    yield said("baseline", settings.baseline)
    yield said("markers", list(config.rulings.markers))
    yield said("ignore", [_ignore(entry) for entry in config.rulings.ignores])
    yield said("identity", "set" if "identity" in sources else "")


def effective(config: Config) -> dict[str, Any]:
    """The options in force, for others to know: without credentials, and without where reports go."""
    shown = {name: option.show(getattr(config, option.field)) for name, option in OPTIONS.items()}
    ignores = [_ignore(entry) for entry in config.rulings.ignores]
    hidden = ("registry-user", "report", "coverage", "quiet")
    return {"path": config.path, **{k: v for k, v in shown.items() if k not in hidden}, "ignore": ignores}


def _ignore(entry: Ignore) -> dict[str, str]:
    return {name: value for name, value in entry._asdict().items() if value}


def as_text(settings: Settings) -> bytes:
    """A line each: name, source, value; an entry that ignores findings on a line of its own."""
    lines = []
    for name, value, source in values(settings):
        rows = value if name == "ignore" and value else [value]
        lines += [f"{name:<18} {printable(source):<26} {_text(row)}" for row in rows]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return printable(value) or "-"
    return printable(json.dumps(value, ensure_ascii=False))


def as_json(settings: Settings) -> bytes:
    """A list of objects with ``name``, ``value`` and ``source``."""
    return json.dumps([value._asdict() for value in values(settings)], indent=2).encode() + b"\n"
