"""What single vendors build into their tokens: claims, encodings and checksums of their own."""

from __future__ import annotations

import base64
import binascii
import zlib
from itertools import pairwise

from leaksweep.proofs.evidence import Evidence, Outcome
from leaksweep.proofs.jwt import decode

_ZOOM_SDK_CLAIMS = frozenset(("appKey", "sdkKey", "app_key", "tokenExp"))
_IN_ORDER = 10  #: characters in order: none of a billion keys holds so many
_VARIED = 7  #: different letters that sixteen random ones hold, in all but one of ten thousand cases


def auth0_management(evidence: Evidence) -> Outcome:
    """Only tokens of an Auth0 tenant for its own management API."""
    decoded = decode(evidence.secret)
    if decoded is None:
        return Outcome.REFUTED
    issuer, audience = str(decoded[1].get("iss")), str(decoded[1].get("aud"))
    right = issuer.endswith(".auth0.com/") and ".auth0.com/api/v2/" in audience
    return Outcome.PLAUSIBLE if right else Outcome.REFUTED


def no_alphabet(evidence: Evidence) -> Outcome:
    """Refute what holds a piece of the alphabet or of the digits in order, whatever the case of its letters."""
    low, run = evidence.secret.lower(), 1
    for one, other in pairwise(low):
        run = run + 1 if other == one + 1 else 1
        if run >= _IN_ORDER:
            return Outcome.REFUTED
    return Outcome.PLAUSIBLE


def zoom_sdk(evidence: Evidence) -> Outcome:
    """Only signatures of Zoom's SDKs, by the claims that no other token has."""
    return Outcome.PLAUSIBLE if _is_zoom_sdk(evidence.secret) else Outcome.REFUTED


def not_zoom_sdk(evidence: Evidence) -> Outcome:
    """Refute what ``zoom_sdk`` takes: it has a rule of its own."""
    return Outcome.REFUTED if _is_zoom_sdk(evidence.secret) else Outcome.PLAUSIBLE


def atlassian_data_center(evidence: Evidence) -> Outcome:
    """Tokens of Jira, Confluence, Bamboo and Bitbucket servers: base64 of twelve digits, a colon and random bytes."""
    try:
        data = base64.b64decode(evidence.secret, validate=True)
    except (binascii.Error, ValueError):
        return Outcome.REFUTED
    return Outcome.PROVEN if data[:12].isdigit() and data[12:13] == b":" else Outcome.REFUTED


def apple_password(evidence: Evidence) -> Outcome:
    """Refute ``xxxx-xxxx-xxxx-xxxx`` and ``abcd-efgh-ijkl-mnop``: four groups that nobody drew at random."""
    letters = evidence.secret.replace(b"-", b"")
    steps = {b - a for a, b in pairwise(letters)}
    return Outcome.REFUTED if len(set(letters)) < _VARIED or len(steps) < 3 else Outcome.PLAUSIBLE


def crc32_hex_middle(evidence: Evidence) -> Outcome:
    """Zuplo: the last eight characters are the CRC32, in hexadecimal, of what stands between the two ``_``."""
    middle, _, tail = evidence.secret.partition(b"_")[2].partition(b"_")
    return Outcome.PROVEN if b"%08x" % zlib.crc32(middle) == tail else Outcome.DOUBTFUL


def _is_zoom_sdk(token: bytes) -> bool:
    decoded = decode(token)
    return decoded is not None and bool(_ZOOM_SDK_CLAIMS & decoded[1].keys())
