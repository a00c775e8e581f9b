"""The container action's inputs, outputs, summary and commands, without a container."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from leaksweep.action import act, inputs, outputs
from leaksweep.cli.scan import exit_code, proof, run
from leaksweep.config import ReportTo
from leaksweep.errors import ExitCode, LeaksweepError, ScanError, UsageError
from leaksweep.model import (
    Confidence,
    Coverage,
    File,
    Finding,
    ImageConfig,
    Location,
    Place,
    Result,
    Rule,
    Seen,
    Severity,
    Skipped,
    Verdict,
)
from leaksweep.redact import Secret
from support.fakes import github
from support.program import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())


def finding(rule: Rule, place: Place, line: int = 3, end_line: int = 3) -> Finding:
    seen = Seen(place, Location(line, 5, end_line, 9))
    return Finding("0" * 32, rule, Secret(github()), Verdict.NEW, Confidence.HIGH, (), (), Secret(b""), (seen,))


@pytest.fixture
def rule(rules: tuple[Rule, ...]) -> Rule:
    return next(r for r in rules if r.id == "github-personal-access-token")


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with one secret."""
    (tmp_path / "key").write_bytes(github() + b"\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read_outputs(file: Path) -> dict[str, str]:
    """As the runner reads its output file."""
    found, lines = {}, iter(file.read_text().splitlines())
    for line in lines:
        name, _, end = line.partition("<<")
        value = []
        while (text := next(lines)) != end:
            value.append(text)
        found[name] = "\n".join(value)
    return found


# ---------------------------------------------------------------- action.yml and the code say the same


def test_every_input_of_the_action_is_read() -> None:
    assert list(inputs.INPUTS) == list(ACTION["inputs"])


def test_every_output_of_the_action_is_written() -> None:
    result = Result((), (), ())
    for written in (outputs.of_result(result, ExitCode.CLEAN, "x"), outputs.of_error(ScanError("x"))):
        assert list(ACTION["outputs"]) == list(written)


def test_the_actions_defaults_are_what_they_say() -> None:
    defaults = {f"INPUT_{name.upper()}": entry["default"] for name, entry in ACTION["inputs"].items()}
    config = inputs.config(defaults)
    assert config == inputs.config({})._replace(reports=(ReportTo("sarif", "leaksweep.sarif"),))


def test_the_action_runs_the_dockerfile_with_the_command() -> None:
    assert ACTION["runs"] == {"using": "docker", "image": "Dockerfile", "args": ["action"]}


# ---------------------------------------------------------------- inputs


def test_inputs_are_read_with_their_hyphens_and_lines(tmp_path: Path) -> None:
    environ = {
        "INPUT_PATH": " src ",
        "INPUT_IMAGE": "app:1\n\n  app:2  \r\n",
        "INPUT_RULES": "rules\nmore.toml\n",
        "INPUT_SARIF-FILE": f"{tmp_path}/out.sarif",
        "INPUT_JSON-FILE": f"{tmp_path}/out.json",
        "INPUT_FAIL-ON": "High",
        "INPUT_ALLOW-SKIPPED": "True",
        "INPUT_REGISTRY-USER": "me",
        "INPUT_REGISTRY-PASSWORD": "hunter2",
        "INPUT_INSECURE-REGISTRY": "a:1\nb:2",
        "LEAKSWEEP_IDENTITY_KEY": "key",
    }
    config = inputs.config(environ)
    assert (config.path, config.images) == ("src", ("app:1", "app:2"))
    assert config.rules == ("rules", "more.toml")
    assert config.reports == (ReportTo("sarif", f"{tmp_path}/out.sarif"), ReportTo("json", f"{tmp_path}/out.json"))
    assert (config.fail_on, config.allow_skipped) == (Severity.HIGH, True)
    assert (config.registry_user, config.registry_password) == ("me", Secret(b"hunter2"))
    assert (config.insecure_registries, config.identity_key) == (("a:1", "b:2"), b"key")


def test_the_newer_inputs_are_read_too(tmp_path: Path) -> None:
    environ = {
        "INPUT_SCOPE": "history",
        "INPUT_DOCKERFILE": "deploy/Dockerfile",
        "INPUT_PLATFORM": "linux/amd64\nlinux/arm64",
        "INPUT_REPORTS": f"html={tmp_path}/a.html\njunit={tmp_path}/b.xml",
        "INPUT_COVERAGE-FILE": f"{tmp_path}/proof.json",
        "INPUT_SUPPRESSED": "true",
        "INPUT_DECODE": "false",
        "INPUT_SHOW-AUTHORS": "true",
    }
    config = inputs.config(environ)
    assert (config.history, config.range) == (True, "")
    assert (config.dockerfile, config.platforms) == ("deploy/Dockerfile", ("linux/amd64", "linux/arm64"))
    assert config.reports == (ReportTo("html", f"{tmp_path}/a.html"), ReportTo("junit", f"{tmp_path}/b.xml"))
    assert (config.coverage, config.show_suppressed) == (f"{tmp_path}/proof.json", True)
    assert (config.decode, config.show_authors) == (False, True)


@pytest.mark.parametrize(
    ("scope", "event", "history", "commits"),
    [
        ("", "pull_request", False, ""),
        ("folder", "pull_request", False, ""),
        ("auto", "pull_request", False, "aaaa..bbbb"),
        ("range", "pull_request", False, "aaaa..bbbb"),
        ("auto", "schedule", True, ""),
    ],
)
def test_the_scope_follows_the_event(scope: str, event: str, history: bool, commits: str, tmp_path: Path) -> None:
    payload = {"pull_request": {"base": {"sha": "aaaa"}, "head": {"sha": "bbbb"}}} if event == "pull_request" else {}
    (tmp_path / "event.json").write_text(json.dumps(payload))
    runner = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": f"{tmp_path}/event.json"}
    config = inputs.config({**runner, "INPUT_SCOPE": scope})
    assert (config.history, config.range) == (history, commits)
    with pytest.raises(UsageError, match="input scope: "):
        inputs.config({**runner, "INPUT_SCOPE": "range" if event == "schedule" else "all"})


def test_empty_inputs_are_unset() -> None:
    assert inputs.config({f"INPUT_{name.upper()}": "" for name in inputs.INPUTS}) == inputs.config({})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("fail-on", "loud", "input fail-on: no such severity; use one of critical"),
        ("allow-skipped", "yes", "input allow-skipped: 'yes' is neither true nor false"),
        ("time-limit", "soon", "input time-limit: is no duration; write it as 90s, 10m or 1h"),
        ("sarif-file", "no/such/out.sarif", "input sarif-file: the folder no/such does not exist; make it first"),
        ("json-file", "/", "input json-file: / is not a regular file"),
    ],
)
def test_errors_name_the_input(name: str, value: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        inputs.config({f"INPUT_{name.upper()}": value})
    assert str(caught.value).startswith(words)


def test_two_reports_need_two_files() -> None:
    with pytest.raises(UsageError, match="inputs sarif-file and json-file: the same file"):
        inputs.config({"INPUT_SARIF-FILE": "x", "INPUT_JSON-FILE": "./x"})


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("", ""),
        ("out.sarif", "out.sarif"),
        ("/github/workspace/a/out.sarif", "a/out.sarif"),
        ("/github/workspace2/out.sarif", "/github/workspace2/out.sarif"),
        ("/tmp/out.sarif", "/tmp/out.sarif"),
    ],
)
def test_the_sarif_file_is_named_as_later_steps_see_it(file: str, named: str) -> None:
    assert named == inputs.sarif_file({"INPUT_SARIF-FILE": file, "GITHUB_WORKSPACE": "/github/workspace"})


# ---------------------------------------------------------------- a whole run


def test_a_run_tells_the_runner_everything(planted: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    environ = {
        "INPUT_SARIF-FILE": "out.sarif",
        "GITHUB_OUTPUT": str(planted / "output"),
        "GITHUB_STEP_SUMMARY": str(planted / "summary"),
    }
    (planted / "output").write_text("earlier<<x\nkept\nx\n")
    assert act(environ, run, exit_code, proof) is ExitCode.FINDINGS
    written = read_outputs(planted / "output")
    expected = {"sarif-file": "out.sarif", "findings": "1", "exit-code": "1", "complete": "true"}
    assert written == {"earlier": "kept", **expected}
    assert "Secrets to revoke: **1**" in (planted / "summary").read_text()
    out, err = capsysbinary.readouterr()
    assert err == b""
    lines = out.decode().splitlines()
    stopped = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", lines[0])
    assert stopped
    resumed = lines.index(f"::{stopped[1]}::")
    assert "leaksweep: 1 secret found (1 critical)" in lines[:resumed]
    (annotation,) = lines[resumed + 1 :]
    assert annotation.startswith(
        "::error title=GitHub Personal Access Token (classic),file=key,line=1,endLine=1,col=1,"
    )
    assert github() not in out
    assert not any(github() in file.read_bytes() for file in planted.iterdir() if file.name != "key")


@pytest.mark.parametrize(
    ("environ", "error", "code"),
    [({"INPUT_FAIL-ON": "loud"}, UsageError, "2"), ({"INPUT_IMAGE": "docker-archive:{}/torn"}, ScanError, "3")],
)
def test_a_run_that_breaks_off_tells_why(
    planted: Path,
    capsys: pytest.CaptureFixture[str],
    environ: dict[str, str],
    error: type[LeaksweepError],
    code: str,
) -> None:
    (planted / "torn").write_bytes(b"\x1f\x8b")
    given = {name: text.format(planted) for name, text in environ.items()}
    with pytest.raises(error):
        act({**given, "INPUT_SARIF-FILE": "s", "GITHUB_OUTPUT": str(planted / "output")}, run, exit_code, proof)
    outputs_ = read_outputs(planted / "output")
    assert outputs_ == {"sarif-file": "", "findings": "", "exit-code": code, "complete": "false"}
    assert capsys.readouterr().out.splitlines()[-1].startswith("::error title=leaksweep::")
    assert not (planted / "s").exists()


def test_without_a_runner_nothing_but_the_log_is_written(planted: Path) -> None:
    assert act({}, run, exit_code, proof) is ExitCode.FINDINGS
    assert [file.name for file in planted.iterdir()] == ["key"]


def test_a_runner_file_that_cannot_be_written_is_told(planted: Path) -> None:
    with pytest.raises(UsageError, match="run the container as root"):
        outputs.write({"GITHUB_OUTPUT": "/no/such/file"}, {"a": "b"})


# ---------------------------------------------------------------- hostile words


def test_annotations_escape_what_the_runner_would_read(rule: Rule, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    outputs.annotate(Result((finding(rule, File("a,b:100%/x")),), (), ()))
    line = capsysbinary.readouterr().out.decode()
    assert "file=a%2Cb%3A100%25/x,line=3,endLine=3,col=5,endColumn=9::" in line
    assert line.endswith("\n")
    assert line.count("\n") == 1


@pytest.mark.parametrize("path", ["a\n::error::b", "a\r\n##[group]b", "\udcff", "\x1b[2J", "\u202e"])
def test_a_place_that_cannot_be_printed_is_told_in_words_only(
    rule: Rule, path: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    outputs.annotate(Result((finding(rule, File(path)),), (), ()))
    line = capsysbinary.readouterr().out.decode()
    assert "file=" not in line
    assert line[:-1].isprintable()


def test_a_secret_of_many_lines_has_no_columns(rule: Rule, capsys: pytest.CaptureFixture[str]) -> None:
    outputs.annotate(Result((finding(rule, File("k"), 1, 9),), (), ()))
    assert "file=k,line=1,endLine=9::" in capsys.readouterr().out


def test_a_secret_of_an_image_has_no_file_and_ten_are_annotated(rule: Rule, capsys: pytest.CaptureFixture[str]) -> None:
    place = ImageConfig("app", "app:1", "env/TOKEN")
    outputs.annotate(Result((finding(rule, place),) * 12, (), ()))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert all("file=" not in line and "in app:1 config: env/TOKEN. Delete" in line for line in lines)


def test_the_summary_is_plain_text_whatever_the_names_are(rule: Rule, tmp_path: Path) -> None:
    evil = "<img src=x>|`b`[c](http://d)*e*\n# f @me #1"
    result = Result((finding(rule, File(evil)),), (Skipped(evil, evil),), (Coverage(evil, "workspace", 1, 2),))
    outputs.summarize({"GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}, result)
    text = (tmp_path / "summary").read_text()
    rows = [line for line in text.splitlines() if "src" in line]
    assert len(rows) == 3
    for row in rows:
        words = row.removeprefix("- scanned ").removesuffix(": 1 file, 2 bytes").strip("| ")
        words = words.replace("<code>", "").replace("</code>", "")
        assert not set("<>`[]*@\\") & set(words)
    assert [row.count(" | ") + 1 for row in rows[:2]] == [6, 2]


def test_the_largest_summary_is_small_enough_for_the_runner(rule: Rule, tmp_path: Path) -> None:
    worst = rule._replace(name="|" * 500, playbook=rule.playbook._replace(revoke="|" * 500))
    many = Result((finding(worst, File("|" * 4000)),) * 5000, (Skipped("|" * 4000, "|" * 4000),) * 5000, ())
    outputs.summarize({"GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}, many)
    assert (tmp_path / "summary").stat().st_size < 1 << 20
    rows = (tmp_path / "summary").read_text().count("| critical |")
    assert f"… and {5000 - rows:,} more in the reports" in (tmp_path / "summary").read_text()
