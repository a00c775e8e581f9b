"""The user's own rules, added to ours for a scan. What was found usable once is kept, by the digest of its files."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from leaksweep import __version__, inputs
from leaksweep.cache import Cache
from leaksweep.errors import RuleError
from leaksweep.model import Rule
from leaksweep.rulecheck import files_in, read, unusable
from leaksweep.rules.load import cached, keep


def with_custom(rules: tuple[Rule, ...], paths: Sequence[str], cache: Cache) -> tuple[Rule, ...]:
    """``rules`` and those in these files and folders, sorted by id.

    Raises:
        UsageError: a file cannot be read.
        RuleError: one of them cannot be used; the first thing wrong is told.
    """
    files = files_in(paths)
    key = f"custom-{_digest(files, rules)}.{sys.implementation.cache_tag}"
    own = cached(cache, key)
    return tuple(sorted((*rules, *(_vetted(files, rules, cache, key) if own is None else own)), key=lambda r: r.id))


def _vetted(files: Sequence[Path], rules: Sequence[Rule], cache: Cache, key: str) -> tuple[Rule, ...]:
    sources = []
    for item in read(files):
        if isinstance(item, RuleError):
            raise item
        sources.append(item)
    for _, error in unusable(sources, rules, Cache(None)):
        raise error
    return keep(cache, key, [source.rule for source in sources])


def _digest(files: Sequence[Path], rules: Sequence[Rule]) -> str:
    """Of what the user's files hold, by name, and of the ids that they may not take."""
    contents = [(str(file), inputs.read(str(file), trusted=True)) for file in files]
    return hashlib.sha256(repr((__version__, contents, [rule.id for rule in rules])).encode()).hexdigest()[:20]
