"""What can be said of a rule without a text to scan. ``SHAPE`` is the list; a rule that fails one is not usable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from leaksweep.engine.patterns import compiled
from leaksweep.model import KINDS, Rule
from leaksweep.proofs import PROOFS
from leaksweep.rulecheck.fault import Check, Fault, Known
from leaksweep.rules.load import WIDEST

GLOBS, GLOB = 100, 1_000  #: of ``files``, and their characters
KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")


def kebab_case(rule: Rule, _: Known) -> Iterator[Fault]:
    """Ids are written in reports, baselines and links: one form for all."""
    if not KEBAB.fullmatch(rule.id):
        yield Fault("id", "is not in kebab-case", "write lower-case words joined by hyphens, the provider first")


def known_kind(rule: Rule, _: Known) -> Iterator[Fault]:
    """The kind orders rules where they overlap."""
    if rule.kind not in KINDS:
        yield Fault("kind", f"is {rule.kind!r}", f"use one of {', '.join(KINDS)}")


def linear(rule: Rule, _: Known) -> Iterator[Fault]:
    """RE2 takes only what it can match in linear time; one group, named ``secret``, says what the credential is."""
    try:
        groups = dict(compiled(rule.pattern).groupindex)
        count = compiled(rule.pattern).groups
    except Exception as error:  # re2's own type, which only the engine may import
        yield Fault(
            "pattern", f"RE2: {_words(error)}", "use no look-around and no back-reference, and bound large repeats"
        )
        return
    if groups != {b"secret": 1} or count != 1:
        yield Fault("pattern", "needs exactly one group, named secret", "write (?P<secret>...) and (?:...) elsewhere")


def searchable(rule: Rule, _: Known) -> Iterator[Fault]:
    """What stands for the pattern in the prefilter is one itself."""
    try:
        compiled(rule.prefilter)
    except Exception as error:  # re2's own type, which only the engine may import
        yield Fault("prefilter", f"RE2: {_words(error)}", "write a part of the pattern that every match holds")


def bounded(rule: Rule, _: Known) -> Iterator[Fault]:
    """A match lies in the overlap of two windows, whatever the size of a file."""
    if not 0 < rule.width <= WIDEST:
        yield Fault("width", f"is {rule.width}", f"give a number of bytes from 1 to {WIDEST}")


def few_globs(rule: Rule, _: Known) -> Iterator[Fault]:
    """Every place of every match is held against each."""
    if len(rule.files) > GLOBS or any(len(glob) > GLOB for glob in rule.files):
        what = "has too many globs, or one that is too long"
        yield Fault("files", what, f"give at most {GLOBS} of at most {GLOB:,} characters")


def known_proofs(rule: Rule, _: Known) -> Iterator[Fault]:
    """A proof is named as in ``leaksweep.proofs``."""
    for name in rule.proofs:
        if name not in PROOFS:
            yield Fault("proofs", f"{name!r} is not known", _close(name, PROOFS))


def known_pair(rule: Rule, known: Known) -> Iterator[Fault]:
    """The other half is a rule too, and, where both are checked, names this one."""
    other = known.by_id.get(rule.pair)
    if rule.pair and other is None:
        yield Fault("pair", f"{rule.pair!r} is no rule", _close(rule.pair, known.by_id))
    elif other and other.id in known.checked and other.pair != rule.id:
        yield Fault("pair", f"{rule.pair!r} does not name this rule", f'write pair = "{rule.id}" there')


SHAPE: tuple[Check, ...] = (
    kebab_case,
    known_kind,
    linear,
    searchable,
    bounded,
    few_globs,
    known_proofs,
    known_pair,
)


def _close(name: str, names: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, list(names), 1)
    return f"did you mean {close[0]!r}?" if close else "remove it"


def _words(error: Exception) -> str:
    """What RE2 says; it says it in bytes."""
    said = error.args[0] if error.args else type(error).__name__
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
