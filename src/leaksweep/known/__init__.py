"""The values that the organisation keeps in its stores, to be found wherever they should not be (``--known``).

They live in memory alone: they are in no cache, no report and no log. ``engine.kept`` looks for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from leaksweep.errors import UsageError
from leaksweep.known import aws, conjur, local, vault
from leaksweep.model import Kept
from leaksweep.redact import Secret

SHORTEST = 8  #: bytes of a value that is looked for
DISTINCT = 5  #: bytes that differ in it, at least
MOST = 5_000  #: values
#: What each store is called in ``--known``, and what gives its values.
STORES: Mapping[str, Callable[[str], Iterable[tuple[str, bytes]]]] = {
    "vault": vault.values,
    "aws-sm": aws.values,
    "conjur": conjur.values,
    "env": local.environment,
    "file": local.file,
}
#: Values that are searched for would be found everywhere: words, small numbers, what programs have as defaults.
_COMMON = re.compile(
    rb"[a-z]{1,11}|[A-Z]{1,11}|[A-Z][a-z]{1,10}|\d{1,9}|localhost(?::\d+)?|https?://[^@]*|127\.0\.0\.1"
)


class Gathered(NamedTuple):
    """The values, each once, and what is to be said of those that are not looked for."""

    kept: tuple[Kept, ...]
    notes: tuple[str, ...]


def parse(spec: str) -> tuple[str, str]:
    """``"vault:secret/app"`` -> its store and what is asked of it.

    Raises:
        UsageError: there is no such store.
    """
    store, colon, what = spec.partition(":")
    if not colon or store not in STORES:
        names = ", ".join(f"{name}:…" for name in STORES)
        raise UsageError(f"--known {spec}: no such store", f"use one of {names}")
    return store, what


def gather(specs: Iterable[str]) -> Gathered:
    """Ask every store.

    Raises:
        UsageError: a store does not answer, or has nothing to look for.
    """
    where: dict[bytes, list[str]] = {}
    notes: list[str] = []
    for spec in specs:
        found = list(_asked(spec))
        for name, value in found:
            if _is_rare(value):
                where.setdefault(value, []).append(name)
            else:
                notes.append(f"{name} is too short or too common to be looked for")
        if not any(_is_rare(value) for _, value in found):
            raise UsageError(f"--known {spec}: there is nothing to look for", "name a place that holds secrets")
    if len(where) > MOST:
        raise UsageError(f"--known: {len(where):,} values, of at most {MOST:,}", "name fewer places")
    return Gathered(
        tuple(Kept(", ".join(dict.fromkeys(names)), Secret(value)) for value, names in where.items()), tuple(notes)
    )


def _asked(spec: str) -> Iterator[tuple[str, bytes]]:
    store, what = parse(spec)
    for name, value in STORES[store](what):
        yield f"{store}:{name}", value.strip()


def _is_rare(value: bytes) -> bool:
    return len(value) >= SHORTEST and len(set(value)) >= DISTINCT and not _COMMON.fullmatch(value)
