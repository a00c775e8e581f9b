"""Whose secret is it? Where the value has no shape of its own, the names round it tell: ``MATTERMOST_TOKEN = …``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from leaksweep.engine.confirm import confirm
from leaksweep.engine.overlap import STATEMENT_END
from leaksweep.engine.patterns import spans
from leaksweep.model import CONTEXT, GENERIC, NAMED, Blob, Confidence, Match, Rule, Span

LOOK = 120  #: bytes before the secret, on its line or within its match, that may name its provider
LONGEST = 6  #: parts of a name that are read as one: ``weights_and_biases``
SUFFIX = "-unidentified-secret"
_PART = re.compile(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
#: A name of its own on the secret's line; ``default`` and ``value`` are those of the name before.
_ASSIGNS = re.compile(rb"(?<![\w.-])(?!(?:default|value)\b)[A-Za-z][\w.-]*[\"']?\s{0,4}[:=]", re.IGNORECASE)
_NAME = re.compile(rb"[\w.-]+")
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
        begin = match.span.start + (data[match.span.start : match.span.start + 1] == b"\n")
        start = max(begin - LOOK, data.rfind(b"\n", 0, begin) + 1)
        text = data[start : match.secret_span.start]
        line = text[text.rfind(b"\n") + 1 :]
        text = line if _ASSIGNS.search(line) else text
        owner, at = _owner(text, self._owners)
        if owner is None:
            return match
        exact = self._exact(owner, text[at:], match)
        return exact or match._replace(rule=unidentified(match.rule, owner))

    def _exact(self, owner: Rule, text: bytes, match: Match) -> Match | None:
        """The match as that of the provider's rule which the name and the value would fit if they stood together."""
        name, secret = _NAME.match(text), match.secret.reveal()
        if not name:
            return None
        rules = self._contexts.get(owner.provider.slug, [])
        probe = b'%s = "%s"\n' % (name[0], secret)
        fits = confirm(rules, Blob(None, probe), [(index, len(probe)) for index in range(len(rules))])
        same = (found for found in fits if found.secret == match.secret)
        best = min(same, key=lambda found: (-found.confidence, found.rule.id), default=None)
        return best and match._replace(rule=best.rule, confidence=best.confidence, proofs=best.proofs)

    @cached_property
    def _contexts(self) -> dict[str, list[Rule]]:
        """The rules of each provider that go by words."""
        found: dict[str, list[Rule]] = {}
        for rule in self._rules:
            if rule.kind == CONTEXT:
                found.setdefault(rule.provider.slug, []).append(rule)
        return found

    def nearer(self, data: bytes, match: Match) -> Match:
        """A match that the words before it make one, as one of the provider that stands nearer, behind the end of what
        the words are in: ``DATADOG_SITE=eu`` says nothing of ``MIXPANEL_KEY`` on the next line.
        """
        if match.rule.kind != CONTEXT or match.encodings:
            return match
        before = data[match.span.start : match.secret_span.start]
        ends = [end.end() for end in STATEMENT_END.finditer(before)] or [len(before)]
        start = match.span.start + (ends[-1] if _ASSIGNS.search(before, ends[-1]) else ends[0])
        owner, at = _owner(data[start : match.secret_span.start], self._by_name)
        if owner is None or owner.provider.slug == match.rule.provider.slug:
            return match
        own = next(spans(match.rule.pattern, data, Span(start + at - 1, match.span.end)), None)
        if own and own[1] == match.secret_span:  # the name is of its words, too
            return match
        return match._replace(rule=unidentified(match.rule, owner), confidence=Confidence.LOW)

    @cached_property
    def _chief(self) -> dict[str, Rule]:
        """Provider -> its gravest rule."""
        specific = (rule for rule in self._rules if rule.kind != GENERIC)
        return {rule.provider.slug: rule for rule in sorted(specific, key=lambda rule: rule.severity)}

    @cached_property
    def _by_name(self) -> dict[bytes, Rule]:
        """The provider's own names, without joints and in small letters -> its gravest rule."""
        return {name: rule for rule in self._chief.values() for name in _own(rule)}

    @cached_property
    def _owners(self) -> dict[bytes, Rule]:
        """``_by_name``, with the names of variables that are of one provider."""
        claims: dict[bytes, set[str]] = {}
        for rule in self._rules:
            for name in map(_squeezed, rule.playbook.env if rule.kind != GENERIC else ()):
                if not _CREDENTIAL.fullmatch(name):
                    claims.setdefault(name, set()).add(rule.provider.slug)
        variables = {name: self._chief[slug] for name, (slug, *others) in claims.items() if not others}
        return variables | self._by_name


def _owner(text: bytes, owners: Mapping[bytes, Rule]) -> tuple[Rule | None, int]:
    """Whom the last of the names in a text speaks of, and where it begins."""
    found, at, read = None, 0, 0
    parts = list(_PART.finditer(text))
    for index, part in enumerate(parts):
        if part.start() < read or not _begins(text, part.start()):
            continue
        for end, name in _names(parts[index : index + LONGEST], text):
            owner = owners.get(name)
            if owner and not (owner.provider.common_word and _inside(text, part.start())):
                found, at, read = owner, part.start(), end
                break
    return found, at


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
