"""``cases.toml`` as types."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from conformance.images.forge import token

CARRIERS = ("engine", "registry", "layout", "tar")
FILE = Path(__file__).with_name("cases.toml")
_NONE: Mapping[str, str] = MappingProxyType({})


class Place(NamedTuple):
    """Where a planted secret must be found; see the top of ``cases.toml``."""

    secret: str
    layer: int = 0
    path: str = ""
    inside: str = ""
    fate: str = ""
    field: str = ""
    platform: str = ""


class Case(NamedTuple):
    """One trap."""

    name: str
    why: str
    find: tuple[Place, ...] = ()
    also: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    unscanned: tuple[int, ...] = ()
    outcome: str = "found"
    cannot: Mapping[str, str] = _NONE
    dockerfile: str = ""
    files: Mapping[str, str] = _NONE
    args: Mapping[str, str] = _NONE

    @property
    def planted(self) -> dict[str, str]:
        """The token of each secret, by its name."""
        names = dict.fromkeys([*(place.secret for place in self.find), *self.never])
        return {name: token(f"{self.name}/{name}").decode() for name in names}

    def filled(self, text: str) -> str:
        """``text`` with each ``{secret}`` replaced by its token."""
        for name, value in self.planted.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def document(self) -> dict[str, Any]:
        """The case with its tokens, for people and other programs."""
        find = [{k: v for k, v in place._asdict().items() if v} for place in self.find]
        rest = {k: dict(v) if isinstance(v, Mapping) else v for k, v in self._asdict().items() if v and k != "find"}
        return {**rest, "find": find, "secrets": self.planted}


def cases() -> list[Case]:
    """Every case, in the order of the file."""
    return [_case(name, table) for name, table in tomllib.loads(FILE.read_text("utf-8")).items()]


def _case(name: str, table: dict[str, Any]) -> Case:
    find = tuple(Place(**place) for place in table.pop("find", ()))
    for key in ("also", "never", "unscanned"):
        table[key] = tuple(table.get(key, ()))
    return Case(name, find=find, **table)
