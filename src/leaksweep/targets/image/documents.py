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
_MEND = "build or push the image again"


def parse(data: bytes, what: str) -> dict[str, Json]:
    """A JSON object; ``what`` names the document for people.

    Raises:
        ScanError: it is no JSON, no object, or nested too deeply.
    """
    document = parse_any(data, what)
    if not isinstance(document, dict):
        raise ScanError(f"{what}: it is no JSON object", _MEND)
    return document


def parse_any(data: bytes, what: str) -> Json:
    """A JSON document of any type; see ``parse``."""
    try:
        document: Json = json.loads(data)
    except (ValueError, RecursionError):
        raise ScanError(f"{what}: it is no JSON document", _MEND) from None
    if _deeper(document, DEPTH):
        raise ScanError(f"{what}: it is nested more than {DEPTH} levels deep", _MEND)
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


def too_large(what: str, limit: int) -> ScanError:
    """The error for a document of more than ``limit`` bytes."""
    return ScanError(f"{what}: it is larger than {limit >> 20} MiB, as no such document is", "build the image again")


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
