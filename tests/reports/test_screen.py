"""The summary on a terminal: one screen, whatever was found, in colours only where they are wanted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaksweep.model import Coverage, File, ImageConfig, Result, Severity, Skipped, Verdict
from leaksweep.reports.screen import LEAST, STYLES, Terminal, _columns, draw
from support.results import GITHUB, NASTY, PASSWORD, finding, hostile, result, seen

COLOUR = re.compile(r"\x1b\[[0-9;]+m")


def lines(made: Result, columns: int = 80, height: int = 24, colours: bool = False, *files: str) -> list[str]:
    return draw(made, Terminal(columns, height, colours), files).decode().splitlines()


def many(number: int) -> Result:
    rules = [GITHUB, GITHUB._replace(id="x", name="Other token", severity=Severity.HIGH), PASSWORD]
    found = [
        finding(n, seen(File(f"src{n % 3}/f{n}.py")), rule=rules[n * 3 // (number + 1)]) for n in range(1, number + 1)
    ]
    return result(*found, finding(number + 1, seen(ImageConfig("acme/app", "acme/app:1", "env/A")), rule=PASSWORD))


def test_few_findings_are_told_in_full() -> None:
    text = "\n".join(lines(result(finding(1, seen(File("a.py"), 2), seen(File("b.py"), 3)))))
    for part in ("CRITICAL  GitHub", "at  a.py:2:8", "at  b.py:3:8", "sure  high", "revoke  Delete", finding(1).id):
        assert part in text
    assert GITHUB.playbook.revoke_url in text


def test_more_findings_are_told_shorter() -> None:
    told = lines(result(*(finding(n) for n in range(1, 6))))
    assert [line[:8] for line in told].count("CRITICAL") == 5
    assert "          high; revoke: Delete the token under Settings, Developer settings, Pe…" == told[2]
    told = lines(result(*(finding(n) for n in range(1, 15))))
    assert [line[:8] for line in told].count("CRITICAL") == 14


@pytest.mark.parametrize("number", [1, 3, 7, 16, 17, 18, 30, 5_000])
@pytest.mark.parametrize("height", [0, 24, 60])
def test_it_is_one_screen(number: int, height: int) -> None:
    told = lines(many(number), 80, height)
    assert len(told) <= max(LEAST, height - 1)
    assert f"leaksweep: {number + 1:,} secrets found" in told[-1]


def test_thousands_are_counted_by_type_and_by_folder() -> None:
    told = lines(many(3_000), 100, 40)
    assert told[0].startswith("CRITICAL  GitHub")
    types = told.index("by type")
    assert told[types + 1 : types + 4] == [
        "   1,001  Password in a URL",
        "   1,000  GitHub Personal Access Token (classic)",
        "   1,000  Other token",
    ]
    folders = told.index("by folder")
    assert told[folders + 1 : folders + 5] == [
        "   1,000  src0/",
        "   1,000  src1/",
        "   1,000  src2/",
        "       1  image/acme/app/",
    ]
    assert "All 3,001 secrets with places and what to do: --report html=leaksweep.html" in told
    assert "All 3,001 secrets: out.sarif, out.json" in lines(many(3_000), 100, 40, False, "out.sarif", "out.json")


@given(st.text(min_size=1, max_size=300), st.integers(20, 200))
@settings(max_examples=50, deadline=None)
def test_no_line_is_wider_than_the_terminal(name: str, columns: int) -> None:
    made = result(*(finding(n, seen(File(name))) for n in range(9)), skipped=(Skipped(name, name),))
    *told, _verdict = lines(made, columns)
    assert [line for line in told if _columns(line) > columns and "http" not in line and "scanned" not in line] == []


def test_both_ends_of_a_long_path_are_seen() -> None:
    (line,) = (text for text in lines(result(finding(1, seen(File("src/" + "x" * 200 + "/key.py"))))) if " at " in text)
    assert line.startswith("          at  src/xxx")
    assert line.endswith("xxx/key.py:1:8")


def test_gaps_and_targets_are_listed_up_to_a_few() -> None:
    skipped = tuple(Skipped(f"{n}.zip", "is encrypted") for n in range(50))
    coverage = tuple(Coverage(f"app{n}", f"image/app{n}", 1, 1) for n in range(50))
    told = lines(Result((), skipped, coverage))
    assert told == [
        "SKIPPED   0.zip: is encrypted",
        "SKIPPED   1.zip: is encrypted",
        "SKIPPED   48 more",
        "scanned app0: 1 file, 1 byte",
        "scanned app1: 1 file, 1 byte",
        "scanned 48 more targets",
        "leaksweep: no secrets found; INCOMPLETE: 50 skipped",
    ]


def test_without_colours_there_is_no_escape_and_with_them_only_ours() -> None:
    for number in (1, 4):
        made = hostile()._replace(findings=hostile().findings[:number])
        assert "\x1b" not in "\n".join(lines(made))
        text = "\n".join(lines(made, colours=True))
        codes = {code[2:-1] for code in COLOUR.findall(text)}
        assert {"1;31"} < codes <= {*STYLES.values(), "0"}
        assert "\x1b" not in COLOUR.sub("", text)


@pytest.mark.parametrize(
    ("made", "style"),
    [
        (result(), "good"),
        (result(finding(1)), "bad"),
        (result(skipped=(Skipped("a", "b"),)), "gap"),
        (result(finding(1, verdict=Verdict.BELOW_THRESHOLD)), "good"),
    ],
)
def test_the_last_line_s_colour_is_the_verdict(made: Result, style: str) -> None:
    assert lines(made, colours=True)[-1].startswith(f"\x1b[{STYLES[style]}mleaksweep: ")


@pytest.mark.parametrize("made", [hostile(), many(300)], ids=["hostile", "many"])
def test_no_secret_and_no_context_is_shown(made: Result) -> None:
    text = draw(made, Terminal(500, 400), ())
    assert not any(f.secret.reveal() in text for f in made.findings)
    assert b"admin" not in text
    assert NASTY.encode("utf-8", "backslashreplace") not in text
