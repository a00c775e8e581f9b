"""``leaksweep rules``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leaksweep.cli import app, boundary
from leaksweep.model import Rule


def test_the_list_names_every_rule(rules: tuple[Rule, ...], capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert boundary.run(app, ["rules", "list"]) == 0
    lines = capsysbinary.readouterr().out.decode().splitlines()
    assert [r.id for r in rules] == [line.split()[0] for line in lines]
    assert all(line.endswith(f"  {r.name}") for line, r in zip(lines, rules, strict=True))


def test_the_list_as_json(rules: tuple[Rule, ...], capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert boundary.run(app, ["rules", "list", "--format", "json"]) == 0
    rows = json.loads(capsysbinary.readouterr().out)
    assert [(r.id, r.severity.name.lower(), r.provider, r.name) for r in rules] == [tuple(row.values()) for row in rows]
    assert list(rows[0]) == ["id", "severity", "provider", "name"]


@pytest.mark.parametrize("arguments", [["rules"], ["rules", "list", "--format", "xml"], ["rules", "lst"]])
def test_a_wrong_call_is_one_line_and_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert boundary.run(app, arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_compile_fills_the_cache(
    rules: tuple[Rule, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEAKSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    assert boundary.run(app, ["rules", "compile"]) == 0
    assert f"{len(rules)} rules compiled\n" == capsys.readouterr().out
    assert len(list((tmp_path / "cache").iterdir())) == 3
