"""AWS access key ids issued since 2019 carry the number of their account."""

from __future__ import annotations

import base64
import re

_ID = re.compile(rb"A(?:KIA|SIA)([A-Z2-7]{16})")
_OLD = (b"I", b"J")  #: ids from before 2019 go on with one of these, and carry no account
_MASK, _SHIFT = 0x7FFFFFFFFF80, 7  #: of the first six bytes: one bit, forty bits of account, seven bits


def account(key_id: bytes) -> str:
    """The twelve digits of the account, or an empty text where the id does not tell."""
    found = _ID.fullmatch(key_id)
    if found is None or found[1].startswith(_OLD):
        return ""
    number = (int.from_bytes(base64.b32decode(found[1])[:6], "big") & _MASK) >> _SHIFT
    return f"{number:012}" if number < 10**12 else ""
