"""Is each value of a rule file of the type that its key asks for? TOML says nothing of that by itself."""

from __future__ import annotations

from typing import Any

from leaksweep.errors import RuleError

LISTS = ("proofs", "references", "env", "words", "fields", "rotate", "files")  #: of texts
TABLES = ("context", "playbook")
_TYPES: dict[str, type] = {"width": int, "weak": bool, "any_provider": bool, "common_word": bool}
_NAMES: dict[type, str] = {str: "a text", bool: "true or false", int: "a number", list: "a list", dict: "a table"}
ROWS = ("example", "counterexample")  #: tables, each with a template


def typed(row: dict[str, Any], where: str) -> None:
    """Raise a ``RuleError`` for the first value that is not what its key says, tables within included."""
    for key, value in row.items():
        if key in TABLES and isinstance(value, dict):
            typed(value, f"{where}: {key}")
        elif key in ROWS and isinstance(value, list) and all(isinstance(v, dict) and "text" in v for v in value):
            for number, inner in enumerate(value, 1):
                typed(inner, f"{where}: {key} {number}")
        elif not _is_right(key, value):
            raise RuleError(f"{where}: {key} is {_kind(value)}", f"make it {_wanted(key)}")


def _is_right(key: str, value: object) -> bool:
    if key in LISTS:
        return isinstance(value, list) and all(isinstance(v, str) for v in value)
    if key in TABLES or key in ROWS:
        return False
    return type(value) is _TYPES.get(key, str)


def _kind(value: object) -> str:
    return _NAMES.get(type(value), type(value).__name__)


def _wanted(key: str) -> str:
    if key in ROWS:
        return f"a table [[rule.{key}]] with a text"
    if key in TABLES:
        return f"a table, such as [rule.{key}]"
    return "a list of texts" if key in LISTS else _NAMES[_TYPES.get(key, str)]
