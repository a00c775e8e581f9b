"""Values that stand for a secret and are none: placeholders, templates, runs, and digests by their own name."""

from __future__ import annotations

import hashlib
import re

from leaksweep.proofs.evidence import Evidence, Outcome
from leaksweep.proofs.pattern import lazily

_WORDS = lazily(
    rb"(?i)example|placeholder|change_?me|replace_?(?:me|with)|your(?:[_-]|own|api|app|key|token|secret|password|access)"
    rb"|insert[_-]|dummy|not_?a_?real|redacted|(?:my|some|fake|sample|(?<!klarna_)test)[_-]?(?:api|key|token|secret|password)"
    rb"|xxxxx|(?<![a-z])todo(?![a-z])|goes_?here|<[a-z _-]+>"
)
_TEMPLATE = lazily(
    rb"\$\{|\$\(|\{\{|\}\}|<%|%\(|(?<![A-Za-z0-9])\$[A-Za-z_]{3}|^%[A-Za-z_]+%$|^\*+$|^@@|__[A-Z](?:[A-Z_]*[A-Z])?__"
)
# Where all is irregular, the begin of a template is chance: in 6 of 100 keys of Django.
_CLOSED = lazily(
    rb"\$\{[A-Za-z_][\w.:-]*\}|\$\([A-Za-z_][^()]*\)|\{\{[^{}]{2,}\}\}|<%[^%]+%>|%\([A-Za-z_]+\)[sd]|__[A-Z][A-Z_]*__"
)
_SAME = lazily(rb"(.)\1{7,}|(..)\2{5,}|(...)\3{4,}|(....)\4{3,}", re.DOTALL)
_RUNS = (b"0123456789", b"1234567890", b"abcdefghij", b"zyxwvutsrq", b"9876543210", b"qwertyuiop")
_DIGEST = lazily(
    rb"(?i)sha-?(?:1|224|256|384|512)|md5|checksum|shasum|digest|commit|revision|\brev\b|integrity|etag|git_?sha|\bsha\b"
    rb"|(?<!api[_. -])\bhash\b"
    rb"|fingerprint|\bref(?:erence)?\b|blob/|tree/|uuid|guid"
    rb"|[\"']id[\"']\s{0,4}:\s{0,4}[\"']$|\n\s{0,8}id\s{2,9}$"
    rb"|\xe2\x80\xa6 \(\d{1,9} bytes\)"  # how our own reports show a secret; its id follows
)
# Words that tutorials and fresh installations put together to passwords ("secretpass", "my-password").
_DEFAULT_WORD = (
    rb"p(?:a|@)?s{1,3}(?:w[o0]?r?d|phrase)?|pa|pwd?|s?s?word|secret|creds?|credentials?|token|api|key|string|text|value|some|my|your|the|very|super|strong"
    rb"|user(?:name)?|login|name|db|database|admin|root|guest|test(?:ing|er)?|demo|dev|local|host|default|postgres|mysql|mariadb|mongo|redis|rabbitmq"
    rb"|rabbit|foo|bar|baz|spam|eggs|open|sesame|none|null|abc|xyz|change|me|scott|tiger"
)
_DEFAULT = lazily(rb"(?:(?:" + _DEFAULT_WORD + rb")[^a-z]*)+|[.\d]+|x+|[a-z]")
_UPPER_AND_DIGIT = lazily(rb"[A-Z].*\d|\d.*[A-Z]", re.DOTALL)
_LONGEST_DEFAULT = 32
_CONSTANT = (b"x-oauth-basic", b"anonymous@")  #: says that the user name is the secret; that there is none
_ESCAPED = lazily(rb"%[sdr]|%7b|\$|:|=")  # a template, or the text after an empty password
_URL_BITS, _URL_WORDS = 14.0, 24.0  #: of a password in a URL of any scheme; of one without digits
_PUBLISHED = frozenset(
    (
        "0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059",
        "495994387fe642402a1919ab99ca755c85508368eb0d8f8abfe8841e7a42fcbf",
        "f5e95c9954635b65acab57e6d5ea663eb900f06dc8794a90358f5abb1c77d4e0",
        "f0386f9be1fe905fb2f97a8daff11a9baa9988ceca7c2ecae4aec8db182db1b4",
        "486743a2eab4395e9aa988000e855c5291ce88be9dda6adb680537076941c28d",
        "456a51b1f1b3cf3ed76de579926f0727797eb6efb4b7e6a53c74f9a94c95d87a",
    )
)


def placeholder(evidence: Evidence) -> Outcome:
    """Refute values that people write where a secret belongs."""
    value = evidence.secret
    if _WORDS().search(value) or _is_template(value):
        return Outcome.REFUTED
    low = value.lower()
    # Real keys hold runs too, such as the zeros in an OpenSSH key: only a large share of the value tells.
    same = sum(len(found[0]) for found in _SAME().finditer(value))
    run = sum(len(r) for r in _RUNS if r in low)
    return Outcome.REFUTED if (same or run) and (same * 4 >= len(value) or run * 3 >= len(value)) else Outcome.PLAUSIBLE


def _is_template(value: bytes) -> bool:
    from leaksweep.proofs.rarity import irregular

    return bool(_TEMPLATE().search(value)) and not (irregular(value) and not _CLOSED().search(value))


def default_password(evidence: Evidence) -> Outcome:
    """Refute passwords of tutorials and of fresh installations: everyone knows them."""
    from urllib.parse import unquote_to_bytes

    value = unquote_to_bytes(evidence.secret)
    user = evidence.before.rpartition(b"://")[2].partition(b":")[0]
    if value in _CONSTANT or _ESCAPED().match(evidence.secret.lower()) or (value == user and value.isalpha()):
        return Outcome.REFUTED
    plain = len(value) <= _LONGEST_DEFAULT and not _UPPER_AND_DIGIT().search(value)
    return Outcome.REFUTED if plain and _DEFAULT().fullmatch(value.lower()) else Outcome.PLAUSIBLE


def service_url(evidence: Evidence) -> Outcome:
    """A URL of any scheme: refute what reads as words, as the examples of manuals do."""
    from leaksweep.proofs.rarity import bits

    need = _URL_BITS if any(48 <= byte <= 57 for byte in evidence.secret) else _URL_WORDS
    return Outcome.PLAUSIBLE if bits(evidence.secret) >= need else Outcome.REFUTED


def published(evidence: Evidence) -> Outcome:
    """Refute keys that their vendor publishes: those of emulators, for tests, and of Google's own tools."""
    return Outcome.REFUTED if hashlib.sha256(evidence.secret).hexdigest() in _PUBLISHED else Outcome.PLAUSIBLE


def named_as_digest(evidence: Evidence) -> Outcome:
    """Refute a value that the text before it calls a digest, a commit or an id."""
    return Outcome.REFUTED if _DIGEST().search(evidence.before) else Outcome.PLAUSIBLE
