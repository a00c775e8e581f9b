"""Public halves of key pairs, sighted beside the secrets: certificates, public keys in PEM, and OpenSSH's lines.

They are no findings. Each is kept as a short hash with its place, so that triage can name what a private key opens;
of very many only those with the smallest hashes stay, whatever the order in which they were seen.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Collection, Hashable, Iterable, Iterator
from typing import NamedTuple

from leaksweep.model import Blob, Witness

TRIES = 2000  #: in one blob: a system's bundle has 150 certificates
KEPT = 10_000  #: of one target
PATTERNS = (
    r"-----BEGIN (?:(?:TRUSTED |X509 )?CERTIFICATE|(?:RSA )?PUBLIC KEY)-----",
    r"---- BEGIN SSH2 PUBLIC KEY ----",
    r"(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp(?:256|384|521))(?:-cert-v01@openssh\.com)? {1,4}AAAA[BCEHIK]",
    # The first of them in base64, as Kubernetes keeps them.
    r"LS0tLS1CRUdJTiB(?:DRVJUSUZJQ0FURS0t|QVUJMSUMgS0VZLS0t|SU0EgUFVCTElDIEtFWS0t)",
)
_ARMOURED, _SSH2, _LINE, _IN_BASE64 = range(len(PATTERNS))
_LONGEST = 16 * 1024  #: bytes of one of them
_BUNDLE = 64 * 1024  #: and of several in base64
_HEADER = re.compile(PATTERNS[_ARMOURED].encode())
_DIGITS = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_ENCODED = re.compile(rb"[\\\"'`|>]")


class Sighted(NamedTuple):
    """A witness, and the blob it was in."""

    witness: Witness
    origin: Hashable
    inside: str

    def beats(self, other: Sighted) -> bool:
        """Which of two with the same key is told: the one that is valid longest, then the first by place."""
        mine, others = self.witness[2:], other.witness[2:]
        if mine != others:
            return mine[::-1] > others[::-1]
        return self._place() < other._place()

    def _place(self) -> tuple[str, bool, str]:
        return (repr(self.origin), not self.inside, self.inside)  # a tar shows its files from outside too


class Witnesses:
    """What was sighted, bounded: one certificate and one public key for each key."""

    def __init__(self, kept: int = KEPT) -> None:
        self.cut = False  #: whether some were left out
        self._kept = kept
        self._seen: dict[tuple[bytes, str], Sighted] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def look(self, blob: Blob, hits: Collection[tuple[int, int]]) -> None:
        """Add what stands in the blob at these (pattern, end of its match)."""
        self.cut |= len(hits) > TRIES
        self.add(
            Sighted(witness, blob.origin, blob.inside) for witness in _read(blob.data, sorted(hits, key=_end)[:TRIES])
        )

    def add(self, more: Iterable[Sighted]) -> None:
        """Add these; the outcome is the same in whatever order they come."""
        for sighted in more:
            key = (sighted.witness.key, sighted.witness.what)
            known = self._seen.get(key)
            if known is None or sighted.beats(known):
                self._seen[key] = sighted
        if len(self._seen) > 2 * self._kept:
            self._trim()

    def join(self, other: Witnesses) -> None:
        """Add all that another has."""
        self.cut |= other.cut
        self.add(other.all())
        self._trim()

    def _trim(self) -> None:
        """Leave out what is too many."""
        if len(self._seen) > self._kept:
            self.cut = True
            self._seen = {key: self._seen[key] for key in sorted(self._seen)[: self._kept]}

    def all(self) -> Iterator[Sighted]:
        """Everything that was kept."""
        return iter(self._seen.values())

    def of(self, keys: Collection[bytes]) -> Iterator[Sighted]:
        """Those of these keys."""
        return (sighted for sighted in self.all() if sighted.witness.key in keys)


def _end(hit: tuple[int, int]) -> int:
    return hit[1]


def _read(data: bytes, hits: Iterable[tuple[int, int]]) -> Iterator[Witness]:
    from leaksweep.proofs import ssh  # most scans see none

    reached = 0
    for pattern, end in hits:
        found: Witness | None = None
        if pattern == _ARMOURED:
            found = _armoured(data, end)
        elif pattern == _SSH2:
            text = data[end : end + _LONGEST].partition(b"----")[0]
            found = ssh.read(_decoded(text[max(0, text.find(b"AAAA")) :]))
        elif pattern == _LINE:
            digits = _DIGITS.match(data, end - len("AAAAB"), end + _LONGEST)
            found = ssh.read(_decoded(digits[0])) if digits else None
        elif end > reached and (digits := _DIGITS.match(data, end - 16, end + _BUNDLE)):
            reached = digits.end()
            yield from _bundle(data, end, reached)
        if found:
            yield found


def _armoured(data: bytes, start: int) -> Witness | None:
    """What stands between a header that ends at ``start`` and its footer."""
    from leaksweep.proofs import keys, public

    stop = data.find(b"-----", start, start + _LONGEST)
    if stop < 0 or data[stop : stop + 8] != b"-----END":
        return None
    text = data[start:stop]
    return public.read((keys.body(text) if _ENCODED.search(text) else _decoded(text)) or b"")


def _bundle(data: bytes, end: int, stop: int) -> Iterator[Witness]:
    """The certificates in a base64 text that begins with one."""
    start = data.rfind(b"LS0tLS1CRUdJTiB", max(0, end - 64), end)
    text = _decoded(data[start:stop])
    for found in _HEADER.finditer(text):
        if witness := _armoured(text, found.end()):
            yield witness


def _decoded(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        return b""
