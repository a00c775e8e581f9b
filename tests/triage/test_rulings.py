"""Verdicts: what people said of a secret decides it, every secret has exactly one, and nothing is dropped."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.model import File, LayerFile, Marker, Place, Seen, Severity, Verdict
from leaksweep.redact import Secret
from leaksweep.triage.globs import fits, matches, place_matches
from leaksweep.triage.rulings import KEY, Ignore, Known, Rulings, expired, rule
from leaksweep.triage.threshold import threshold
from support.results import LAYER, finding, seen

OURS = Marker("leaksweep", (), "why not")
ID = finding(1).id


def at(path: str, *by: Marker) -> Seen:
    return seen(File(path))._replace(markers=by)


def judged(*places: Seen, **rulings: Any) -> tuple[Verdict, str]:
    (found,) = rule([finding(1, *places)], Rulings(**rulings))
    return found.verdict, found.reason


# ---------------------------------------------------------------- markers


def test_a_secret_is_ignored_inline_only_if_every_place_is() -> None:
    assert judged(at("a", OURS), at("b", OURS)) == (Verdict.IGNORED_INLINE, "marker of leaksweep: why not")
    assert judged(at("a", OURS), at("b")) == (Verdict.NEW, "ignored at 1 of its 2 places only")


def test_a_marker_may_be_switched_off() -> None:
    place = at("a", Marker("gitleaks"))
    assert judged(place)[0] is Verdict.IGNORED_INLINE
    assert judged(place, markers=("leaksweep",)) == (Verdict.NEW, "")


def test_a_marker_for_another_rule_is_none_and_that_is_told() -> None:
    assert judged(at("a", Marker("leaksweep", ("github-*",))))[0] is Verdict.IGNORED_INLINE
    assert judged(at("a", Marker("leaksweep", ("this", "is")))) == (Verdict.NEW, "its marker is for the rule this,is")


# ---------------------------------------------------------------- configuration


@pytest.mark.parametrize(
    "ignore",
    [
        Ignore("r", rule="github-personal-access-token"),
        Ignore("r", rule="github-*"),
        Ignore("r", path="tests/"),
        Ignore("r", id=ID[:12]),
        Ignore("r", id=ID),
        Ignore("r", rule="github-*", path="tests/**", id=ID),
        Ignore("r", path="a.env", expires="2026-05-01"),
    ],
)
def test_an_entry_names_a_finding_by_rule_path_and_id(ignore: Ignore) -> None:
    verdict, reason = judged(at("tests/a.env"), ignores=(ignore,), today="2026-05-01")
    assert verdict is Verdict.IGNORED_BY_CONFIG
    assert reason.startswith("r")


@pytest.mark.parametrize(
    "ignore",
    [
        Ignore("r", rule="gitlab-*"),
        Ignore("r", path="src/"),
        Ignore("r", id="f" * 12),
        Ignore("r", rule="github-*", path="src/"),
        Ignore("r", path="tests/", expires="2026-04-30"),
    ],
)
def test_an_entry_for_others_or_of_yesterday_is_not_applied(ignore: Ignore) -> None:
    assert judged(at("tests/a.env"), ignores=(ignore,), today="2026-05-01")[0] is Verdict.NEW


def test_a_path_entry_does_not_hide_the_secret_elsewhere() -> None:
    ignores = (Ignore("an example", path="docs/"),)
    assert judged(at("docs/a"), at("src/a"), ignores=ignores) == (Verdict.NEW, "ignored at 1 of its 2 places only")
    both = judged(at("docs/a"), at("src/a", OURS), ignores=ignores)
    assert both == (Verdict.IGNORED_BY_CONFIG, "an example; marker of leaksweep: why not")


def test_what_expired_is_told() -> None:
    rulings = Rulings(
        ignores=(Ignore("r", path="a\x1b", expires="2026-01-01"), Ignore("r", rule="x", expires="2027-01-01")),
        known={
            ID[:KEY]: Known("accepted", "x", expires="2026-01-01"),
            "f" * KEY: Known("accepted", "x", expires="2026-01-01"),
        },
        today="2026-05-01",
    )
    assert expired(rulings, [finding(1)]) == (
        "the ignore entry for path a\\x1b expired on 2026-01-01: it is no longer applied",
        f"the baseline entry of {ID} (github-personal-access-token) expired on 2026-01-01",
    )


# ---------------------------------------------------------------- baseline


def test_the_baseline_knows_a_secret_wherever_it_stands() -> None:
    known = {ID[:KEY]: Known("revoked", "x", "rotated", "ops", "2027-01-01")}
    verdict = judged(at("a"), at("b"), known=known, today="2026-05-01")
    assert verdict == (Verdict.BASELINED, "revoked: rotated (owner ops, until 2027-01-01)")


def test_an_expired_entry_is_new_again_and_says_so() -> None:
    known = {ID[:KEY]: Known("accepted", "x", expires="2026-04-30")}
    assert judged(at("a"), known=known, today="2026-05-01") == (Verdict.NEW, "new again: accepted until 2026-04-30")


# ---------------------------------------------------------------- all of them


def test_a_reason_that_holds_a_secret_is_not_passed_on() -> None:
    leak = Secret(b"correct horse")
    places = (at("a", Marker("leaksweep", (), "it is correct horse")),)
    (found, _) = rule([finding(1, *places), finding(2, secret=leak)], Rulings())
    assert (found.verdict, found.reason) == (Verdict.IGNORED_INLINE, "(the reason holds a secret)")


def test_reasons_of_strangers_cost_no_square_of_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte may hold five thousand secrets, each with a reason of its own."""
    leaks = [finding(n, at("a", Marker("leaksweep", (), f"because {n}")), secret=Secret(b"%d" % n)) for n in range(9)]
    monkeypatch.setattr("leaksweep.triage.rulings.PAIRS", 81)
    assert "(the reason holds a secret)" == next(rule(leaks, Rulings())).reason
    monkeypatch.setattr("leaksweep.triage.rulings.PAIRS", 80)
    assert {(Verdict.IGNORED_INLINE, "(there are too many reasons)")} == {
        (found.verdict, found.reason) for found in rule(leaks, Rulings())
    }


@given(st.text("ab-", max_size=8), st.text("ab-*", max_size=8))
def test_a_star_stands_for_anything(name: str, pattern: str) -> None:
    assert fits(name, pattern) == fnmatchcase(name, pattern)


@given(st.lists(st.sampled_from(["marked", "docs", "known", "plain", "low"]), max_size=8))
def test_nothing_is_dropped_and_every_secret_has_one_verdict(kinds: list[str]) -> None:
    made = [
        finding(n, at("docs/x" if kind == "docs" else "x", *([OURS] if kind == "marked" else [])))
        for n, kind in enumerate(kinds)
    ]
    known = {f.id[:KEY]: Known("accepted", "x") for f, kind in zip(made, kinds, strict=True) if kind == "known"}
    rulings = Rulings(ignores=(Ignore("r", path="docs/"),), known=known)
    ruled = list(threshold(rule(made, rulings), Severity.CRITICAL))
    assert [f.id for f in made] == [f.id for f in ruled]
    wanted = {"marked": Verdict.IGNORED_INLINE, "docs": Verdict.IGNORED_BY_CONFIG, "known": Verdict.BASELINED}
    assert [wanted.get(kind, Verdict.NEW) for kind in kinds] == [f.verdict for f in ruled]


# ---------------------------------------------------------------- globs


@pytest.mark.parametrize(
    ("path", "pattern", "wanted"),
    [
        ("a/b.py", "a/*.py", True),
        ("a/b/c.py", "a/*.py", False),
        ("a/b/c.py", "a/**/*.py", True),
        ("a/c.py", "a/**/*.py", True),
        ("a/b/c.py", "*.py", True),
        ("a/b/c.py", "/*.py", False),
        ("a/b/c", "a/", True),
        ("a/b/c", "a/**", True),
        ("a", "a/**", False),
        ("b/a/c", "a/", False),
        ("b/a/c", "**/a/", True),
        ("a", "**", True),
        ("a/b", "**/b", True),
        ("A/b", "a/b", False),
        ("a/b/c/d", "a/**/b/**/d", True),
        ("a.env", "[ab].env", True),
    ],
)
def test_globs(path: str, pattern: str, wanted: bool) -> None:
    assert matches(path, pattern) is wanted


@pytest.mark.parametrize(
    ("place", "pattern"),
    [
        (File("a b/ü\udcff"), "a b/*"),
        (File("x.jar", "conf/db"), "x.jar!/conf/db"),
        (File("x.jar", "conf/db"), "*.jar"),
        (LayerFile("acme/app", "acme/app:1", 1, LAYER, "srv/.env"), "image/acme/app/srv/"),
    ],
)
def test_a_glob_is_held_against_the_path_in_reports(place: Place, pattern: str) -> None:
    assert place_matches(place, pattern)


def test_a_nasty_glob_takes_no_time() -> None:
    assert not matches("a/" * 500 + "b", "**/a/" * 100 + "c")
    assert not matches("a" * 2000, "*a" * 100 + "c")
