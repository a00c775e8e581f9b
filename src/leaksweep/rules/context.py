"""The one mechanism for secrets without a shape of their own: provider words near an assigned value.

A bare 40-digit hexadecimal string says nothing; after ``CLOCKWORK_API_KEY=`` it does. ``pattern`` turns words, field
names and the shape of the value into one bounded regular expression that both engines take. The gap between word and
value is free text over at most two lines, so that the same rule reads code, dotenv, YAML, JSON, XML, properties, INI,
shell, Dockerfile and Terraform; what stands directly before the value must be an assignment, a quote or a blank.
"""

from __future__ import annotations

import re

SEPARATOR = "[_. -]?"  #: what "_" and "-" in a word stand for
GAP = 60  #: bytes between the word and the value
WORD_GAP = 80  #: bytes between the provider word and the field name: room for an id that stands before the secret
FIELD_GAP = 40  #: bytes between the field name and the value
BEFORE = r"""[\s=:>,("'`?&|{\[]"""  # never "/": a path segment is no value
#: What may stand before a word: "github.com/acme/clockwork <commit>" is a repository, "scrollbar" another word.
OUTSIDE_PATH = "(?:^|[^/a-z]|//)"
SHORT = 3  #: letters of a word that is looked for only where one begins
ASSIGNED = r"""[\s=:>,."'`-]{1,5}"""  #: what stands between a name and the value, where the name is all there is
AFTER = r"""(?:[\s<,;)"'`&|}\]\\#]|\z)"""  # what ends a value in those languages; never "." or "-": a longer word


def pattern(words: list[str], fields: list[str], value: str, *, alone: bool = False) -> str:
    """The regular expression of a context rule.

    ``words`` name the provider and are literal, any case; ``fields`` (may be empty) are names that must follow, as
    regular expressions; ``value`` is the shape of the secret as a regular expression without groups. Where the
    provider has no other such secret of that length (``alone``), any usual name between its word and the value will do,
    and a hyphen or a dot will do as the assignment: ``clockwork PRIVATE 5f...``, ``clockwork-key-5f...``.
    """
    if fields:
        gap, head = FIELD_GAP, rf"{_anywhere(words)}(?s:.){{0,{WORD_GAP}}}?(?i:{'|'.join(fields)})"
    else:
        camel = _camel(words)
        gap, head = GAP, f"{OUTSIDE_PATH}(?i:{_literal(words)})"
        head = f"(?:{head}|[a-z](?:{camel}))" if camel else head
    near = rf"{head}(?:(?s:.){{0,{gap}}}?{BEFORE})"
    if alone and (names := _names(fields)):
        assigned = rf"{_anywhere(words)}(?i:[\s_.-]{{0,3}}(?:{names})){{1,3}}{ASSIGNED}"
        near = rf"(?:{assigned}|{near})"  # the nearest value first
    return rf"{near}(?P<secret>{value}){AFTER}"


def _anywhere(words: list[str]) -> str:
    """The words, within others too; but not the short ones, which any text and any hexadecimal number may hold."""
    short = [word for word in words if len(word) <= SHORT]
    long = [word for word in words if len(word) > SHORT]
    found = [rf"(?i:{_literal(long)})"] if long else []
    found += [rf"(?:^|[^A-Za-z0-9])(?i:{_literal(short)})", f"[a-z](?:{_camel(short)})"] if short else []
    return found[0] if len(found) == 1 else f"(?:{'|'.join(found)})"


def _literal(words: list[str]) -> str:
    return "|".join(SEPARATOR.join(map(re.escape, re.split("[_-]", w))) for w in words)


def _camel(words: list[str]) -> str:
    """Those that may stand as a part of a name in camel case, as they do there."""
    return "|".join(re.escape(w[:1].upper() + w[1:]) for w in words if w[:1].isalpha() and w.isalnum())


def _names(fields: list[str]) -> str:
    """The usual names that fit those of a rule: what is called a secret is not what is called a key."""
    secret = [field for field in fields if "secret" in field or "private" in field]
    if not fields or any(name in field for field in fields if field not in secret for name in ("key", "token")):
        return "private|access|secret|token|api|key"
    return "private|api|secret" if secret else ""
