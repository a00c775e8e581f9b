"""JSON of strangers, read defensively: types are asked for, never assumed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

from leaksweep.errors import ScanError

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

MANIFEST_LIMIT = 4 * 1024 * 1024  #: bytes of a manifest or an index
CONFIG_LIMIT = 8 * 1024 * 1024  #: bytes of a configuration
DEPTH = 64  #: levels of nesting of any document


def parse(data: bytes, what: str) -> dict[str, Json]:
    """A JSON object; ``what`` names the document for people.

    Raises:
        ScanError: it is no JSON, no object, or nested too deeply.
    """
    try:
        document: Json = json.loads(data)
    except (ValueError, RecursionError):
        raise ScanError(f"{what}: it is no JSON document", "build or push the image again") from None
    if not isinstance(document, dict) or _deeper(document, DEPTH):
        raise ScanError(f"{what}: it is not what it must be", "build or push the image again")
    return document


def mapping(value: Json) -> Mapping[str, Json]:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Json) -> list[Json]:
    """``value`` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Json) -> str:
    """``value`` if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def texts(value: Json) -> list[str]:
    """The strings of a list, without anything else in it."""
    return [item for item in sequence(value) if isinstance(item, str)]


def _deeper(document: Json, depth: int) -> bool:
    level: list[Json] = [document]
    while level and depth:
        level = [child for value in level for child in _children(value)]
        depth -= 1
    return bool(level)


def _children(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
