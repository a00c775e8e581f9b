"""Values that stand for a secret and are none: placeholders, templates, runs, and digests by their own name."""

from __future__ import annotations

import re

from leaksweep.proofs.evidence import Evidence, Outcome

_WORDS = re.compile(
    rb"(?i)example|placeholder|change_?me|replace_?(?:me|with)|your[_-]?(?:own|api|app|key|token|secret|password|access)"
    rb"|insert[_-]|dummy|not_?a_?real|redacted|(?:my|some|fake|sample|test)[_-]?(?:api|key|token|secret|password)"
    rb"|xxxxx|todo|goes_?here|<[a-z _-]+>"
)
_TEMPLATE = re.compile(rb"\$\{|\$\(|\{\{|\}\}|<%|%\(|\$[A-Za-z_]{3}|^%[A-Za-z_]+%$|^\*+$|^@@|__[A-Z_]+__")
_SAME = re.compile(rb"(.)\1{7}|(..)\2{5}|(...)\3{4}|(....)\4{3}", re.DOTALL)
_RUNS = (b"0123456789", b"1234567890", b"abcdefghij", b"zyxwvutsrq", b"9876543210", b"qwertyuiop")
_DIGEST = re.compile(
    rb"(?i)sha-?(?:1|224|256|384|512)|md5|checksum|digest|commit|revision|integrity|etag|\bhash\b|git_?sha|fingerprint|\bref\b|"
    rb"blob/|tree/|uuid|guid"
)


def placeholder(evidence: Evidence) -> Outcome:
    """Refute values that people write where a secret belongs."""
    value = evidence.secret
    if _TEMPLATE.search(value) or _SAME.search(value) or _WORDS.search(value):
        return Outcome.REFUTED
    low = value.lower()
    run = sum(len(r) for r in _RUNS if r in low)
    return Outcome.REFUTED if run and run * 3 >= len(value) else Outcome.PLAUSIBLE


def named_as_digest(evidence: Evidence) -> Outcome:
    """Refute a value that the text before it calls a digest, a commit or an id."""
    return Outcome.REFUTED if _DIGEST.search(evidence.before) else Outcome.PLAUSIBLE
