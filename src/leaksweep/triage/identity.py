"""The id of a secret: a keyed hash that says nothing about it to those without the key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from leaksweep.model import Finding
from leaksweep.triage.merge import place_order


def identify(findings: Iterable[Finding], key: bytes) -> Iterator[Finding]:
    """Give each finding its id.

    It is made of the rule's family and the secret. Weak secrets (passwords that people choose) could be guessed from
    such a hash by whoever knows the key, so theirs is made of the family and the text round the secret; where two
    passwords stand in the same text, a number in the order of their places tells them apart.
    """
    taken: dict[str, int] = {}
    for finding in sorted(findings, key=lambda f: (place_order(f.best), f.rule.id)):
        what = (finding.context if finding.rule.weak else finding.secret).reveal()
        identity = _hash(key, finding.rule.family.encode(), what)
        count = taken[identity] = taken.get(identity, 0) + 1
        yield finding._replace(id=identity if count == 1 else _hash(key, identity.encode(), b"%d" % count))


def _hash(key: bytes, *parts: bytes) -> str:
    hasher = hashlib.blake2b(digest_size=16, key=hashlib.sha256(key).digest())
    for part in parts:
        hasher.update(len(part).to_bytes(8, "big") + part)
    return hasher.hexdigest()
