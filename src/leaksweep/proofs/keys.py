"""Private keys in PEM armour: is the body what the header says?"""

from __future__ import annotations

import base64
import binascii
import re

from leaksweep.proofs.evidence import Evidence, Outcome

_ARMOUR = re.compile(rb"-----[^-]+-----|\\[rn]|[\s\"'+,\\]|^[A-Za-z-]+: .*$", re.MULTILINE)
_ENCRYPTED = re.compile(rb"ENCRYPTED")
_OPENSSH_NONE = b"openssh-key-v1\0\0\0\0\x04none"


def body(armoured: bytes) -> bytes | None:
    """The decoded bytes between the BEGIN and END lines (also with ``\\n`` escapes), or None where they are no base64."""
    headers = re.search(rb"Proc-Type|DEK-Info", armoured)
    text = armoured.replace(b"\\n", b"\n") if headers else armoured
    try:
        return base64.b64decode(_ARMOUR.sub(b"", text), validate=True)
    except binascii.Error:
        return None


def pem(evidence: Evidence) -> Outcome:
    """An unencrypted key: refute what does not decode or is encrypted, prove what has a key's frame."""
    der = body(evidence.secret)
    if der is None or len(der) < 32 or _ENCRYPTED.search(evidence.secret) or _is_encrypted_openssh(der):
        return Outcome.REFUTED
    return Outcome.PROVEN if _is_sequence(der) or der.startswith(_OPENSSH_NONE) else Outcome.DOUBTFUL


def pem_encrypted(evidence: Evidence) -> Outcome:
    """An encrypted key: refute what is not encrypted, or does not decode."""
    der = body(evidence.secret)
    if der is None or len(der) < 32:
        return Outcome.REFUTED
    encrypted = _ENCRYPTED.search(evidence.secret) or _is_encrypted_openssh(der)
    return Outcome.PLAUSIBLE if encrypted else Outcome.REFUTED


def _is_encrypted_openssh(der: bytes) -> bool:
    return der.startswith(b"openssh-key-v1\0") and not der.startswith(_OPENSSH_NONE)


def _is_sequence(der: bytes) -> bool:
    """Whether ``der`` is one DER SEQUENCE, of exactly its own length."""
    if der[0] != 0x30:
        return False
    if der[1] < 0x80:
        return len(der) == 2 + der[1]
    size = der[1] & 0x7F
    return 1 <= size <= 4 and len(der) == 2 + size + int.from_bytes(der[2 : 2 + size], "big")
