"""What to do about a leak: six sections for every rule, put together from what its file says and from shared texts.

The shared texts are data (``data/``): what all playbooks say, and what is true of a category of services. ``snippets``
has the code that reads a secret from where it belongs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from leaksweep.model import Rule, Severity
from leaksweep.playbooks import tokens
from leaksweep.playbooks.tokens import SECTIONS

DATA = Path(__file__).with_name("data")

_ANYWHERE = "the environment or a secrets manager"


class Step(NamedTuple):
    """One thing to know or to do."""

    text: str
    url: str = ""


class Section(NamedTuple):
    """Some steps that answer one question; ``key`` is one of ``SECTIONS``."""

    key: str
    title: str
    steps: tuple[Step, ...]


def compose(rule: Rule, proofs: Iterable[str] = (), today: str = "") -> tuple[Section, ...]:
    """The playbook of a rule. ``proofs`` is what a finding says of its secret: a token's algorithm, issuer and end.

    ``today`` (ISO 8601) tells whether a token has ended; reports leave it out, so that two runs say the same.
    """
    common, kind = _table("common"), category(rule.category)
    given = {
        "provider": rule.provider.name if rule.kind != "generic" else "the service that it opens",
        "variable": rule.playbook.env[0] if rule.playbook.env else "",
        "where": _where(rule),
    }
    proofs = tuple(proofs)
    parts = (_opens, _first, _rotate, _misuse, _stops, _next)
    made = []
    for key, part in zip(SECTIONS, parts, strict=True):
        steps = [*part(rule, common[key], kind[key]), *map(Step, tokens.said(key, rule, proofs, today))]
        filled = (step._replace(text=_filled(step.text, given)) for step in steps if step.text)
        made.append(Section(key, common["titles"][key], tuple(filled)))
    return tuple(made)


def category(name: str) -> dict[str, str]:
    """The texts of a category by section; of one that is not known, those of ``other``."""
    table = _table("categories")
    row: dict[str, str] = table.get(name, table["other"])
    return row


def categories() -> tuple[str, ...]:
    """The names that a rule file may give."""
    return tuple(_table("categories"))


def _opens(rule: Rule, common: dict[str, str], kind: str) -> Iterator[Step]:
    yield Step(rule.summary)
    yield Step(kind)
    yield Step(rule.playbook.lasts or common["lasts"])


def _first(rule: Rule, common: dict[str, str], kind: str) -> Iterator[Step]:
    if rule.weak:
        yield Step(common["weak"])
    else:
        yield Step(common["urgent" if rule.severity >= Severity.HIGH else "calm"])
    yield Step(kind)
    yield Step(common["read"])
    yield Step(common["history"])
    yield Step(common["since"])


def _rotate(rule: Rule, common: dict[str, str], kind: str) -> Iterator[Step]:
    book = rule.playbook
    yield Step(book.generate or common["weak" if rule.weak else "second"])
    if not book.rotate:
        yield Step(kind)
    yield Step(common["deploy"])
    yield from map(Step, book.rotate)
    yield Step(f"{common['old']} {book.revoke}", book.revoke_url)
    yield Step(common["sure"])


def _misuse(rule: Rule, common: dict[str, str], kind: str) -> Iterator[Step]:
    if rule.playbook.audit or rule.playbook.audit_url:
        yield Step(rule.playbook.audit or "Read the log:", rule.playbook.audit_url)
    yield Step(kind)
    yield Step(common["none"])


def _stops(rule: Rule, common: dict[str, str], kind: str) -> Iterator[Step]:
    if rule.playbook.breaks:
        yield Step(rule.playbook.breaks)
    yield Step(kind)
    yield Step(common["search" if rule.playbook.env else "searchless"])


def _next(_rule: Rule, common: dict[str, str], kind: str) -> Iterator[Step]:
    yield Step(common["read"])
    yield Step(kind)
    yield Step(common["narrow"])
    yield Step(common["hook"])


def _where(rule: Rule) -> str:
    variables = " or ".join(f"`{name}`" for name in rule.playbook.env[:2])
    return f"the environment, {variables}, or a secrets manager" if variables else _ANYWHERE


def _filled(text: str, given: dict[str, str]) -> str:
    for name, value in given.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))
