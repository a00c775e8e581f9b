"""The walk through new findings, without a terminal: keys are fed, every line is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from leaksweep.baseline.audit import audit
from leaksweep.model import Verdict
from leaksweep.redact import Secret
from leaksweep.settings.known import load
from leaksweep.triage.rulings import KEY, Known
from support.fakes import github
from support.program import command, leaksweep, run
from support.results import PASSWORD, finding, result

RULE = "github-personal-access-token"


def walk(*answers: str) -> tuple[dict[str, Known], list[str]]:
    """Five findings, one of them known, and these answers."""
    feed: Iterator[str] = iter(answers)
    said: list[str] = []

    def ask(question: str) -> str | None:
        said.append(question)
        return next(feed, None)

    made = [finding(n) for n in range(1, 5)]
    made[1] = made[1]._replace(verdict=Verdict.BASELINED)
    return audit(result(*made), ask, said.append, "ops"), said


def key(number: int) -> str:
    return finding(number).id[:KEY]


def test_each_key_is_a_decision() -> None:
    decided, _ = walk("a", "tests only", "f", "", "R", "rotated")
    assert decided == {
        key(1): Known("accepted", RULE, "tests only", "ops"),
        key(3): Known("false-positive", RULE, "", "ops"),
        key(4): Known("revoked", RULE, "rotated", "ops"),
    }


def test_skipped_ones_stay_new_and_quitting_keeps_what_was_decided() -> None:
    assert set(walk("s", "a", "x", "q")[0]) == {key(3)}
    assert set(walk("a", "x")[0]) == {key(1)}
    assert walk()[0] == {}


def test_another_key_asks_again() -> None:
    assert set(walk("", "x", "?", "a", "why", "q")[0]) == {key(1)}


def test_the_finding_is_shown_with_its_playbook() -> None:
    said = walk("q")[1]
    assert said[0] == "--- 1 of 3"
    assert "  at       src/file1.py:1:8" in said
    assert any(line.startswith("  revoke   Delete the token") for line in said)


def test_a_reason_that_holds_a_secret_is_asked_again() -> None:
    decided, said = walk("a", f"it is {github('3').decode()}", "because", "q")
    assert decided == {key(1): Known("accepted", RULE, "because", "ops")}
    assert "that holds a secret that was found: describe it without it" in said


def test_the_text_round_the_secret_is_shown_without_any_secret() -> None:
    other = finding(2, secret=Secret(b"hunter2hunter2"))
    one = finding(1, rule=PASSWORD, context=Secret(b"a\x1b hunter2hunter2 ://admin:\0@db"))
    said: list[str] = []
    audit(result(one, other), lambda _: "q", said.append)
    (shown,) = (line for line in said if line.startswith("  context"))
    assert shown == "  context  a\\x1b … ://admin:… (10 bytes)@db"


def test_the_program_reads_keys_from_any_input(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(github("a"))
    ran = run(*command("baseline", "audit", "."), cwd=tmp_path, stdin=b"r\nrotated\n")
    assert ran.code == 0
    assert github("a").decode() not in ran.out
    (entry,) = load(str(tmp_path / ".leaksweep-baseline.toml"), trusted=False).values()
    assert (entry.state, entry.reason) == ("revoked", "rotated")
    assert leaksweep("scan", cwd=tmp_path).code == 0
