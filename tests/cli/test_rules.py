"""``leaksweep rules``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from leaksweep.catalog.card import card
from leaksweep.cli import application, boundary
from leaksweep.engine import Engine
from leaksweep.model import Blob, Rule, Severity
from leaksweep.rules.load import parse


def test_the_list_names_every_rule(rules: tuple[Rule, ...], capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert boundary.run(application(), ["rules", "list"]) == 0
    lines = capsysbinary.readouterr().out.decode().splitlines()
    assert [r.id for r in rules] == [line.split()[0] for line in lines]
    assert all(line.endswith(f"  {r.name}") for line, r in zip(lines, rules, strict=True))


def test_the_list_as_json(rules: tuple[Rule, ...], capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert boundary.run(application(), ["rules", "list", "--format", "json"]) == 0
    rows = json.loads(capsysbinary.readouterr().out)
    wanted = [(r.id, r.severity.name.lower(), r.provider.name, r.name) for r in rules]
    assert wanted == [tuple(row.values()) for row in rows]
    assert list(rows[0]) == ["id", "severity", "provider", "name"]


@pytest.mark.parametrize("arguments", [["rules"], ["rules", "list", "--format", "xml"], ["rules", "lst"]])
def test_a_wrong_call_is_one_line_and_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert boundary.run(application(), arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (["--provider", "zoom"], lambda r: r.provider.name == "Zoom"),
        (["--severity", "critical"], lambda r: r.severity is Severity.CRITICAL),
        (["--kind", "context"], lambda r: r.kind == "context"),
        (
            ["--provider", "Zoom", "--severity", "LOW", "--kind", "pattern"],
            lambda r: (r.provider.name, r.severity, r.kind) == ("Zoom", Severity.LOW, "pattern"),
        ),
    ],
)
def test_the_list_can_be_filtered(
    rules: tuple[Rule, ...],
    capsysbinary: pytest.CaptureFixture[bytes],
    arguments: list[str],
    right: Callable[[Rule], bool],
) -> None:
    assert boundary.run(application(), ["rules", "list", "--format", "json", *arguments]) == 0
    found = [row["id"] for row in json.loads(capsysbinary.readouterr().out)]
    assert [r.id for r in rules if right(r)] == found
    assert found


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list", "--provider", "Zoon"], "--provider Zoon: not known; did you mean 'Zoom'?"),
        (["list", "--severity", "huge"], "use one of critical, high, medium, low"),
        (["list", "--kind", "shape"], "use one of generic, context, pattern"),
        (["show", "zoom-api-kex"], "rule zoom-api-kex: not known; did you mean zoom-api-key"),
        (["show", "?"], "see leaksweep rules list"),
    ],
)
def test_what_is_not_known_is_one_line_and_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert boundary.run(application(), ["rules", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_show_tells_everything_about_every_rule(engine: Engine) -> None:
    for rule in parse():
        text = card(rule).decode()
        for part in (rule.name, rule.provider.name, rule.summary, rule.pattern, rule.playbook.revoke, *rule.references):
            assert part in text
        assert rule.examples[0].text.strip().splitlines()[0] in text
        assert [] == [m.rule.id for m in engine.matches(Blob("x", text.encode()))]  # templates, not tokens


def test_show_prints_the_card(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert boundary.run(application(), ["rules", "show", "zoom-api-key"]) == 0
    assert capsysbinary.readouterr().out.startswith(b"zoom-api-key: Zoom API key\n\nprovider    Zoom\n")


def test_show_knows_the_rule_of_values_under_a_provider_s_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert boundary.run(application(), ["rules", "show", "mattermost-unidentified-secret"]) == 0
    assert capsys.readouterr().out.startswith("mattermost-unidentified-secret: Mattermost secret of an unknown kind\n")


def test_compile_fills_the_cache(
    rules: tuple[Rule, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEAKSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    assert boundary.run(application(), ["rules", "compile"]) == 0
    assert f"{len(rules)} rules compiled\n" == capsys.readouterr().out
    assert len(list((tmp_path / "cache").iterdir())) == 6
