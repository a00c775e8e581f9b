"""The JSON Schemas of ``sarif/``: their failed keywords as problems, told in the schema's own words.

``description`` says who minds and why, ``x-mend`` what to do, ``x-level`` how bad it is. Where a required member is
missing, those of the member's own schema speak.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from leaksweep.sarifcheck.problem import ERROR, WARNING, Problem, path, shown

_PACKAGE = Path(__file__).parent.parent
# In the wheel the profiles travel inside the package; in a checkout they lie at the top, where people look for them.
FOLDERS = (_PACKAGE / "sarif_profiles", _PACKAGE.parent.parent / "sarif")


def load(consumer: str) -> dict[str, Any]:
    """The profile of this consumer."""
    folder = next(folder for folder in FOLDERS if folder.is_dir())
    profile: dict[str, Any] = json.loads((folder / f"{consumer}.schema.json").read_bytes())
    return profile


def check(log: Any, consumer: str) -> Iterator[Problem]:
    """Every keyword of the consumer's profile that ``log`` fails."""
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(load(consumer)).iter_errors(log):
        yield from _problems(error, consumer)


def _problems(error: Any, consumer: str) -> Iterator[Problem]:
    where, schema, wanted = path(*error.absolute_path), error.schema, error.validator_value
    match error.validator:
        case "required":
            # jsonschema makes one error a missing member, and names it in the message only.
            member = next(name for name in wanted if error.message.startswith(f"{name!r} "))
            what, schema = f"has no {member!r}", schema["properties"][member]
        case "additionalProperties":
            others = ", ".join(repr(name) for name in error.instance if name not in schema["properties"])
            what, schema = f"has {others}", _CLOSED
        case validator:
            what = _WORDS[validator](error.instance, wanted)
    level = WARNING if schema.get("x-level") == WARNING else ERROR
    yield Problem(
        level, consumer, where, what, schema.get("description", _FALLBACK), schema.get("x-mend", _FALLBACK_MEND)
    )


_CLOSED = {
    "description": "GitHub refuses files with a member that the SARIF schema does not know.",
    "x-mend": "remove it, or move it into 'properties'",
}
_FALLBACK, _FALLBACK_MEND = "the SARIF schema allows no other.", "write what the SARIF schema says"


def _type(value: Any, wanted: str | list[str]) -> str:
    return f"is {shown(value)}, not of type {wanted if isinstance(wanted, str) else ' or '.join(wanted)}"


_WORDS: dict[str, Callable[[Any, Any], str]] = {
    "type": _type,
    "enum": lambda value, wanted: f"is {shown(value)}, none of {', '.join(wanted)}",
    "const": lambda value, wanted: f"is {shown(value)}, not {wanted!r}",
    "pattern": lambda value, _: f"is {shown(value)}",
    "minLength": lambda _value, _wanted: "is empty",
    "maxLength": lambda value, wanted: f"has {len(value):,} characters, more than {wanted:,}",
    "minItems": lambda _value, _wanted: "is empty",
    "maxItems": lambda value, wanted: f"has {len(value):,} items, more than {wanted:,}",
    "minimum": lambda value, wanted: f"is {value}, less than {wanted}",
    "maximum": lambda value, wanted: f"is {value}, more than {wanted}",
    "anyOf": lambda _, wanted: f"has none of {', '.join(name for option in wanted for name in option['required'])}",
    "not": lambda _value, _wanted: "should not be there",
}
