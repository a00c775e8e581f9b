"""What one secret says about another, with no network: a key that signed a token proves both.

Findings get notes (in ``Finding.proofs``) and, where a signature fits, become proven. Notes name findings by their ids
and hold nothing of a secret. Certificates and public keys are no findings: they come as witnesses beside them, and
prove the private keys that they belong to.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from leaksweep.model import Confidence, Finding
from leaksweep.triage.public import Unwitnessed, Witnesses, owners

if TYPE_CHECKING:
    from leaksweep.proofs.token import Token

BUDGET = 1_000_000  #: signatures that one scan may try, those of long tokens counted by the KiB: seconds at worst
KIB = 1024
_FROM_URL = bytes.maketrans(b"-_", b"+/")
NAMED = 3  #: tokens that the note of a key names
_NONE = Unwitnessed()


class _Holder(NamedTuple):
    """A finding that holds a key."""

    finding: str
    rule: str


class _Notes:
    """What is known after all proofs, by the finding's id."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.proven: set[str] = set()

    def add(self, finding: str, *texts: str) -> None:
        self.texts.setdefault(finding, []).extend(texts)

    def on(self, finding: Finding) -> Finding:
        """The finding with its notes."""
        texts = tuple(self.texts.get(finding.id, ()))
        confidence = Confidence.PROVEN if finding.id in self.proven else finding.confidence
        return finding._replace(proofs=(*finding.proofs, *texts), confidence=confidence)


def prove(findings: Iterable[Finding], budget: int = BUDGET, witnesses: Witnesses = _NONE) -> Iterator[Finding]:
    """The findings, in their order, with what they and the witnesses say of each other."""
    found = list(findings)
    if not found:
        return  # a clean scan starts without the proofs
    notes = _Notes()
    _accounts(found, notes)
    _signatures(found, notes, budget)
    if witnesses:
        _witnessed(found, witnesses, notes)
    yield from map(notes.on, found)


def _accounts(found: Iterable[Finding], notes: _Notes) -> None:
    """The AWS account that a key id names, be it the finding or its companion."""
    from leaksweep.proofs.aws import account

    for finding in found:
        numbers = {account(s.reveal()) for s in (finding.secret, *(c.secret for c in finding.companions))}
        notes.add(finding.id, *(f"account {number}" for number in sorted(numbers) if number))


def _witnessed(found: Iterable[Finding], witnesses: Witnesses, notes: _Notes) -> None:
    """What private keys belong to."""
    for finding, texts in owners(found, witnesses).items():
        if texts:
            notes.proven.add(finding)
            notes.add(finding, *texts)
        elif witnesses.cut:
            notes.add(finding, f"compared with {len(witnesses):,} of the public keys that were seen")


def _signatures(found: Iterable[Finding], notes: _Notes, budget: int) -> None:
    """Try the keys that everyone tries, and every secret, on every token that was signed with an HMAC."""
    from leaksweep.proofs import token as tokens

    read = {f.id: token for f in found if (token := tokens.read(f.secret.reveal()))}
    for name, token in read.items():
        notes.add(name, *tokens.claims(token))
    signed = {name: read[name] for name in sorted(read) if read[name].algorithm in tokens.HMACS}
    if not signed:
        return
    keys = dict.fromkeys(tokens.WEAK_KEYS, ()) | _keys(found, read)
    limit = budget // sum(1 + len(token.message) // KIB for token in signed.values())
    signs: dict[str, list[str]] = {}
    for name, key in _solved(signed, islice(keys, limit)).items():
        _tell(name, key in tokens.WEAK_KEYS, keys[key], notes)
        for holder in keys[key]:
            signs.setdefault(holder.finding, []).append(name)
    for finding, names in signs.items():
        notes.proven.add(finding)
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        notes.add(finding, f"signs JSON Web Token {', '.join(names[:NAMED])}{more}")
    for name in signed:
        if limit < len(keys) and name not in notes.proven:
            notes.add(name, f"signature tried with {limit:,} of {len(keys):,} keys")


def _solved(signed: Mapping[str, Token], keys: Iterable[bytes]) -> dict[str, bytes]:
    """The first of the keys that fits, for each token that one fits; in the order of the tokens."""
    from leaksweep.proofs.token import signed_by

    open_, found = dict(signed), dict[str, bytes]()
    for key in keys:
        for name in list(signed_by(open_.items(), key)):
            found[name] = key
            del open_[name]
    return {name: found[name] for name in signed if name in found}


def _tell(name: str, weak: bool, holders: Sequence[_Holder], notes: _Notes) -> None:
    notes.proven.add(name)
    if weak:
        notes.add(name, "signed with a key that everyone tries: anyone can make such a token")
    notes.add(name, *(f"signed with {holder.rule} {holder.finding}" for holder in holders[:1]))


def _keys(found: Iterable[Finding], tokens: Mapping[str, Token]) -> dict[bytes, tuple[_Holder, ...]]:
    """Every secret, companions and base64-decoded forms too, with the findings that hold it; tokens last."""
    keys: dict[bytes, dict[_Holder, None]] = {}
    for finding in sorted(found, key=lambda f: (f.id in tokens, f.id)):
        secrets = [(finding.rule.id, finding.secret), *((c.rule, c.secret) for c in finding.companions)]
        for rule, secret in secrets:
            for form in _forms(secret.reveal()):
                keys.setdefault(form, {})[_Holder(finding.id, rule)] = None
    return {key: tuple(holders) for key, holders in keys.items()}


def _forms(secret: bytes) -> Iterator[bytes]:
    """The secret as it stands, and what it decodes to."""
    yield secret
    flat = secret.rstrip(b"=").translate(_FROM_URL)
    try:
        decoded = base64.b64decode(flat + b"=" * (-len(flat) % 4), validate=True)
    except binascii.Error:
        return
    if decoded:
        yield decoded
