"""Encoded text and files of records: every span lies in the content, and maps back to the bytes that it was made of."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from fuzz.harness._rules import RULES, TOKEN
from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.engine.decode import BOMS, Allowance, Decoded
from leaksweep.engine.encoded import Encoded
from leaksweep.engine.prefilter import Plain, prefilter
from leaksweep.engine.records import holds_strings, strings
from leaksweep.model import Blob, Span

WORDS = (
    *(b"\xff\xfe", b"\xfe\xff", b"\0s\0w\0e", b"%3A%2F%2F", b"\\u0026", b"&amp;", b"&#x5f;", b"=\r\n", b"\\n"),
    *(b"SQLite format 3\0\x02\0", b"\x0d\0\0\0\x01", b"\x0d\r\n\0\0\0\0\0", b"\xfa\x14", b"%5f", b"=5F", b"\\x5f"),
    *(TOKEN, TOKEN.hex().encode(), *(binascii.b2a_base64(b" " * lead + TOKEN).strip() for lead in range(3))),
)
LENGTH = 4096
_CACHE = Cache(None)
_ENCODED = Encoded(RULES, _CACHE, prefilter)
_ENGINE = Engine(RULES, _CACHE)
_BARE = Engine(RULES, _CACHE, encoded=False)
_PLAIN = Engine(RULES, _CACHE, using=Plain)


_ENCODINGS: tuple[Callable[[bytes], bytes], ...] = (
    base64.b64encode,
    base64.urlsafe_b64encode,
    binascii.b2a_hex,
    lambda text: text.decode().encode("utf-16-le"),
    lambda text: text.replace(b"_", b"%5F"),
    lambda text: text.replace(b"_", b"\\u005f"),
    lambda text: base64.b64encode(base64.b64encode(text.lstrip(b"-"))),  # found where both begin with the secret
)


def run(data: bytes) -> None:
    """Decode what is encoded, take apart what are records, and scan."""
    for text in _ENCODED.texts(data, Allowance(data, [])):
        _maps_back(data, text)
    if holds_strings(data) and (found := strings(data)):
        _maps_back(data, found)
    _scan(data)
    _planted(data)


def _maps_back(data: bytes, text: Decoded) -> None:
    assert [piece[0] for piece in text.pieces] == sorted(piece[0] for piece in text.pieces)
    for at in range(0, len(text.text), 1 + len(text.text) // 64):
        span = text.back(Span(at, at + 1))
        seen, byte = data[span.start : span.end], text.text[at : at + 1]
        if text.encoding in ("sqlite", "pyc"):
            assert byte in (seen, b"\n"), (at, seen, byte)
            continue
        assert 0 <= span.start < span.end <= len(data) + (text.encoding == "utf-16"), (at, span, text.encoding)
        if text.encoding == "utf-16":
            assert byte in seen
        elif text.encoding == "hex":
            assert bytes.fromhex(seen.decode()) == byte


def _planted(data: bytes) -> None:
    """A token in a line after all of it is found, whatever stands before."""
    encode = _ENCODINGS[len(data) % len(_ENCODINGS)]
    content = data + b"\n" + encode(b"-" * (data.count(b"\n") % 3) + TOKEN + b"\n") + b"\n"
    start = len(data) + 1
    assert any(match.secret_span.end > start for match in _ENGINE.matches(Blob("x", content))), (encode, content)


def _scan(data: bytes) -> None:
    """What is found lies in the content, is one token, and what is there plainly is found in any case."""
    blob = Blob("x", data)
    found = _ENGINE.matches(blob)
    assert len(data) % 4 or found == _PLAIN.matches(blob)  # which takes longer than all the rest
    for match in found:
        start, end = match.secret_span
        assert 0 <= match.span.start <= start < end <= match.span.end <= len(data), match
        assert match.encodings or data[start:end] == match.secret.reveal()
    spans = {match.secret_span for match in found}
    for match in _BARE.matches(blob):
        assert any(s.start < match.secret_span.end and match.secret_span.start < s.end for s in spans), match
    for sighting in _ENGINE.scan(blob) if found or data[:2] in BOMS else ():
        assert sighting.location.start_line >= 1
        assert sighting.match.secret.reveal()
