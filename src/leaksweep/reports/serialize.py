"""sarif-om objects -> JSON; the only importer of sarif_om.

sarif-om has no serializer of its own. Two things are easy to get wrong: its non-empty defaults (``rank: -1.0``,
``byteOffset: -1``) mean "not given", but consumers that find them take them at their word; and ``level`` and ``kind``
say the same thing only when they are written, since a rule may change what a missing ``level`` means.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from importlib import import_module, util
from types import ModuleType
from typing import Any

EXPLICIT = frozenset({"level", "kind"})  #: written even where they have their default
WIDTH = 120  #: characters of a line


class SarifOm:
    """``sarif_om``, each class loaded when it is first used.

    ``import sarif_om`` defines 53 classes, of which a report needs 20, and takes longer than scanning a file. So its
    submodules are imported without running its ``__init__``; where they are not as in version 1.0.4, all of it is.
    """

    def __getattr__(self, name: str) -> Any:
        found = getattr(_submodule(name), name, None) or getattr(import_module("sarif_om"), name)
        setattr(self, name, found)
        return found


def _submodule(name: str) -> Any:
    """``sarif_om._run_automation_details`` for ``RunAutomationDetails``; None if that cannot be had alone."""
    if "sarif_om" in sys.modules or (package := _unrun_package()) is None:
        return None
    sys.modules["sarif_om"] = package
    try:
        return import_module("sarif_om" + re.sub("(?=[A-Z])", "_", name).lower().replace("_", "._", 1))
    except ImportError:
        return None
    finally:
        del sys.modules["sarif_om"]  # whoever imports it in earnest gets the whole of it, with these same classes


@cache
def _unrun_package() -> ModuleType | None:
    """The package without what its ``__init__`` makes: enough to find submodules."""
    spec = util.find_spec("sarif_om")
    return util.module_from_spec(spec) if spec else None


def plain(value: Any) -> Any:
    """What ``json`` understands: sarif-om objects become dictionaries without their defaults, short members first."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not hasattr(value, "__attrs_attrs__"):
        return value
    written = {}
    kind: Any = type(value)
    for attribute, name, default in _fields(kind):
        content = getattr(value, attribute)
        if name in EXPLICIT or not _same(content, default):
            written[name] = plain(content)
    return dict(sorted(written.items(), key=lambda member: isinstance(member[1], dict | list)))


def dump(value: Any, indent: str = "", before: str = "") -> str:
    """``value`` as ASCII JSON: what fits on a line, after ``before``, stands on one; anything longer is opened up."""
    if not value or not isinstance(value, dict | list):
        return before + json.dumps(value)
    inner = indent + " "
    if isinstance(value, dict):
        opening, closing = "{}"
        items = [dump(member, inner, f"{json.dumps(key)}: ") for key, member in value.items()]
    else:
        opening, closing = "[]"
        items = [dump(item, inner) for item in value]
    line = f"{before}{opening}{', '.join(items)}{closing}"
    if len(indent) + len(line) < WIDTH and "\n" not in line:
        return line
    return f"{before}{opening}\n{inner}" + f",\n{inner}".join(items) + f"\n{indent}{closing}"


@cache
def _fields(kind: Any) -> tuple[tuple[str, str, Any], ...]:
    """(attribute, name in SARIF, default) of a sarif-om class, as its own metadata say."""
    return tuple((f.name, f.metadata["schema_property_name"], _default(f.default)) for f in kind.__attrs_attrs__)


def _default(default: Any) -> Any:
    return default.factory() if hasattr(default, "factory") else default


def _same(content: Any, default: Any) -> bool:
    return content is None or (type(content) is type(default) and content == default)
