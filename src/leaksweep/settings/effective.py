"""A configuration file laid under the flags: what they said stays, what they left open is the file's."""

from __future__ import annotations

import os
import time
from typing import Any

from leaksweep.config import Config
from leaksweep.errors import UsageError
from leaksweep.inputs import parse, read
from leaksweep.settings import Choice, Settings, schema
from leaksweep.settings.known import load
from leaksweep.settings.options import Source, apply
from leaksweep.triage.rulings import Ignore, Known

PASSWORD = "registry-password"  # noqa: S105 - the option's name


def applied(settings: Settings, file: str, choice: Choice) -> Settings:
    """The settings with what the file says, if there is one."""
    if file:
        settings = _with_file(settings, Source(file, trusted=bool(choice.config)))
    named = "baseline" in settings.sources
    known: dict[str, Known] = {}
    if os.path.lexists(settings.baseline) or (named and not choice.new_baseline):
        known = load(settings.baseline, trusted=bool(choice.config or choice.baseline))
    today = time.strftime("%Y-%m-%d", time.gmtime())
    config = settings.config
    rulings = config.rulings._replace(known=known, today=today)
    return settings._replace(config=config._replace(rulings=rulings))


def _with_file(settings: Settings, source: Source) -> Settings:
    data = parse(read(source.name, trusted=source.trusted), source.name)
    if PASSWORD in _table(data, "scan"):
        mend = "set LEAKSWEEP_REGISTRY_PASSWORD instead"
        raise UsageError(f"{source.name}: scan.{PASSWORD} is not for a file", mend)
    schema.check(data, schema.load(), source.name)
    config, sources, baseline = settings.config, dict(settings.sources), settings.baseline
    for name, value in data.get("scan", {}).items():
        if name in sources:
            continue
        if name == "baseline":
            baseline = _path(source, value)
        else:
            config = apply(config, name, value, source)
        sources[name] = source.name
    config = _with_rulings(config, data)
    sources |= {name: source.name for name in ("markers", "ignore") if name in data}
    salt = data.get("identity", {}).get("salt")
    if salt and "identity" not in sources:
        config = config._replace(identity_key=salt.encode())
        sources["identity"] = source.name
    return Settings(config, sources, baseline)


def _table(data: dict[str, Any], name: str) -> dict[str, Any]:
    table = data.get(name)
    return table if isinstance(table, dict) else {}


def _path(source: Source, value: str) -> str:
    try:
        return source.path(value)
    except UsageError as error:
        raise UsageError(f"{source.name}: scan.baseline {error.what}", error.mend) from None


def _with_rulings(config: Config, data: dict[str, Any]) -> Config:
    rulings = config.rulings
    ignores = tuple(Ignore(**schema.plain(row)) for row in data.get("ignore", ()))
    markers = tuple(data.get("markers", rulings.markers))
    return config._replace(rulings=rulings._replace(ignores=ignores, markers=markers))
