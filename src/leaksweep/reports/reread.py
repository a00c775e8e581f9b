"""Our own json report, read again: by the gate, by ``where`` and by the baseline. It may come from anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from leaksweep.errors import UsageError
from leaksweep.model import Severity, Verdict
from leaksweep.reports.json import SCHEMA

LARGEST = 1 << 30  #: bytes of a report
_ID = re.compile("[0-9a-f]{32}")
_TEXTS = ("id", "rule", "name", "severity", "verdict", "secret")


def document(name: str, data: bytes) -> dict[str, Any]:
    """The report's content, as far as its readers ask for it.

    Raises:
        UsageError: it is none of ours, or was cut off or changed.
    """
    try:
        found: dict[str, Any] = json.loads(data)
        fits = found["schema"] == SCHEMA and type(found["complete"]) is bool and _are_listed(found["findings"], _fits)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        fits, found = False, {}
    if not fits:
        raise UsageError(f"{name}: is no whole json report of leaksweep", "write one with --report json=FILE")
    return found


def _fits(finding: dict[str, Any]) -> bool:
    Severity.parse(finding["severity"])
    Verdict(finding["verdict"])
    texts = _are_listed([finding[name] for name in _TEXTS], _is_text) and _ID.fullmatch(finding["id"])
    places = _are_listed(finding["places"], _is_place) and bool(finding["places"])
    reach = _are_listed(finding.get("reach", []), _is_text)
    return bool(texts) and places and reach and isinstance(finding["playbook"], dict)


def _is_place(place: dict[str, Any]) -> bool:
    return _is_text(place["label"]) and _are_listed(place.get("encodings", []), _is_text)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _are_listed(values: object, fit: Callable[[Any], bool]) -> bool:
    return isinstance(values, list) and all(map(fit, values))
