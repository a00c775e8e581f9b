"""The reports other than SARIF, each by what its readers need: parsed back as they do, and within their limits."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from leaksweep.model import (
    Confidence,
    Coverage,
    File,
    Finding,
    ImageConfig,
    LayerFile,
    Result,
    Severity,
    Skipped,
    Verdict,
)
from leaksweep.reports import report
from leaksweep.reports.csv import COLUMNS, safe
from leaksweep.reports.junit import NOT_SCANNED
from support.program import ROOT
from support.results import GITHUB, LAYER, NASTY, finding, hostile, result, seen

CASES = {
    "hostile": hostile(),
    "clean": result(),
    "nothing-covered": Result((), (), ()),
    "gaps-allowed": hostile()._replace(allow_skipped=True),
}
case = pytest.mark.parametrize("made", CASES.values(), ids=CASES)
BELOW = finding(9, verdict=Verdict.BELOW_THRESHOLD)
IMAGE = LayerFile("acme/app", "acme/app:1.2", 3, LAYER, "etc/app.env")


def load(name: str, made: Result) -> Any:
    return json.loads(report(name)(made))


def problems(schema: str, value: Any) -> list[str]:
    loaded = json.loads((ROOT / "schemas" / f"{schema}.schema.json").read_bytes())
    return [f"{e.json_path}: {e.message}" for e in Draft202012Validator(loaded).iter_errors(value)]


# ---------------------------------------------------------------- gitlab


@case
def test_gitlab_s_profile_takes_it(made: Result) -> None:
    assert problems("gitlab-secret-detection", load("gitlab", made)) == []


def test_gitlab_s_profile_would_have_noticed() -> None:
    """The guard itself: what GitLab refuses."""
    log = load("gitlab", hostile())
    log["scan"]["start_time"] += "Z"
    log["vulnerabilities"][0]["solution"] = "x" * 7_001
    log["vulnerabilities"][1]["raw_source_code_extract"] = "x"
    del log["vulnerabilities"][2]["location"]["commit"]
    assert len(problems("gitlab-secret-detection", log)) == 4


def test_gitlab_tells_a_finding_by_its_id_its_rule_and_its_playbook() -> None:
    (found,) = load("gitlab", result(finding(1)))["vulnerabilities"]
    assert finding(1).id == found["id"]
    assert [i["value"] for i in found["identifiers"]] == [GITHUB.id, "798"]
    assert found["solution"].startswith("First five minutes: Revoke it now")
    assert (
        f"Then end the old one: {GITHUB.playbook.revoke} {GITHUB.playbook.revoke_url} Scan again" in found["solution"]
    )
    assert found["severity"] == "Critical"
    assert found["location"] == {
        "file": "src/file1.py",
        "start_line": 1,
        "end_line": 1,
        "commit": {"sha": "0000000"},  # required, and a workspace has none
    }


def test_gitlab_keeps_a_secret_that_moves() -> None:
    before, after = (
        load("gitlab", result(finding(1, seen(File(name)))))["vulnerabilities"][0]["tracking"]["items"][0]["signatures"]
        for name in ("a", "b/c")
    )
    assert before == after


def test_gitlab_s_markdown_members_hold_no_name_of_others() -> None:
    for found in load("gitlab", hostile())["vulnerabilities"]:
        assert "<script>" not in found["description"] + found["solution"] + found["name"]


def test_a_doubtful_finding_is_flagged() -> None:
    doubtful = finding(1, confidence=Confidence.LOW, proofs=("placeholder: an example",))
    sure, unsure = load("gitlab", result(finding(2), doubtful))["vulnerabilities"]
    assert "flags" not in sure
    (flag,) = unsure["flags"]
    assert flag["description"] == "The confidence is low: placeholder: an example."


def test_gitlab_is_told_of_gaps_and_that_the_scan_is_incomplete() -> None:
    scan = load("gitlab", result(skipped=(Skipped("a.zip", "broken"),)))["scan"]
    assert scan["status"] == "failure"
    assert {"level": "warn", "value": "Not scanned: a.zip: broken"} in scan["messages"]
    many = load("gitlab", result(skipped=tuple(Skipped(f"{n}", "x") for n in range(1_200))))["scan"]["messages"]
    assert many[-1]["value"] == "Not scanned: 200 more things"


def test_gitlab_lists_other_places_up_to_a_hundred() -> None:
    places = [seen(File(f"{n:04}")) for n in range(150)]
    (found,) = load("gitlab", result(finding(1, *places)))["vulnerabilities"]
    items = found["details"]["others"]["items"]
    assert (len(items), items[-1]["value"]) == (101, "49 more places")


# ---------------------------------------------------------------- codequality


@case
def test_gitlab_s_code_quality_profile_takes_it(made: Result) -> None:
    entries = load("codequality", made)
    assert problems("gitlab-codequality", entries) == []
    assert len(entries) == len({entry["fingerprint"] for entry in entries})
    assert len(entries) == len(made.findings) + len(made.skipped)


def test_code_quality_severities() -> None:
    rules = [GITHUB._replace(severity=severity) for severity in reversed(Severity)]
    entries = load("codequality", result(*(finding(n, rule=rule) for n, rule in enumerate(rules)), BELOW))
    assert [entry["severity"] for entry in entries] == ["blocker", "critical", "major", "minor", "info"]


def test_code_quality_shows_what_was_not_scanned() -> None:
    (entry,) = load("codequality", result(skipped=(Skipped("dir/a.zip", "broken"),)))
    assert (entry["check_name"], entry["location"]["path"]) == ("leaksweep-not-scanned", "dir/a.zip")
    assert entry["description"] == "Not scanned: dir/a.zip: broken"


def test_inside_an_archive_the_line_is_the_archive_s_first() -> None:
    (entry,) = load("codequality", result(finding(1, seen(File("app.jar", "x.properties"), 7))))
    assert entry["location"] == {"path": "app.jar", "lines": {"begin": 1, "end": 1}}
    assert "app.jar!/x.properties:7:8" in entry["description"]


# ---------------------------------------------------------------- junit

# What Jenkins' junit-10.xsd allows of the elements that we write.
ALLOWED = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "time", "tests", "failures", "errors", "skipped"},
    "testcase": {"name", "time", "classname"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
}


@case
def test_junit_is_what_its_schema_allows_and_its_sums_are_right(made: Result) -> None:
    root = ET.fromstring(report("junit")(made))
    for element in root.iter():
        assert set(element.attrib) <= ALLOWED[element.tag]
    for suite in (root, *root):
        outcomes = Counter(child.tag for test in suite.iter("testcase") for child in test)
        counted = {"failures": outcomes["failure"], "errors": outcomes["error"], "skipped": outcomes["skipped"]}
        written = {name: suite.attrib.get(name, f"{n}") for name, n in counted.items()}
        assert written == {name: f"{n}" for name, n in counted.items()}
        assert suite.attrib["tests"] == f"{len(list(suite.iter('testcase')))}"


def test_each_finding_is_a_test_and_each_target_one_that_passed() -> None:
    root = ET.fromstring(report("junit")(result(finding(1), finding(2, seen(IMAGE)), BELOW)))
    outcomes = {suite.attrib["name"]: [[c.tag for c in t] for t in suite] for suite in root}
    expected = {
        "leaksweep/workspace/": [["failure"], ["skipped"], []],
        "leaksweep/image/acme/app/": [["failure"], []],
    }
    assert outcomes == expected
    names = [(t.attrib["classname"], t.attrib["name"]) for t in root.iter("testcase")]
    assert len(names) == len(set(names))  # GitLab keeps one of those that are named alike


@pytest.mark.parametrize(("allowed", "kind"), [(False, "error"), (True, "skipped")])
def test_a_gap_is_an_error_unless_it_is_allowed(allowed: bool, kind: str) -> None:
    made = result(skipped=(Skipped("a.zip", "broken"),), allow_skipped=allowed)
    *_, suite = ET.fromstring(report("junit")(made))
    assert suite.attrib["name"] == NOT_SCANNED
    assert [child.tag for child in suite[0]] == [kind]


@given(st.text(max_size=50), st.text(min_size=1, max_size=50))
@settings(max_examples=50, deadline=None)
def test_whatever_characters_there_are_it_is_xml(name: str, revoke: str) -> None:
    rule = GITHUB._replace(name=name, playbook=GITHUB.playbook._replace(revoke=revoke))
    made = result(finding(1, seen(File(name or "x")), rule=rule), skipped=(Skipped(name, revoke),))
    assert len(list(ET.fromstring(report("junit")(made)).iter("testcase"))) == 4


# ---------------------------------------------------------------- csv


def table(made: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report("csv")(made).decode(), newline="")))


def test_csv_has_a_row_a_place_and_a_gap() -> None:
    made = hostile()
    rows = table(made)
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == sum(len(f.places) for f in made.findings) + len(made.skipped)
    best = ["no" if number else "yes" for f in made.findings for number in range(len(f.places))]
    assert [row["best"] for row in rows if row["record"] == "finding"] == best
    assert [row["why"] for row in rows if row["record"] == "skipped"][1] == "cannot be read: broken"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "＝1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"
    (row,) = table(result(finding(1, seen(File(f"{cell}.txt")))))
    assert row["path"].startswith("'") or not row["path"].startswith(tuple("=+-@"))


def test_other_cells_stay_as_they_are() -> None:
    assert safe('a=1, "b"') == 'a=1, "b"'


# ---------------------------------------------------------------- markdown


def test_markdown_counts_tells_and_shows_gaps() -> None:
    text = report("markdown")(result(finding(1), BELOW, skipped=(Skipped("a.zip", "broken"),))).decode()
    assert "Secrets to revoke: **1**" in text
    assert "| low (below" not in text
    assert "| critical (below-threshold) |" in text
    assert "- **Revoke**: Delete the token under Settings" in text
    assert text.count("#### ") == 1  # a playbook once, whatever number of secrets of its type
    assert "Not scanned: **1**" in text


def test_markdown_is_small_enough_for_a_comment() -> None:
    findings = [finding(n, seen(File("|" * 4_000))) for n in range(1, 5_001)]
    coverage = tuple(Coverage("|" * 300, f"image/{n}", 1, 1) for n in range(300))
    made = Result(tuple(findings), tuple(Skipped("|" * 4_000, "|" * 4_000) for _ in range(500)), coverage)
    data = report("markdown")(made)
    assert len(data) < 65_536
    rows = data.count(b"| critical |")
    assert f"… and {5_000 - rows:,} more in the reports".encode() in data


def test_names_in_markdown_are_code_and_break_no_table() -> None:
    text = report("markdown")(result(finding(1, seen(File(f"@me|#1`:100:{NASTY}"))))).decode()
    (row,) = (line for line in text.splitlines() if "me" in line and line.startswith("| critical"))
    assert row.count(" | ") == 5
    assert "<code>&#64;me&#124;&#35;1&#96;&#58;100&#58;a" in row
    assert "<script>" not in text


# ---------------------------------------------------------------- github


def commands(made: Result) -> list[str]:
    return report("github")(made).decode().splitlines()


def test_github_has_at_most_ten_of_each_level_and_tells_the_rest() -> None:
    medium = GITHUB._replace(severity=Severity.MEDIUM)
    findings = [*(finding(n) for n in range(15)), *(finding(n, rule=medium) for n in range(20, 32))]
    lines = commands(result(*findings, skipped=(Skipped("a.zip", "broken"),)))
    levels = Counter(line.partition(" ")[0] for line in lines)
    assert (levels["::error"], levels["::warning"]) == (10, 10)
    rest = [line for line in lines if line.startswith("not annotated: ")]
    assert len(rest) == 5 + 2 + 1
    assert rest[-1] == "not annotated: error leaksweep: not scanned: a.zip: broken"


@pytest.mark.parametrize(
    ("found", "level"),
    [
        (finding(1), "error"),
        (finding(1, rule=GITHUB._replace(severity=Severity.MEDIUM)), "warning"),
        (finding(1, rule=GITHUB._replace(severity=Severity.LOW)), "notice"),
        (BELOW, "notice"),
    ],
)
def test_github_s_level_is_the_severity_s(found: Finding, level: str) -> None:
    assert commands(result(found))[0].startswith(f"::{level} title=")


def test_github_s_commands_name_files_of_the_workspace_only() -> None:
    image, file = commands(result(finding(1, seen(ImageConfig("a", "a:1", "env/K"))), finding(2)))[:2]
    assert "file=" not in image
    assert ",file=src/file2.py,line=2,endLine=2,col=8,endColumn=48::" in file


def test_github_s_messages_are_below_what_the_runner_cuts() -> None:
    (line, *_) = commands(result(finding(1, seen(File("x" * 4_090)))))
    assert len(line.rpartition("::")[2]) < 4_096
    assert line.endswith(f"Id {finding(1).id}.")


def test_gitlab_has_whole_playbooks_for_the_first_findings_only() -> None:
    found = load("gitlab", result(*(finding(n) for n in range(2_001))))["vulnerabilities"]
    assert found[1_999]["solution"].startswith("First five minutes: ")
    assert found[2_000]["solution"].startswith("Revoke: ")
