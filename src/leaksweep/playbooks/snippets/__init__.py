"""How a program reads a secret from where it belongs: four stores, eight languages, and what deploys them.

The texts are data (``data/``), one file a language; ``@VARIABLE@`` and its like are all that is filled in. Names that
would have to be quoted are refused, so that no text needs quoting.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from leaksweep.errors import UsageError

DATA = Path(__file__).with_name("data")
LANGUAGES = ("python", "javascript", "java", "go", "ruby", "php", "csharp", "shell")
STORES = ("env", "aws", "vault", "conjur")
CONTEXTS = (
    "dotenv",
    "docker",
    "compose",
    "kubernetes",
    "external-secrets",
    "github-actions",
    "gitlab-ci",
    "jenkins",
    "terraform",
)
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,127}")
_PATH = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(?:/[a-z0-9][a-z0-9_-]{0,63}){0,7}")
_HOLE = re.compile("@([A-Z]+)@")


class Snippet(NamedTuple):
    """A piece of code. ``name`` says what it is for, ``fence`` is its Markdown language, ``needs`` what must be there.

    ``imports`` stand at the head of a file, ``code`` where the secret is needed; it is then called ``secret``, in shell
    it is the variable.
    """

    name: str
    fence: str
    imports: str
    code: str
    needs: str = ""

    @property
    def text(self) -> str:
        """Both parts, a blank line between."""
        return f"{self.imports}\n\n{self.code}\n" if self.imports else f"{self.code}\n"


def snippet(language: str, store: str, variable: str, path: str) -> Snippet:
    """How a program of this language reads the secret.

    ``variable`` is the name of its environment variable (``STRIPE_SECRET_KEY``), ``path`` where a store keeps it
    (``app/stripe``).

    Raises:
        UsageError: an unknown language or store, a name that is none.
    """
    _one_of("language", language, LANGUAGES)
    _one_of("store", store, STORES)
    table = _table(language)
    return _filled(table["name"], table["fence"], table[store], variable, path)


def context(name: str, variable: str, path: str) -> Snippet:
    """How something that starts programs gives them the secret: ``CONTEXTS``.

    Raises:
        UsageError: an unknown context, a name that is none.
    """
    _one_of("context", name, CONTEXTS)
    row = _table("contexts")[name]
    return _filled(row["name"], row["fence"], row, variable, path)


def kept(store: str, variable: str, path: str) -> Snippet:
    """The command that puts the value into a store. It reads ``value.txt``, so that no value stands in a command line.

    Raises:
        UsageError: an unknown store, a name that is none.
    """
    _one_of("store", store, STORES)
    row = _table("stores")[store]
    return _filled(row["name"], "sh", {"code": row["keep"]}, variable, path)


def store_name(store: str) -> str:
    """What people call a store."""
    return str(_table("stores")[store]["name"])


def _filled(name: str, fence: str, row: dict[str, str], variable: str, path: str) -> Snippet:
    if not _VARIABLE.fullmatch(variable):
        raise UsageError(f"variable {variable}: not a name", "use capitals, digits and underscores")
    if not _PATH.fullmatch(path):
        raise UsageError(f"path {path}: not a path", "use lower-case letters, digits, - and _, with / between")
    names = {
        "VARIABLE": variable,
        "PATH": path,
        "NAME": variable.lower().replace("_", "-").strip("-"),
        "FIELD": variable.lower(),
        "QUOTED": quote(f"{path}/{variable}", safe=""),
    }
    imports, code = (_HOLE.sub(lambda m: names[m[1]], row.get(key, "").strip("\n")) for key in ("imports", "code"))
    return Snippet(name, fence, imports, code, row.get("needs", ""))


def _one_of(what: str, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        raise UsageError(f"{what} {value}: not known", f"use one of {', '.join(values)}")


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))
