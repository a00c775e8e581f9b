"""``leaksweep rules show``: everything about one rule, readable.

Examples stay templates: nothing in them looks alive.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from leaksweep.engine.attribute import SUFFIX, unidentified
from leaksweep.engine.kept import RULE as KEPT
from leaksweep.errors import UsageError
from leaksweep.model import Example, Rule
from leaksweep.redact import printable

MARGIN = 12  #: columns before a value


def find(rules: Iterable[Rule], name: str) -> Rule:
    """The rule with this id.

    Raises:
        UsageError: there is none.
    """
    rules = list(rules)
    by_id = {rule.id: rule for rule in rules}
    if name in by_id:
        return by_id[name]
    if (found := of_unknown_kind(rules, name)) is not None:
        return found
    from difflib import get_close_matches

    close = get_close_matches(name, by_id, 3, 0.5) or sorted(i for i in by_id if name and name in i)[:3]
    mend = f"did you mean {' or '.join(close)}?" if close else "see leaksweep rules list"
    raise UsageError(f"rule {name}: not known", mend)


def of_unknown_kind(rules: Sequence[Rule], name: str) -> Rule | None:
    """The rule that no file has: of a generic value that stands under the name of a provider."""
    if name == KEPT.id:
        return KEPT
    generic = next(rule for rule in rules if rule.provider.any_provider)
    owners = (rule for rule in rules if rule.kind != "generic" and rule.provider.slug + SUFFIX == name)
    owner = max(owners, key=lambda rule: rule.severity, default=None)
    return owner and unidentified(generic, owner)


def card(rule: Rule) -> bytes:
    """A block of text: what it is, how it is found, what to do, and how it is tried."""
    return "".join(f"{line}\n" for line in _lines(rule)).encode()


def _lines(rule: Rule) -> Iterator[str]:
    book = rule.playbook
    yield f"{rule.id}: {rule.name}"
    yield ""
    yield from _row("provider", rule.provider.name)
    yield from _row("what", rule.summary)
    yield from _row("severity", rule.severity.name.lower())
    yield from _row("confidence", rule.confidence.name.lower())
    yield from _row("kind", rule.kind + (", chosen by people" if rule.weak else ""))
    yield from _row("pattern", rule.pattern)
    yield from _row("width", f"{rule.width:,} bytes at most")
    yield from _row("proofs", ", ".join(rule.proofs))
    yield from _row("pair", rule.pair)
    yield ""
    yield from _row("revoke", book.revoke, book.revoke_url)
    yield from _row("check", book.audit, book.audit_url)
    yield from _row("breaks", book.breaks)
    yield from _row("instead", ", ".join(book.env) and f"read it from {', '.join(book.env)}, or a secrets manager")
    yield from _row("see", *rule.references)
    yield from _samples("found", rule.examples)
    yield from _samples("not found", rule.counterexamples)


def _row(name: str, *values: str) -> Iterator[str]:
    for number, value in enumerate(v for v in values if v):
        yield f"{'' if number else name:<{MARGIN}}{printable(value)}"


def _samples(title: str, samples: Sequence[Example]) -> Iterator[str]:
    for sample in samples:
        yield ""
        yield title + (f" ({printable(sample.why)})" if sample.why else "")
        yield from (f"    {printable(line)}" for line in sample.text.strip("\n").split("\n"))
