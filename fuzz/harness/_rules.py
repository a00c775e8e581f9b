"""Rules for fuzzing: nobody's tokens, so that inputs can be kept."""

from __future__ import annotations

from leaksweep.model import Confidence, Playbook, Provider, Rule, Severity

_PROVIDER = Provider("fuzz", "Fuzz")


def _rule(name: str, pattern: str, width: int, kind: str = "pattern") -> Rule:
    return Rule(
        id=f"fuzz-{name}",
        name=name,
        provider=_PROVIDER,
        summary="Nobody's.",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        kind=kind,
        pattern=pattern,
        width=width,
        playbook=Playbook("Nothing."),
    )


TOKEN = b"sweepfuzz_" + b"qzjxkvwpbm"  # in two: together they look like a token to our own rules
RULES = (
    _rule("token", r"\b(?P<secret>sweepfuzz_[a-z]{10})(?:[^a-z]|\z)", 21),
    _rule("bare", r"(?P<secret>fuzzkey-[0-9A-F]{8,12})", 20),
    _rule("context", r"(?i)jackdaw[\w.-]{0,10}[=:] ?[\"']?(?P<secret>[a-z0-9]{12})(?:[^a-z0-9]|\z)", 40, "context"),
)
