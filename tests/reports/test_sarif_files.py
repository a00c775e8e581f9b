"""Files put together and apart: nothing is lost, and the consumers' own limits are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.errors import UsageError
from leaksweep.sarifcheck import check
from leaksweep.sarifcheck.problem import ERROR
from leaksweep.sariffiles import dump, merge, parse, split
from support.program import ROOT, leaksweep

SAMPLES = sorted((ROOT / "sarif").rglob("*.sarif"))


def _log(*counts: int, category: str = "tool/a/") -> dict[str, Any]:
    """A run for each count, with so many results of rising severity."""
    rules = [
        {"id": f"r{i}", "shortDescription": {"text": "x"}, "properties": {"security-severity": str(float(i))}}
        for i in range(10)
    ]
    runs = []
    for number, count in enumerate(counts):
        results = [
            {
                "ruleId": f"r{i % 10}",
                "ruleIndex": i % 10,
                "message": {"text": f"{number} {i}"},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": f"{i}.txt"},
                            "region": {"startLine": 1},
                        }
                    }
                ],
                "partialFingerprints": {"x/v1": f"{number} {i}"},
            }
            for i in range(count)
        ]
        runs.append(
            {
                "tool": {"driver": {"name": "tool", "version": "1", "rules": rules}},
                "automationDetails": {"id": category},
                "results": results,
            }
        )
    return {"version": "2.1.0", "runs": runs}


def _texts(*logs: dict[str, Any]) -> list[str]:
    found = [r["message"]["text"] for log in logs for run in log["runs"] for r in run.get("results", ())]
    return sorted(found)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=4), st.integers(1, 12), st.integers(4_000, 40_000))
def test_every_result_is_in_exactly_one_part_and_parts_keep_the_limits(counts: list[int], most: int, size: int) -> None:
    log = _log(*counts)
    parts = list(split(log, most, size))
    assert _texts(*(part.log for part in parts)) == _texts(log)
    assert all(len(part.log["runs"]) == 1 for part in parts)
    assert all(len(part.log["runs"][0]["results"]) <= most and len(dump(part.log)) <= size for part in parts)
    categories = [part.log["runs"][0]["automationDetails"]["id"] for part in parts]
    assert len({part.name for part in parts}) == len(set(categories)) == len(parts)


def test_the_worst_come_first() -> None:
    first, *rest = [part.log["runs"][0]["results"] for part in split(_log(40), 4)]
    assert {result["ruleId"] for result in first} == {"r9"}
    assert {result["ruleId"] for result in rest[-1]} == {"r0"}


def test_what_is_small_enough_stays_as_it_is() -> None:
    log = _log(5)
    (part,) = split(log)
    assert part.log["runs"] == log["runs"]
    assert part.name == "01-tool-a"


def test_a_result_that_fits_no_file_is_told() -> None:
    log = _log(1)
    log["runs"][0]["results"][0]["message"]["text"] = "x" * 5_000
    with pytest.raises(UsageError, match="fits no file"):
        list(split(log, 1, 4_000))


def test_merged_runs_have_categories_of_their_own() -> None:
    whole = merge([_log(2), _log(3), _log(1, category="tool/a-2/")])
    assert _texts(whole) == sorted(_texts(_log(2)) + _texts(_log(3)) + _texts(_log(1)))
    ids = [run["automationDetails"]["id"] for run in whole["runs"]]
    assert len(set(ids)) == 3
    assert ids[0] == "tool/a/"


def test_runs_without_a_category_get_one() -> None:
    log = _log(1)
    del log["runs"][0]["automationDetails"]
    assert [run["automationDetails"]["id"] for run in merge([log, log])["runs"]] == ["tool/", "tool-2/"]


def test_more_runs_than_github_takes_are_refused() -> None:
    with pytest.raises(UsageError, match="21 runs"):
        merge([_log(*[0] * 21)])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": "1.0.0", "runs": []}', '{"version": "2.1.0", "runs": [1]}', "[" * 100_000]
)
def test_what_is_no_sarif_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"x\.sarif"):
        parse(text.encode(), "x.sarif")
    (tmp_path / "x.sarif").write_text(text)
    for call in (("merge", "-o", "y"), ("split", "-d", ".")):
        ran = leaksweep("sarif", *call, "x.sarif", cwd=tmp_path)
        assert ran.code == 2
        assert "x.sarif" in ran.error


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda file: file.stem)
def test_our_own_pass_the_check_afterwards(sample: Path, tmp_path: Path) -> None:
    ran = leaksweep("sarif", "merge", sample, sample, "--output", tmp_path / "merged.sarif")
    assert ran.code == 0, ran.err
    merged = (tmp_path / "merged.sarif").read_bytes()
    assert not [p for p in check(merged, ("github",)) if p.level == ERROR]
    assert leaksweep("sarif", "split", tmp_path / "merged.sarif", "-d", tmp_path, "--results", "1").code == 0
    files = [file for file in tmp_path.glob("*.sarif") if file.name != "merged.sarif"]
    assert _texts(*(json.loads(file.read_bytes()) for file in files)) == _texts(json.loads(merged))
    for file in files:
        assert not [p for p in check(file.read_bytes()) if p.level == ERROR]
