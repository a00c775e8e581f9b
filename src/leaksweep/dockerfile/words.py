"""The words of an instruction: quotes, variables, pairs and the JSON form."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache

UNKNOWN = "\0"  #: stands for the value of a variable that nobody told us
LIMIT = 16_384  #: characters of an expanded text
_DEPTH = 8  #: levels of ``${A:-${B:-…}}``


@cache
def _word(escape: str) -> re.Pattern[str]:
    e = re.escape(escape)
    return re.compile(rf"""(?:[^\s"'{e}]|{e}.?|"(?:[^"{e}]|{e}.)*+"|'[^']*'|["'])++""", re.DOTALL)


@cache
def _token(escape: str) -> re.Pattern[str]:
    e = re.escape(escape)
    return re.compile(
        rf"""
          {e}(?P<escaped>.)
        | '(?P<single>[^']*)'
        | "(?P<double>(?:[^"{e}]|{e}.)*+)"
        | \$\{{(?P<name>[A-Za-z_]\w*)(?:(?P<how>:?[-+])(?P<word>(?:[^{{}}$]|\$\{{[^{{}}]*\}}|\$(?!\{{))*+))?\}}
        | \$\{{(?P<odd>[^{{}}]*)\}}
        | \$(?P<plain>[A-Za-z_]\w*)
        """,
        re.DOTALL | re.VERBOSE,
    )


def words(text: str, escape: str = "\\") -> list[str]:
    """The words of a text as written; white space in quotes does not part them."""
    return _word(escape).findall(text)


def expand(text: str, values: Mapping[str, str], escape: str = "\\") -> str:
    """``text`` without its quotes, and with its variables: ``UNKNOWN`` for one that has no value in ``values``."""
    return _Expander(values, escape).expand(text, 0, quoted=False)


class _Expander:
    def __init__(self, values: Mapping[str, str], escape: str) -> None:
        self.values = values
        self.escape = escape

    def expand(self, text: str, depth: int, *, quoted: bool) -> str:
        if depth > _DEPTH:
            return UNKNOWN
        parts: list[str] = []
        size = at = 0
        for found in _token(self.escape).finditer(text):
            parts += text[at : found.start()], self._value(found, depth + 1, quoted=quoted)
            size += sum(map(len, parts[-2:]))
            at = found.end()
            if size > LIMIT:
                break
        return "".join([*parts, text[at : at + LIMIT]])[:LIMIT]

    def _value(self, found: re.Match[str], depth: int, *, quoted: bool) -> str:
        match found.lastgroup:
            case "escaped":
                literal = quoted and found["escaped"] not in f'"${self.escape}'
                return found[0] if literal else found["escaped"]
            case "single":
                return f"'{self.expand(found['single'], depth, quoted=True)}'" if quoted else found["single"]
            case "double":
                return self.expand(found["double"], depth, quoted=True)
            case "odd":  # ``${A#pattern}``, or nothing that we know
                return UNKNOWN
            case _:
                return self._variable(found, depth, quoted=quoted)

    def _variable(self, found: re.Match[str], depth: int, *, quoted: bool) -> str:
        value = self.values.get(found["name"] or found["plain"])
        if found["how"] is None:
            return UNKNOWN if value is None else value
        present = bool(value) if found["how"][0] == ":" else value is not None
        if found["how"][-1] == "-":
            return value or "" if present else self.expand(found["word"], depth, quoted=quoted)
        return self.expand(found["word"], depth, quoted=quoted) if present else ""


def pairs(text: str, escape: str = "\\") -> list[tuple[str, str]]:
    """The pairs of an ``ENV`` or ``LABEL`` as written, also in the old form ``ENV name value``."""
    parts = words(text, escape)
    if parts and "=" not in parts[0]:
        name, *value = text.split(None, 1)
        return [(name, value[0].strip() if value else "")]
    return [(name, value) for name, _, value in (part.partition("=") for part in parts)]


def exec_form(text: str) -> tuple[str, ...] | None:
    """The words of a JSON form such as ``["a", "b"]``; None where the text is none."""
    if not text.startswith("["):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        return None
    return tuple(found)
