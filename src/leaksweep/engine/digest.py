"""A digest of everything that decides what is found in a content: the key of what is remembered as clean."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from leaksweep.model import Rule

_PACKAGE = Path(__file__).parents[1]
#: Folders of modules and word lists that decide; our own version would not tell one build from the next.
_CODE = (".", "engine", "proofs", "proofs/data", "unpack", "targets", "targets/git", "targets/image")


def digest(rules: Sequence[Rule], *, encoded: bool) -> str:
    """20 hexadecimal digits that differ where these rules, the code or the engines may find something else."""
    hasher = hashlib.blake2b(digest_size=10)
    for part in (encoded, _engines(), *map(_decisive, rules)):
        hasher.update(repr(part).encode())
    for file in files():
        hasher.update(file.read_bytes())
    return hasher.hexdigest()


def files() -> list[Path]:
    """The code and the words that decide."""
    there = (path for name in _CODE for path in _PACKAGE.joinpath(name).iterdir())
    return sorted(path for path in there if path.suffix in {".py", ".txt"})


def _decisive(rule: Rule) -> tuple[object, ...]:
    provider = (rule.provider.slug, rule.provider.name, rule.provider.any_provider, rule.provider.common_word)
    how = (rule.pattern, rule.prefilter, rule.width, rule.confidence, rule.proofs, rule.pair, rule.weak)
    return (rule.id, rule.kind, *how, provider)


def _engines() -> tuple[str, ...]:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return (version("hyperscan"), version("google-re2"))
    except PackageNotFoundError:
        return ()
