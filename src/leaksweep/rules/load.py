"""TOML rule files -> ``Rule`` objects. Errors name the file, the rule, the key and the mend.

Parsing some hundred files takes longer than a scan of one file may, so the parsed form is kept in the cache (as
``marshal`` data, like Python's own compiled files), under a key of every file's name, size and time.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import repeat
from pathlib import Path
from typing import Any

from leaksweep import __version__, inputs
from leaksweep.cache import Cache
from leaksweep.errors import RuleError, UsageError
from leaksweep.model import Confidence, Example, Playbook, Provider, Rule, Severity
from leaksweep.rules import context
from leaksweep.rules.typed import typed

DATA = Path(__file__).with_name("data")
WIDEST = 32 * 1024  #: bytes; half of what neighbouring windows share

RULE_KEYS = frozenset(
    [
        "id",
        "name",
        "summary",
        "severity",
        "confidence",
        "kind",
        "pattern",
        "width",
        "context",
        "proofs",
        "pair",
        "weak",
        "references",
        "playbook",
        "example",
        "counterexample",
        "any_provider",
        "category",
        "files",
        "prefilter",
    ]
)
REQUIRED = ("id", "name", "summary", "severity", "confidence", "playbook", "example", "counterexample")
PROVIDER_KEYS = frozenset(["name", "any_provider", "common_word", "category", "playbook"])
SHARED_KEYS = frozenset(["generate", "rotate", "lasts"])  #: of the playbooks of all rules of a provider
PLAYBOOK_KEYS = SHARED_KEYS | {"revoke", "revoke_url", "audit", "audit_url", "breaks", "env"}
CONTEXT_KEYS = frozenset(["words", "fields", "value"])


def load(cache: Cache, folder: Path = DATA) -> tuple[Rule, ...]:
    """Every rule below ``folder``, sorted by id, without examples (the scan does not need them).

    Raises:
        RuleError: a file is not valid TOML, or a rule in it is not what it must be.
    """
    key = f"rules-{_digest(folder)}.{sys.implementation.cache_tag}"
    kept = cached(cache, key)
    return keep(cache, key, parse(folder)) if kept is None else kept


def cached(cache: Cache, key: str) -> tuple[Rule, ...] | None:
    """The rules kept under ``key``, or None: nothing is there, or a torn or foreign file."""
    try:
        # As trusted as the compiled files that Python keeps beside its sources: the folder is the user's own.
        return tuple(map(_from_cache, marshal.loads(cache.unseal(key) or b"")))  # noqa: S302
    except (EOFError, ValueError, TypeError):
        return None


def keep(cache: Cache, key: str, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Keep the rules under ``key``; they are returned sorted by id, without examples."""
    rows = tuple(_to_cache(rule) for rule in sorted(rules, key=lambda r: r.id))
    cache.seal(key, marshal.dumps(rows))
    return tuple(map(_from_cache, rows))


def parse(folder: Path = DATA) -> Iterator[Rule]:
    """Every rule below ``folder`` with its examples, file by file."""
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        for rule in parse_file(path):
            if rule.id in seen:
                raise RuleError(f"{path.name}: rule {rule.id!r} is defined in {seen[rule.id]} too", "rename one")
            seen[rule.id] = path.name
            yield rule


def parse_file(path: Path) -> Iterator[Rule]:
    """The rules of one provider's file, up to the first that is wrong."""
    for rule in each(path, path.name):
        if isinstance(rule, RuleError):
            raise rule
        yield rule


def each(path: Path, name: str) -> Iterator[Rule | RuleError]:
    """The rules of one file, and what is wrong with those that are none; ``name`` is what errors call the file."""
    try:
        data = inputs.parse(inputs.read(str(path), trusted=True), name)
    except UsageError as error:
        yield RuleError(error.what, error.mend)
        return
    rows, shared = data.get("rule", []), data.get("provider")
    try:
        provider = _provider(data.get("provider"), path.stem, name)
    except RuleError as error:
        yield error
        return
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        yield RuleError(f"{name}: 'rule' is no list of tables", "begin each rule with [[rule]]")
        return
    lengths = [_lengths(row) for row in rows]
    for at, row in enumerate(rows):
        where = f"{name}: rule {row.get('id', '?')!r}"
        others = lengths[:at] + lengths[at + 1 :]
        try:
            yield _rule(row, provider, shared, where, alone=not any(map(_overlap, repeat(lengths[at]), others)))
        except RuleError as error:
            yield error
        except (KeyError, TypeError, ValueError) as error:
            yield RuleError(f"{where}: {error}", "compare it with a built-in rule")


def _provider(table: object, slug: str, name: str) -> Provider:
    if not isinstance(table, dict) or not isinstance(table.get("name"), str):
        raise RuleError(f"{name}: provider.name is missing", "add a [provider] table with a name")
    _keys(table, PROVIDER_KEYS, ("name",), f"{name}: provider")
    typed(table, f"{name}: provider")
    _keys(table.get("playbook", {}), SHARED_KEYS, (), f"{name}: provider.playbook")
    return Provider(slug, table["name"], table.get("any_provider", False), table.get("common_word", False))


def _lengths(row: dict[str, Any]) -> tuple[int, int] | None:
    """The least and the greatest length of the secrets of a context rule; None for other rules, and for wrong ones."""
    try:
        return _widths(row["context"]["value"])
    except Exception:  # what is wrong is told where the rule is read
        return None


def _overlap(one: tuple[int, int] | None, other: tuple[int, int] | None) -> bool:
    return one is not None and other is not None and one[0] <= other[1] and other[0] <= one[1]


def _rule(row: dict[str, Any], provider: Provider, shared: Any, where: str, *, alone: bool = False) -> Rule:
    _keys(row, RULE_KEYS, REQUIRED, where)
    typed(row, where)
    _keys(row["playbook"], PLAYBOOK_KEYS, ("revoke",), f"{where}: playbook")
    pattern = _pattern(row, where, alone=alone)
    return Rule(
        id=row["id"],
        name=row["name"],
        provider=provider._replace(any_provider=row.get("any_provider", provider.any_provider)),
        summary=row["summary"],
        severity=_level(Severity, row, "severity", where),
        confidence=_level(Confidence, row, "confidence", where),
        kind=row.get("kind", "context" if "context" in row else "pattern"),
        pattern=pattern,
        width=row.get("width") or _width(pattern, where),
        playbook=_playbook({**shared.get("playbook", {}), **row["playbook"]}),
        proofs=tuple(row.get("proofs", ())),
        pair=row.get("pair", ""),
        weak=row.get("weak", False),
        references=tuple(row.get("references", ())),
        examples=tuple(Example(**e) for e in row["example"]),
        counterexamples=tuple(Example(**e) for e in row["counterexample"]),
        files=tuple(row.get("files", ())),
        prefilter=row.get("prefilter", ""),
        category=row.get("category", shared.get("category", "other")),
    )


def _playbook(table: dict[str, Any]) -> Playbook:
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    return Playbook(**fields)


def _keys(row: dict[str, Any], known: frozenset[str], required: tuple[str, ...], where: str) -> None:
    for key in row:
        if key not in known:
            from difflib import get_close_matches

            close = get_close_matches(key, known, 1)
            mend = f"did you mean {close[0]!r}?" if close else "remove it"
            raise RuleError(f"{where}: key {key!r} is not known", mend)
    for key in required:
        if not row.get(key):
            raise RuleError(f"{where}: key {key!r} is missing", "add it")


def _level(kind: Any, row: dict[str, Any], key: str, where: str) -> Any:
    try:
        return kind[row[key].upper()]
    except KeyError:
        allowed = ", ".join(level.name.lower() for level in kind)
        raise RuleError(f"{where}: {key} is {row[key]!r}", f"use one of {allowed}") from None


def _pattern(row: dict[str, Any], where: str, *, alone: bool) -> str:
    if ("pattern" in row) == ("context" in row):
        raise RuleError(f"{where}: needs either 'pattern' or 'context'", "give exactly one of them")
    if "pattern" in row:
        return str(row["pattern"])
    _keys(row["context"], CONTEXT_KEYS, ("words", "value"), f"{where}: context")
    given = row["context"]
    return context.pattern(given["words"], given.get("fields", []), given["value"], alone=alone)


def _widths(pattern: str) -> tuple[int, int]:
    import re._parser as parser  # type: ignore[import-not-found]

    least, greatest = parser.parse(pattern.replace(r"\z", r"\Z")).getwidth()
    return int(least), int(greatest)


def _width(pattern: str, where: str) -> int:
    try:
        _, width = _widths(pattern)
    except Exception as error:  # the parser raises its private error type
        raise RuleError(f"{where}: pattern: {error}", "mend it, or give 'width'") from None
    if width > WIDEST:
        raise RuleError(f"{where}: pattern may match {width} bytes", "bound its repeats, or give 'width'")
    return width


def _digest(folder: Path) -> str:
    stats = [(entry.name, entry.stat()) for entry in os.scandir(folder)]
    stats += [(os.path.basename(code), os.stat(code)) for code in (__file__, context.__file__)]
    lines = sorted(f"{name}/{stat.st_size}/{stat.st_mtime_ns}" for name, stat in stats)
    return hashlib.sha256("\n".join((__version__, *lines)).encode()).hexdigest()[:20]


def _to_cache(rule: Rule) -> tuple[Any, ...]:
    """Plain tuples, texts and numbers, without examples: what ``marshal`` reads five times as fast as JSON."""
    fields = rule._replace(examples=(), counterexamples=())
    return tuple(_plain(field) for field in fields)


def _plain(field: Any) -> Any:
    if isinstance(field, IntEnum):
        return int(field)
    return (*field,) if isinstance(field, (Playbook, Provider)) else field


def _from_cache(row: tuple[Any, ...]) -> Rule:
    fields = list(row)
    fields[_SEVERITY] = Severity(fields[_SEVERITY])
    fields[_CONFIDENCE] = Confidence(fields[_CONFIDENCE])
    fields[_PLAYBOOK] = Playbook(*fields[_PLAYBOOK])
    fields[_PROVIDER] = Provider(*fields[_PROVIDER])
    return Rule(*fields)


_SEVERITY, _CONFIDENCE, _PLAYBOOK, _PROVIDER = map(
    Rule._fields.index, ("severity", "confidence", "playbook", "provider")
)
