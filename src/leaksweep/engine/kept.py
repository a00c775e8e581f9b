"""Values that are known exactly, in each form in which they may stand in a content."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, quote_plus

from leaksweep.cache import Cache
from leaksweep.engine.overlap import resolve
from leaksweep.engine.prefilter import Maker
from leaksweep.model import Blob, Confidence, Kept, Match, Playbook, Provider, Rule, Severity, Span
from leaksweep.redact import Secret

#: Of what is found here. Its secrets may be passwords, so nothing of them is shown, and ids are made of their place.
RULE = Rule(
    id="known-secret",
    name="Secret from your own store",
    provider=Provider("known", "Your secret store"),
    summary="A value that your organisation keeps in its secret store stands here in clear, or merely encoded.",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kind="pattern",
    pattern="(?P<secret>)",
    width=1,
    playbook=Playbook(
        revoke="Make a new value where this one was issued, and put it into the store at the path that is named.",
        audit="Read the log of the system that it opens, and the store's own log of who read this path.",
        breaks="Every program that reads this path of the store, until it reads it again.",
    ),
    weak=True,
)


class KeptValues:
    """Looks for values. Its database is made in memory and is never kept: it consists of secrets."""

    def __init__(self, kept: Sequence[Kept], using: Maker) -> None:
        self._forms = [(value, form, encoding) for value in kept for form, encoding in forms(value.secret.reveal())]
        patterns = ["".join(f"\\x{byte:02x}" for byte in form) for _, form, _ in self._forms]
        self._prefilter = using(patterns, Cache(None)) if patterns else None

    def ends(self, data: bytes) -> set[int]:
        """Where values end in ``data``."""
        return {end for _, end in self._prefilter.ends(data)} if self._prefilter else set()

    def joined(self, blob: Blob, found: list[Match]) -> list[Match]:
        """The matches of the rules with these values: a rule that knows the type keeps it, a general one gives way."""
        mine = resolve(self._matches(blob))
        if not mine:
            return found
        result = {match.secret_span: match for match in found}
        for match in mine:
            over = [span for span in result if span.start < match.span.end and match.span.start < span.end]
            telling = [span for span in over if result[span].rule.kind in ("pattern", "context")]
            for span in telling:
                result[span] = result[span]._replace(
                    confidence=Confidence.HIGH, proofs=(*result[span].proofs, *match.proofs)
                )
            if not telling:
                for span in over:
                    del result[span]
                result[match.span] = match
        return sorted(result.values(), key=lambda match: match.secret_span)

    def _matches(self, blob: Blob) -> Iterator[Match]:
        for index, end in self._prefilter.ends(blob.data) if self._prefilter else ():
            value, form, encoding = self._forms[index]
            span = Span(end - len(form), end)
            yield Match(
                rule=RULE,
                span=span,
                secret_span=span,
                secret=value.secret,
                context=Secret(value.where.encode("utf-8", "surrogateescape")),
                confidence=Confidence.HIGH,
                proofs=(f"kept in {value.where}",),
                encodings=(encoding,) if encoding else (),
            )


def forms(value: bytes) -> Iterator[tuple[bytes, str]]:
    """Each form of a value once, and the encoding that it is in (empty: none)."""
    seen: set[bytes] = set()
    for form, encoding in _forms(value):
        if form not in seen:
            seen.add(form)
            yield form, encoding


def _forms(value: bytes) -> Iterator[tuple[bytes, str]]:
    yield value, ""
    yield value.replace(b"\n", b"\r\n"), ""
    for digits in _base64(value):
        yield digits, "base64"
        yield digits.translate(bytes.maketrans(b"+/", b"-_")), "base64"
    yield value.hex().encode(), "hex"
    yield value.hex().upper().encode(), "hex"
    for escaped in (quote(value, safe=""), quote_plus(value)):
        yield escaped.encode(), "escapes"
        yield re.sub("%..", lambda code: code[0].lower(), escaped).encode(), "escapes"
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return
    yield text.encode("utf-16-le"), "utf-16"
    yield text.encode("utf-16-be"), "utf-16"
    for plain in (text, text.replace("\n", "\r\n")):
        for written in (json.dumps(plain), json.dumps(plain, ensure_ascii=False)):
            yield written[1:-1].encode(), "escapes"
            yield written[1:-1].replace("/", r"\/").encode(), "escapes"
    yield html.escape(text).encode(), "escapes"
    yield html.escape(text, quote=False).encode(), "escapes"


def _base64(value: bytes) -> Iterable[bytes]:
    """The digits that depend on the value alone, for each of the three places where it may begin."""
    for lead in range(3):
        digits = base64.b64encode(b"\0" * lead + value)
        yield digits[(8 * lead + 5) // 6 : 8 * (lead + len(value)) // 6]
