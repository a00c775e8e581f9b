"""Texts that may be public halves of key pairs: certificates, public keys in PEM, OpenSSH's lines.

A prefilter says where one may be, its text is cut out at once, and read when it is wanted.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from leaksweep.engine.patterns import HALVES
from leaksweep.model import Witness

_ARMOURED, _SSH2, _LINE, _IN_BASE64 = range(len(HALVES))
_LONGEST = 16 * 1024  #: bytes of one of them
_BUNDLE = 64 * 1024  #: and of several in base64
_DIGITS = rb"[A-Za-z0-9+/]+={0,2}"
_QUOTED = rb"[\\\"'`|>]"


class Text(NamedTuple):
    """What stands behind a pattern, not yet read."""

    pattern: int
    text: bytes

    def __repr__(self) -> str:
        """Never the text: it may hold a private key too."""
        return f"Text({len(self.text)} bytes)"


def texts_at(data: bytes, hits: Iterable[tuple[int, int]]) -> Iterator[Text]:
    """What stands behind each of these (pattern, end of its match), in their order."""
    reached = 0
    for pattern, end in hits:
        text: bytes | None = None
        if pattern == _ARMOURED:
            text = _armoured(data, end)
        elif pattern == _SSH2:
            text = data[end : end + _LONGEST].partition(b"----")[0]
        elif pattern == _LINE:
            text = _digits(data, end - len("AAAAB"), end + _LONGEST)
        elif end > reached:
            start = data.rfind(b"LS0tLS1CRUdJTiB", 0, end)
            text = _digits(data, start, start + _BUNDLE)
            reached = start + len(text)
        if text:
            yield Text(pattern, text)


def _armoured(data: bytes, start: int) -> bytes | None:
    """What stands between a header that ends at ``start`` and its footer."""
    stop = data.find(b"-----", start, start + _LONGEST)
    return data[start:stop] if stop > 0 and data[stop : stop + 8] == b"-----END" else None


def _digits(data: bytes, start: int, stop: int) -> bytes:
    found = re.compile(_DIGITS).match(data, start, stop)
    return found[0] if found else b""


def witnesses(found: Text) -> Iterator[Witness]:
    """What a text is: one of them, none, or the several that a bundle in base64 holds."""
    from leaksweep.proofs import keys, public, ssh  # most scans see none

    witness: Witness | None
    if found.pattern == _IN_BASE64:
        inner = _decoded(found.text)
        hits = ((_ARMOURED, header.end()) for header in re.finditer(HALVES[_ARMOURED].encode(), inner))
        for text in texts_at(inner, hits):
            yield from witnesses(text)
        return
    if found.pattern == _ARMOURED:
        quoted = re.search(_QUOTED, found.text)
        witness = public.read((keys.body(found.text) if quoted else _decoded(found.text)) or b"")
    else:
        witness = ssh.read(_decoded(found.text[max(0, found.text.find(b"AAAA")) :]))
    if witness:
        yield witness


def _decoded(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        return b""
