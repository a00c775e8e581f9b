"""``leaksweep rules list``: which rules, and how they are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from leaksweep.errors import UsageError
from leaksweep.model import KINDS, Rule, Severity


def chosen(rules: Iterable[Rule], provider: str = "", severity: str = "", kind: str = "") -> list[Rule]:
    """The rules of one provider (any case), severity and kind; an empty text means all.

    Raises:
        UsageError: there is no such provider, severity or kind.
    """
    rules = list(rules)
    severities = [s.name.lower() for s in reversed(Severity)]
    providers = sorted({rule.provider.name for rule in rules}, key=str.lower)
    _known("--severity", severity, severities, f"use one of {', '.join(severities)}")
    _known("--kind", kind, KINDS, f"use one of {', '.join(KINDS)}")
    _known("--provider", provider, [p.lower() for p in providers], _close(provider, providers))
    return [
        rule
        for rule in rules
        if (not provider or rule.provider.name.lower() == provider.lower())
        and (not severity or rule.severity.name == severity.upper())
        and (not kind or rule.kind == kind.lower())
    ]


def as_json(rules: Sequence[Rule]) -> bytes:
    """One object a rule."""
    import json

    keys = ("id", "severity", "provider", "name")
    return json.dumps([dict(zip(keys, row, strict=True)) for row in _rows(rules)], indent=2).encode() + b"\n"


def as_text(rules: Sequence[Rule]) -> bytes:
    """One line a rule."""
    rows = list(_rows(rules))
    ids, severities, providers = (max((len(row[column]) for row in rows), default=0) for column in range(3))
    lines = (f"{a:<{ids}}  {b:<{severities}}  {c:<{providers}}  {d}\n" for a, b, c, d in rows)
    return "".join(lines).encode()


def _rows(rules: Iterable[Rule]) -> Iterable[tuple[str, str, str, str]]:
    return ((r.id, r.severity.name.lower(), r.provider.name, r.name) for r in rules)


def _known(option: str, value: str, values: Sequence[str], mend: str) -> None:
    if value and value.lower() not in values:
        raise UsageError(f"{option} {value}: not known", mend)


def _close(name: str, names: Sequence[str]) -> str:
    from difflib import get_close_matches

    by_lower = {n.lower(): n for n in names}
    close = get_close_matches(name.lower(), by_lower, 1)
    return f"did you mean {by_lower[close[0]]!r}?" if close else "see leaksweep rules list"
