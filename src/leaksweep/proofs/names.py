"""What a note may tell of a certificate: whom it names, and until when it is valid. Both may be empty."""

from __future__ import annotations

from datetime import UTC, date, datetime

from leaksweep.proofs import der
from leaksweep.proofs.der import OID, SEQUENCE, SET
from leaksweep.redact import printable

LONGEST = 64  #: characters of a name (RFC 5280: ub-common-name)
_COMMON_NAME = b"\x55\x04\x03"
_STRINGS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_FOREVER = 253402300800  #: the year 10,000, in seconds


def common_name(subject: bytes) -> str:
    """The last common name of an X.501 name, given what is in its sequence."""
    name = ""
    try:
        for kind, relative in der.values(subject):
            for tag, pair in der.values(relative) if kind == SET else ():
                (oid, what), (form, value) = der.values(pair) if tag == SEQUENCE else ((0, b""), (0, b""))
                if (oid, what) == (OID, _COMMON_NAME) and form in _STRINGS:
                    name = shown(value.decode(_STRINGS[form], "replace"))
    except ValueError:  # broken, or a pair of three
        return name
    return name


def shown(text: str) -> str:
    """A name of bounded length, printable."""
    return printable(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


def until(validity: bytes) -> str:
    """The last day of a certificate's validity, as ``2030-01-31``."""
    try:
        (_, _), (kind, end) = der.values(validity)
        text = end.decode("ascii")
        if kind == _UTC_TIME:  # RFC 5280, 4.1.2.5.1: 50 and above are of the last century
            text = ("19" if text[:2] >= "50" else "20") + text
        if kind not in (_UTC_TIME, _GENERALIZED_TIME) or not (text[:8].isdigit() and text.endswith("Z")):
            return ""
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])).isoformat()
    except ValueError:
        return ""


def day(seconds: int) -> str:
    """The day of a time in seconds since 1970; times without end have none."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}" if 0 < seconds < _FOREVER else ""
