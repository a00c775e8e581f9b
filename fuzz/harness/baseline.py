"""A baseline of a stranger, and lists of other tools: entries or an error; what is written again says the same."""

from __future__ import annotations

from pathlib import Path

from fuzz.harness._files import written
from fuzz.harness._rules import TOKEN
from leaksweep.baseline.imports import imported, read
from leaksweep.errors import UsageError
from leaksweep.model import Confidence, File, Finding, Location, Playbook, Provider, Rule, Seen, Severity, Verdict
from leaksweep.redact import Secret
from leaksweep.settings import BASELINE, known
from leaksweep.triage.rulings import KEY, Known

WORDS = (
    *(b"version = 1\n", b"[secrets]\n", b"state = ", b"'accepted'", b"'false-positive'", b"'revoked'", b"reason = "),
    *(b"owner = ", b"expires = ", b"2027-01-31", b"rule = ", b'"results": {', b'"hashed_secret":', b'"line_number":'),
    *(b'"type":', b'"is_secret":', b'"File":', b'"StartLine":', b'"RuleID":', b'"Secret":', b":fuzz-token:", b"a.py"),
)
LENGTH = 2048
_RULE = Rule(
    id="fuzz-token",
    name="Fuzz token",
    provider=Provider("fuzz", "Fuzz"),
    summary="Nobody's.",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kind="pattern",
    pattern="x",
    width=1,
    playbook=Playbook("Nothing."),
)
_FINDING = Finding(
    id="0" * 32,
    rule=_RULE,
    secret=Secret(TOKEN),
    verdict=Verdict.NEW,
    confidence=Confidence.HIGH,
    proofs=(),
    companions=(),
    context=Secret(b""),
    places=(Seen(File("a.py"), Location(3, 1, 3, 21)),),
)


def run(data: bytes) -> None:
    """Read the input as each of the lists."""
    name = written("baseline", BASELINE, data)
    _ours(name)
    try:
        entries = read(name)
    except UsageError as error:
        assert name in str(error)
        return
    assert all(entry.label.isprintable() for entry in entries)
    found = imported(entries, [_FINDING], name)
    assert set(found.known) <= {_FINDING.id[:KEY]}
    assert len(found.unmatched) <= len(entries)
    Path(name).write_bytes(known.dump(found.known))
    assert _ours(name) == found.known or not found.known


def _ours(name: str) -> dict[str, Known] | None:
    """The entries of a baseline; written and read again they are the same."""
    try:
        entries = known.load(name, trusted=False)
    except UsageError as error:
        assert name in str(error)
        return None
    Path(name).write_bytes(text := known.dump(entries))
    again = known.load(name, trusted=True)
    assert known.dump(again) == text  # what cannot be printed was escaped
    assert {key: entry.state for key, entry in again.items()} == {key: entry.state for key, entry in entries.items()}
    return entries
