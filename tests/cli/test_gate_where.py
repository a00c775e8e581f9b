"""``leaksweep gate`` and ``leaksweep where``: what json reports come to, and where one secret is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leaksweep.errors import ExitCode, UsageError
from leaksweep.gate import judge
from leaksweep.model import Result, Severity, Skipped
from leaksweep.reports.json import render
from leaksweep.reports.reread import document
from leaksweep.where import find, lines
from support.fakes import github
from support.program import leaksweep
from support.results import PASSWORD, finding, hostile, result, verdicts

GAP = (Skipped("x", "cannot be read"),)


def known_only() -> Result:
    made = verdicts()
    return made._replace(findings=tuple(f for f in made.findings if f.verdict.suppressed))


@pytest.mark.parametrize(
    ("results", "fail_on", "allow", "code"),
    [
        ([result()], Severity.LOW, False, ExitCode.CLEAN),
        ([result(finding(1))], Severity.LOW, False, ExitCode.FINDINGS),
        ([result(), result(finding(1))], Severity.LOW, False, ExitCode.FINDINGS),
        ([result(finding(1))], None, False, ExitCode.CLEAN),
        ([result(finding(1, rule=PASSWORD))], Severity.MEDIUM, False, ExitCode.CLEAN),
        ([result(finding(1, rule=PASSWORD))], Severity.LOW, False, ExitCode.FINDINGS),
        ([verdicts()], Severity.LOW, False, ExitCode.FINDINGS),
        ([known_only()], Severity.LOW, False, ExitCode.CLEAN),
        ([result(), result(skipped=GAP)], Severity.LOW, False, ExitCode.INCOMPLETE),
        ([result(skipped=GAP)], Severity.LOW, True, ExitCode.CLEAN),
        ([result(finding(1), skipped=GAP)], Severity.LOW, False, ExitCode.FINDINGS),
    ],
)
def test_the_gate_is_one_exit_code(
    tmp_path: Path, results: list[Result], fail_on: Severity | None, allow: bool, code: ExitCode
) -> None:
    files = []
    for number, made in enumerate(results):
        (tmp_path / str(number)).write_bytes(render(made))
        files.append(str(tmp_path / str(number)))
    judged = judge(files, fail_on, allow_skipped=allow)
    assert judged.code is code
    assert len(judged.lines) == len(files)


def test_the_gate_tells_each_report(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_bytes(render(verdicts()._replace(skipped=GAP)))
    ran = leaksweep("gate", "r.json", "--fail-on", "high", cwd=tmp_path)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out == "r.json: 2 of 6 secrets fail the gate; INCOMPLETE\n"


@pytest.mark.parametrize(
    "arguments", [(), ("none.json",), ("torn.json",), ("ok.json", "torn.json"), ("--fail-on", "x")]
)
def test_without_a_whole_report_nothing_passes(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "ok.json").write_bytes(render(result()))
    (tmp_path / "torn.json").write_bytes(render(verdicts())[:-10])
    ran = leaksweep("gate", *arguments, cwd=tmp_path)
    assert ran.code == 2
    assert ran.error


@pytest.mark.parametrize("change", [{"severity": "loud"}, {"verdict": "fine"}, {"places": []}, {"id": 1}])
def test_a_changed_report_is_refused(change: dict[str, object]) -> None:
    made = json.loads(render(verdicts()))
    made["findings"][0] |= change
    with pytest.raises(UsageError, match="is no whole json report"):
        document("x", json.dumps(made).encode())


def test_where_lists_every_place_by_kind() -> None:
    report = document("x", render(hostile()))
    told = list(lines(find(report, report["findings"][0]["id"][:12])))
    assert "  files: 1" in told
    assert "  files in layers of images: 1" in told
    assert "  fields of images' configurations: 1" in told
    assert "  images   acme/app:1.2" in told
    assert [line for line in told if not line.isprintable()] == []


@pytest.mark.parametrize(
    ("name", "words"), [("0000", "too short"), ("f" * 12, "no secret with this id"), ("000000", "2 s")]
)
def test_an_id_must_name_one_secret(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        find(document("x", render(result(finding(1), finding(2)))), name)


def test_where_scans_or_reads_a_report(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"T=" + github("same") + b"\n")
    made = leaksweep("scan", "--report", "json=-", cwd=tmp_path).out
    (name,) = (f["id"] for f in json.loads(made)["findings"])
    ran = leaksweep("where", name[:12], cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert "  files: 2\n    a:1:3\n    b:1:3\n" in ran.out
    assert github("same").decode() not in ran.out
    report = tmp_path.parent / "where.json"
    report.write_text(made)
    assert leaksweep("where", name[:12], "--from", report, cwd=tmp_path) == ran
    (tmp_path / "sub").mkdir()
    missing = leaksweep("where", name[:12], "sub", cwd=tmp_path)
    assert missing.code == 2
    assert "no secret with this id was found" in missing.error
