"""``.leaksweep-baseline.toml``: one line a secret, sorted, so that git merges it; no secret, line number or time in it.

An entry is found by the id of its secret, which survives moves, rebases and rebuilds: nothing else has to be kept up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from leaksweep.errors import UsageError
from leaksweep.inputs import parse, read
from leaksweep.redact import printable
from leaksweep.settings import schema
from leaksweep.triage.rulings import KEY, Known

STATES = ("accepted", "false-positive", "revoked")
HEAD = """\
# Secrets that leaksweep finds and this project knows: what was decided of each, why, by whom and until when.
# state: accepted, false-positive or revoked. Change it by hand, or with leaksweep baseline.
version = 1

[secrets]
"""


def load(name: str, *, trusted: bool) -> dict[str, Known]:
    """The entries of a baseline, by the beginning of their ids.

    Raises:
        UsageError: the file cannot be read, or is not what it must be.
    """
    data = parse(read(name, trusted=trusted), name)
    schema.check(data, schema.load(schema.BASELINE), name)
    known: dict[str, Known] = {}
    for key, row in data["secrets"].items():
        if key[:KEY] in known:
            raise UsageError(f"{name}: secrets.{key} is there twice", "remove one of them")
        known[key[:KEY]] = Known(**schema.plain(row))
    return known


def dump(known: Mapping[str, Known]) -> bytes:
    """The file with these entries."""
    return (HEAD + "".join(f"{_line(key, known[key])}\n" for key in sorted(known))).encode()


def _line(key: str, entry: Known) -> str:
    texts = {name: value for name, value in entry._asdict().items() if value and name != "expires"}
    said = [f"{name} = {json.dumps(printable(value), ensure_ascii=False)}" for name, value in texts.items()]
    said += [f"expires = {entry.expires}"] if entry.expires else []
    return f'"{key}" = {{ {", ".join(said)} }}'
