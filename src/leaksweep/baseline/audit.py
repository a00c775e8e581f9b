"""A walk through the new findings on a terminal: what and where, the playbook, and a decision by one key each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence

from leaksweep.model import Finding, Result
from leaksweep.output import show
from leaksweep.redact import printable, redact
from leaksweep.reports.summary import card
from leaksweep.triage.rulings import KEY, Known

KEYS = {"a": "accepted", "f": "false-positive", "r": "revoked"}
SKIP, QUIT = "s", "q"
QUESTION = "[a]ccept  [f]alse positive  [r]evoked  [s]kip  [q]uit: "
CONTEXT = 160  #: characters

Ask = Callable[[str], str | None]  #: prints a question and returns a line; None at the end of the input
Say = Callable[[str], None]


def audit(result: Result, ask: Ask, say: Say, owner: str = "") -> dict[str, Known]:
    """Decisions on the new findings, by the beginning of their ids; those before ``q`` or the input's end count."""
    new = result.new
    secrets = sorted({s for f in result.findings for s in (f.secret, *(c.secret for c in f.companions))}, key=len)
    decided: dict[str, Known] = {}
    for number, finding in enumerate(new, 1):
        say(f"--- {number} of {len(new)}")
        for line in (*card(finding), *_context(finding, [s.reveal() for s in reversed(secrets)])):
            say(line)
        if (key := _key(ask)) == QUIT:
            break
        if key == SKIP:
            continue
        reason = printable(_reason(ask, [s.reveal() for s in secrets], say))
        decided[finding.id[:KEY]] = Known(KEYS[key], finding.rule.id, reason, owner)
    return decided


def _key(ask: Ask) -> str:
    while True:
        answer = ask(QUESTION)
        key = QUIT if answer is None else answer.strip().lower()[:1]
        if key in (*KEYS, SKIP, QUIT):
            return key


def _reason(ask: Ask, secrets: Sequence[bytes], say: Say) -> str:
    while True:
        reason = (ask("why (a line, for those who read the file): ") or "").strip()
        if not any(secret in reason.encode("utf-8", "replace") for secret in secrets):
            return reason
        say("that holds a secret that was found: describe it without it")


def _context(finding: Finding, secrets: Sequence[bytes]) -> Iterator[str]:
    """The text of the match, each secret in it redacted, the longest first: one may hold another."""
    text = finding.context.reveal()
    for secret in secrets:
        text = text.replace(secret, b"\xe2\x80\xa6")
    before, found, after = text.partition(b"\0")
    shown = [part.decode("utf-8", "replace") for part in (before, after)]
    if found and any(part.strip() for part in shown):
        middle = redact(finding.secret, weak=finding.rule.weak)
        yield f"  context  {printable(middle.join(shown))[:CONTEXT]}"


def terminal(question: str) -> str | None:
    """Ask on standard output and read a line of standard input, which need not be a terminal."""
    sys.stdout.write(question)
    sys.stdout.flush()
    line = sys.stdin.readline()
    return line.rstrip("\n") if line else None


def tell(line: str) -> None:
    """Print a line."""
    show(sys.stdout, f"{line}\n".encode("utf-8", "backslashreplace"))
