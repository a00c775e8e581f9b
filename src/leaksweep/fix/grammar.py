"""The languages that ``fix`` can change, and their parsers (tree-sitter; the optional extra ``leaksweep[fix]``)."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from leaksweep.fix.spans import Cannot


class Language(NamedTuple):
    """A row of ``languages.toml``."""

    name: str
    module: str
    endings: str
    literals: tuple[str, ...]
    whole: tuple[str, ...]
    opens: str
    look_up: str
    join: str
    refused: tuple[str, ...]
    constant: tuple[str, ...] = ()
    bytes_look_up: str = ""
    import_: str = ""


def language_of(path: str, data: bytes) -> Language | None:
    """The language of a file, by its ending, or by its first line where it has none."""
    name = path.rsplit("/", 1)[-1].lower()
    for language in languages().values():
        if name.endswith(tuple(language.endings.split())):
            return language
    if "." in name.lstrip("."):
        return None
    interpreter = re.match(rb"#![^\n]{0,80}?\b(python|node|ruby|php|bash|sh|dash|zsh)", data)
    known = {b"python": "python", b"node": "javascript", b"ruby": "ruby", b"php": "php"}
    return languages()[known.get(interpreter[1], "shell")] if interpreter else None


@cache
def languages() -> dict[str, Language]:
    """All of them, by their key."""
    table = tomllib.loads(Path(__file__).with_name("languages.toml").read_text("utf-8"))
    return {key: _language(row) for key, row in table.items()}


def _language(row: dict[str, Any]) -> Language:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Language(**{"import_" if key == "import" else key: value for key, value in fields.items()})


def tree(language: Language, data: bytes) -> Any:
    """The root of a file's syntax tree.

    Raises:
        Cannot: the grammar is not installed, or the file does not parse.
    """
    root = _parser(language.module).parse(data).root_node
    if root.has_error:
        raise Cannot(f"the file does not parse as {language.name}: replace it by hand")
    return root


@cache
def _parser(module: str) -> Any:
    name, _, function = module.partition(":")
    try:
        from tree_sitter import Language, Parser

        grammar = Language(getattr(import_module(name), function)())
    except ImportError:
        raise Cannot("its parser is missing: install leaksweep[fix]") from None
    return Parser(grammar)
