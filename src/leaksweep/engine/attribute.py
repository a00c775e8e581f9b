"""Whose secret is it? Where the value has no shape of its own, the names round it tell: ``MATTERMOST_TOKEN = …``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from leaksweep.model import NAMED, Match, Rule

LOOK = 120  #: bytes before the secret, on its line or within its match, that may name its provider
LONGEST = 6  #: parts of a name that are read as one: ``weights_and_biases``
SUFFIX = "-unidentified-secret"
_PART = re.compile(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_JOINT = re.compile(rb"[_. -]?")
_WORDS = (
    rb"(?:api|app|access|auth|private|public|client|secret|tokens?|keys?|id|pass(?:word)?|pwd|pat|oauth|bearer"
    rb"|refresh)+"
)
_CREDENTIAL = re.compile(_WORDS)
_ENDING = re.compile(rb"(.{3,}?)" + _WORDS)


class Attribution:
    """The providers of a set of rules by the names that people write: theirs, and those of their variables."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules

    def named(self, data: bytes, match: Match) -> Match:
        """``match`` as one of the provider that ``data`` names before the secret, the nearest one; else as it is."""
        if not match.rule.provider.any_provider:
            return match
        start = max(match.span.start - LOOK, data.rfind(b"\n", 0, match.span.start) + 1)
        owner = self._owner(data[start : match.secret_span.start])
        return match if owner is None else match._replace(rule=unidentified(match.rule, owner))

    def _owner(self, text: bytes) -> Rule | None:
        found, read = None, 0
        parts = list(_PART.finditer(text))
        for index, part in enumerate(parts):
            if part.start() < read or not _begins(text, part.start()):
                continue
            for end, name in _names(parts[index : index + LONGEST], text):
                owner = self._owners.get(name)
                if owner and not (owner.provider.common_word and _inside(text, part.start())):
                    found, read = owner, end
                    break
        return found

    @cached_property
    def _owners(self) -> dict[bytes, Rule]:
        """Name without joints, in small letters -> the gravest rule of its provider."""
        specific = [rule for rule in self._rules if rule.kind != "generic"]
        chief: dict[str, Rule] = {}
        claims: dict[bytes, set[str]] = {}
        for rule in sorted(specific, key=lambda rule: rule.severity):
            chief[rule.provider.slug] = rule
            for name in map(_squeezed, rule.playbook.env):
                if not _CREDENTIAL.fullmatch(name):
                    claims.setdefault(name, set()).add(rule.provider.slug)
        variables = {name: chief[slug] for name, (slug, *others) in claims.items() if not others}
        return variables | {name: rule for rule in chief.values() for name in _own(rule)}


def unidentified(rule: Rule, owner: Rule) -> Rule:
    """``rule``, whose matches may be of any provider, as one of ``owner``'s provider."""
    name = owner.provider.name
    return rule._replace(
        id=owner.provider.slug + SUFFIX,
        name=f"{name} secret of an unknown kind",
        summary=f"Stands where a secret of {name} would, and has the form of none that is known.",
        provider=owner.provider._replace(any_provider=True),
        kind=NAMED,
        playbook=owner.playbook._replace(revoke=f"Find out which secret of {name} it is. {owner.playbook.revoke}"),
        references=owner.references,
    )


def _own(rule: Rule) -> Iterator[bytes]:
    yield _squeezed(rule.provider.slug)
    yield _squeezed(rule.provider.name.partition("(")[0])


def _names(parts: Sequence[re.Match[bytes]], text: bytes) -> Iterator[tuple[int, bytes]]:
    """What the first of these parts begins, with where it ends: the longest name that its joints allow, then less."""
    joined = 1
    while joined < len(parts) and _JOINT.fullmatch(text, parts[joined - 1].end(), parts[joined].start()):
        joined += 1
    for count in range(joined, 0, -1):
        yield parts[count - 1].end(), b"".join(part[0] for part in parts[:count]).lower()
    if found := _ENDING.fullmatch(parts[0][0].lower()):
        yield parts[0].end(), found[1]


def _begins(text: bytes, at: int) -> bool:
    """Whether a name may begin here: not within a word, but for one that a capital begins."""
    before = text[at - 1 : at]
    return not before.isalnum() or (text[at : at + 1].isupper() and not before.isupper())


def _inside(text: bytes, at: int) -> bool:
    """Whether this is not where the whole name begins."""
    before = text[at - 1 : at]
    return before.isalnum() or before in (b"_", b"-", b".")


def _squeezed(name: str) -> bytes:
    return re.sub(r"[^a-z0-9]", "", name.lower()).encode()
