"""All rules: behind Hyperscan and behind RE2 alone they find the same, and no report says what they found.

Seeds are the rules' own examples, which look alive: they are made anew for each run and never kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.engine.prefilter import Plain
from leaksweep.model import Blob, Coverage, File, Result
from leaksweep.redact import HEAD, LONG
from leaksweep.reports import report
from leaksweep.rulecheck.samples import example
from leaksweep.rules.load import load, parse
from leaksweep.tally import Tally
from leaksweep.triage import triage

LENGTH = 1024
REPORTS = ("sarif", "json", "gitlab", "codequality", "junit", "csv", "markdown", "summary")
TAIL = 12  #: bytes of a secret that no report may hold
_RULES = load(Cache(None))
_FAST = Engine(_RULES, Cache.default(), encoded=False)
_PLAIN = Engine(_RULES, Cache.default(), using=Plain, encoded=False)
WORDS = (
    b"password = '",
    b"Authorization: Bearer ",
    b"-----BEGIN ",
    b"PRIVATE KEY-----",
    b"://",
    b"@",
    b"leaksweep:ignore",
)


def run(data: bytes) -> None:
    """Scan by both engines, and report."""
    blob = Blob("x", data)
    found = _FAST.matches(blob)
    assert found == (plain := _PLAIN.matches(blob)), (found, plain)
    for match in found:
        assert 0 <= match.span.start <= match.secret_span.start < match.secret_span.end <= match.span.end <= len(data)
    if found:
        _reported(blob)


def _reported(blob: Blob) -> None:
    tally = Tally()
    tally.search([blob], _FAST)
    findings = triage([(s, (File("a.txt"),)) for s in tally.sightings], b"key", None)
    result = Result(findings, (), (Coverage(".", "workspace", 1, len(blob.data)),))
    secrets = {f.secret.reveal() for f in findings} | {c.secret.reveal() for f in findings for c in f.companions}
    tails = [secret[HEAD:] for secret in secrets if len(secret) >= LONG and secret.isascii()]
    for name in REPORTS:
        written = report(name)(result)
        assert not any(tail in written for tail in tails if len(tail) >= TAIL), name


def seeds() -> Iterator[bytes]:
    """An example of every fifth rule."""
    yield from (example(rule, 0).text for rule in islice(parse(), 0, None, 5) if rule.examples)
