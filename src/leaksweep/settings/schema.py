"""Our own reading of the published JSON Schema: one clear line for the first thing that is wrong, and how to mend it.

Only the keywords that the schema uses are known; a test holds this against a full validator. The schema lies at the top
of a checkout, where editors are pointed to, and travels inside the wheel.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from leaksweep.errors import UsageError

_PACKAGE = Path(__file__).parent.parent
FOLDERS = (_PACKAGE / "schemas", _PACKAGE.parent.parent / "schemas")
CONFIG, BASELINE = "leaksweep-config", "leaksweep-baseline"

_TYPES: dict[str, Any] = {"string": str, "boolean": bool, "array": list, "object": dict}
_WORD = re.compile(r"[A-Za-z_-]{1,20}")
_WORDS = {"string": "a text", "boolean": "true or false", "array": "a list", "object": "a table"}
_KINDS = {int: "a number", float: "a number", datetime: "a date with a time", date: "a date"}


def load(name: str = CONFIG) -> dict[str, Any]:
    """The schema of the configuration file, or of the baseline."""
    folder = next(folder for folder in FOLDERS if folder.is_dir())
    schema: dict[str, Any] = json.loads((folder / f"{name}.schema.json").read_bytes())
    return schema


def plain(value: Any) -> Any:
    """TOML as JSON would have it: dates are texts."""
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if type(value) is date else value


def check(value: Any, schema: Mapping[str, Any], file: str, where: str = "") -> None:
    """Raise a ``UsageError`` that names file, field and mend for the first thing that is not as the schema says."""
    place = f"{file}: {where}" if where else file
    if "type" in schema:
        _check_type(value, schema, place)
    if "enum" in schema and value not in schema["enum"]:
        raise UsageError(f"{place} is {_shown(value)}", _suggest(value, schema["enum"]))
    if isinstance(value, dict):
        _check_table(value, schema, file, where)
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            check(item, schema["items"], file, f"{where} {number}")


def _check_type(value: Any, schema: Mapping[str, Any], place: str) -> None:
    kind = schema["type"]
    if schema.get("format") == "date":
        if type(value) is not date:
            raise UsageError(f"{place} is {_shown(value)}", "write a date without quotes, such as 2027-01-31")
        return
    if type(value) is not _TYPES[kind]:
        raise UsageError(f"{place} is {_shown(value)}", f"make it {_WORDS[kind]}")
    if kind == "string" and len(value) < schema.get("minLength", 0):
        mend = "give one" if not value else f"make it at least {schema['minLength']} characters long"
        raise UsageError(f"{place} is {'too short' if value else 'empty'}", mend)
    for key, what in (("maxLength", "characters"), ("maxItems", "entries")):
        if key in schema and len(value) > schema[key]:
            raise UsageError(f"{place} has {len(value):,} {what}", f"give at most {schema[key]:,}")
    if kind == "string" and "\0" in value:  # names of files and arguments of programs cannot
        raise UsageError(f"{place} holds a NUL", "remove it")
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        raise UsageError(f"{place} is {_shown(value)}", f"it must be: {schema['description'].rstrip('.')}")


def _check_table(table: dict[str, Any], schema: Mapping[str, Any], file: str, where: str) -> None:
    place = f"{file}: {where}" if where else file
    known, others = schema.get("properties", {}), schema["additionalProperties"]
    for key, value in table.items():
        if others:
            _check_type(key, schema["propertyNames"], f"{place}: key")
        elif key not in known:
            told = repr(key) if _WORD.fullmatch(key) else "that is no word"
            raise UsageError(f"{place}: key {told} is not known", _suggest(key, list(known)))
        check(value, others or known[key], file, f"{where}.{key}" if where else key)
    for key in schema.get("required", ()):
        if key not in table:
            raise UsageError(f"{place}: {key} is missing", "add it")
    options = [name for option in schema.get("anyOf", ()) for name in option["required"]]
    if options and not any(name in table for name in options):
        raise UsageError(f"{place}: names nothing", f"add at least one of {', '.join(options)}")


def _suggest(value: object, known: list[Any]) -> str:
    from difflib import get_close_matches

    texts = [name for name in known if isinstance(name, str)]
    close = get_close_matches(value, texts, 1) if isinstance(value, str) else []
    return f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(map(str, known))}"


def _shown(value: object) -> str:
    """A word, which may be a slip; all else by its kind: it may be a secret that was pasted into the wrong line."""
    if isinstance(value, str):
        return repr(value) if _WORD.fullmatch(value) else "another text" if value else "empty"
    return _KINDS.get(type(value)) or next((_WORDS[k] for k, t in _TYPES.items() if type(value) is t), "another kind")
