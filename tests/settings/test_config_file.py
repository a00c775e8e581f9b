"""``.leaksweep.toml``: what it can say, who outranks it, how mistakes are told, and what it must not be able to do."""

from __future__ import annotations

import json
import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from leaksweep.action import inputs
from leaksweep.cli import scan
from leaksweep.cli.given import settings_of
from leaksweep.config import Config, ReportTo
from leaksweep.errors import UsageError
from leaksweep.model import MARKERS, Severity
from leaksweep.settings import Settings, schema
from leaksweep.settings.options import OPTIONS
from leaksweep.triage.rulings import Ignore
from support.fakes import github
from support.program import leaksweep

SCHEMA = schema.load()
NAMES = sorted({"x", *OPTIONS, "baseline", *Ignore._fields, "salt"})
EVERYTHING = """
markers = ["leaksweep", "gitleaks"]

[scan]
image = ["app:1"]
rules = ["rules"]
report = ["json=out.json"]
fail-on = "high"
allow-skipped = true
time-limit = "10m"
decode = false
suppressed = true
no-cache = true
baseline = "known.toml"
registry-user = "me"
insecure-registry = ["host:1"]

[identity]
salt = "0123456789abcdef"

[[ignore]]
rule = "github-*"
path = "docs/"
id = "0123456789ab"
reason = "examples"
expires = 2099-01-31
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, which is also what is scanned."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules").mkdir()
    return tmp_path


def say(text: str, file: str = ".leaksweep.toml") -> None:
    Path(file).write_text(text)


def asked(*arguments: str) -> Settings:
    return settings_of(arguments, "test")


# ---------------------------------------------------------------- what it says


def test_a_named_file_can_say_everything(here: Path) -> None:
    say(EVERYTHING, "c.toml")
    settings = asked("--config", "c.toml")
    config = settings.config
    assert config == Config(
        images=("app:1",),
        rules=("rules",),
        reports=(ReportTo("json", "out.json"),),
        fail_on=Severity.HIGH,
        allow_skipped=True,
        use_cache=False,
        time_limit=600,
        decode=False,
        registry_user="me",
        insecure_registries=("host:1",),
        identity_key=b"0123456789abcdef",
        rulings=config.rulings,
        show_suppressed=True,
    )
    assert config.rulings.markers == ("leaksweep", "gitleaks")
    assert config.rulings.ignores == (Ignore("examples", "github-*", "docs/", "0123456789ab", "2099-01-31"),)
    assert settings.baseline == "known.toml"
    assert set(settings.sources.values()) == {"c.toml", "flag --config"}


def test_it_is_found_in_the_path_or_beside_the_file(here: Path) -> None:
    (here / "sub").mkdir()
    (here / "sub/x").write_text("x")
    say('[scan]\nfail-on = "high"\n', "sub/.leaksweep.toml")
    assert asked().config.fail_on is Severity.LOW
    assert asked("sub").config.fail_on is Severity.HIGH
    assert asked("sub/x").config.fail_on is Severity.HIGH
    assert asked("sub", "--no-config").config.fail_on is Severity.LOW
    assert asked("--config", "sub/.leaksweep.toml").config.fail_on is Severity.HIGH


def test_its_paths_are_relative_to_it(here: Path) -> None:
    (here / "sub/rules").mkdir(parents=True)
    say('[scan]\nrules = ["rules"]\nreport = ["json=o.json", "summary=-"]\nbaseline = "b.toml"\n', "sub/c.toml")
    settings = asked("--config", "sub/c.toml")
    assert settings.config.rules == ("sub/rules",)
    assert settings.config.reports == (ReportTo("json", "sub/o.json"), ReportTo("summary", "-"))
    assert settings.baseline == "sub/b.toml"


def test_flag_outranks_variable_outranks_file_outranks_default(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say(EVERYTHING, "c.toml")
    monkeypatch.setenv("LEAKSWEEP_REGISTRY_USER", "you")
    monkeypatch.setenv("LEAKSWEEP_FINGERPRINT_KEY", "key")
    settings = asked("--config", "c.toml", "--fail-on", "medium", "--decode", "--image", "b")
    config = settings.config
    assert (config.fail_on, config.decode, config.images) == (Severity.MEDIUM, True, ("b",))
    assert (config.registry_user, config.identity_key) == ("you", b"key")
    assert settings.sources["fail-on"] == "flag --fail-on"
    assert settings.sources["registry-user"] == "variable LEAKSWEEP_REGISTRY_USER"
    assert settings.sources["identity"] == "variable LEAKSWEEP_FINGERPRINT_KEY"
    assert asked("--config", "c.toml", "--registry-user", "she").config.registry_user == "she"


def test_an_empty_flag_was_not_said(here: Path) -> None:
    say('[scan]\nfail-on = "high"\n')
    assert asked("--fail-on", "", "--image", "").config.fail_on is Severity.HIGH


def test_the_action_reads_the_same_file(here: Path) -> None:
    say('[scan]\nfail-on = "high"\nallow-skipped = true\n')
    config = inputs.config({"INPUT_ALLOW-SKIPPED": "false"})
    assert (config.fail_on, config.allow_skipped) == (Severity.HIGH, False)
    assert inputs.config({"INPUT_CONFIG": "none"}).fail_on is Severity.LOW
    say(EVERYTHING, "c.toml")
    say("version = 1\n[secrets]\n", "known.toml")
    assert inputs.config({"INPUT_CONFIG": "c.toml"}).images == ("app:1",)


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[scan", "not valid TOML: "),
        ("[scna]", "key 'scna' is not known; did you mean 'scan'?"),
        ("[scan]\nfial-on = 'high'", "scan: key 'fial-on' is not known; did you mean 'fail-on'?"),
        ("[scan]\nfail-on = 'hihg'", "scan.fail-on is 'hihg'; did you mean 'high'?"),
        ("[scan]\nfail-on = 3", "scan.fail-on is a number; use one of critical, high, medium, low, never"),
        ("[scan]\ndecode = 'no'", "scan.decode is 'no'; make it true or false"),
        ("[scan]\nrules = 'x'", "scan.rules is 'x'; make it a list"),
        ("[scan]\nrules = ['']", "scan.rules 1 is empty; give one"),
        ('[scan]\nrange = "a\\u0000..b"', "scan.range holds a NUL; remove it"),
        ("scan = 1", "scan is a number; make it a table"),
        ("markers = ['gitleak']", "markers 1 is 'gitleak'; did you mean 'gitleaks'?"),
        ("[identity]\nsalt = 'short'", "identity.salt is too short; make it at least 16 characters long"),
        ("[[ignore]]\nrule = 'x'", "ignore 1: reason is missing; add it"),
        ("[[ignore]]\nreason = 'x'", "ignore 1: names nothing; add at least one of rule, path, id"),
        ("[[ignore]]\nreason = 'x'\npath = '" + "[a" * 501 + "'", "ignore 1.path has 1,002 characters; give at most"),
        ("[[ignore]]\nreason = 'x'\nrule = 'x'\n" * 1001, "ignore has 1,001 entries; give at most 1,000"),
        ("[scan]\nrules = [" + "'x'," * 101 + "]", "scan.rules has 101 entries; give at most 100"),
        ("a" + ".a" * 65 + " = 1", "line 1 has more than 64 dots outside of texts; mend it there"),
        ("x = " + "9" * 5000, "not valid TOML: Exceeds the limit"),
        ("x = " + "[" * 5000, "is nested too deeply; mend it"),
        ("[[ignore]]\nreason = 'x'\nid = 'abc'", "ignore 1.id is 'abc'; it must be: The id of a finding"),
        ("[[ignore]]\nreason = 'x'\nid = '0123456789ab'\nexpires = '2027-01-01'", "write a date without quotes"),
        ("[[ignore]]\nreason = 'x'\nid = '0123456789ab'\nexpires = 2027-01-01T00:00:00", "is a date with a time"),
        (
            "[scan]\nregistry-password = 'x'",
            "scan.registry-password is not for a file; set LEAKSWEEP_REGISTRY_PASSWORD",
        ),
    ],
)
def test_a_mistake_is_told_with_file_field_and_mend(here: Path, text: str, words: str) -> None:
    say(text)
    with pytest.raises(UsageError) as caught:
        asked()
    assert str(caught.value).startswith(".leaksweep.toml: ")
    assert words in str(caught.value)


def test_a_named_file_that_is_missing_or_not_text_is_an_error(here: Path) -> None:
    with pytest.raises(UsageError, match=r"no\.toml: cannot be read: No such file"):
        asked("--config", "no.toml")
    with pytest.raises(UsageError, match="contradict each other"):
        asked("--config", "no.toml", "--no-config")
    Path(".leaksweep.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="is not UTF-8"):
        asked()


def test_the_program_says_it_in_one_line(here: Path) -> None:
    say("[scna]")
    ran = leaksweep("scan", here)
    assert ran.code == 2
    assert ran.error.endswith("/.leaksweep.toml: key 'scna' is not known; did you mean 'scan'?")


# ---------------------------------------------------------------- a file that means harm


@pytest.mark.parametrize(
    "text",
    [
        'image = ["docker://evil.example/x"]',
        'report = ["json=/etc/passwd"]',
        'registry-user = "x"',
        'insecure-registry = ["evil.example"]',
    ],
)
def test_a_found_file_does_not_say_where_to_write_and_whom_to_talk_to(here: Path, text: str) -> None:
    say(f"[scan]\n{text}\n")
    with pytest.raises(UsageError, match="may only stand in a file that you name"):
        asked()


@pytest.mark.parametrize("path", ["..", "/etc", "rules/../../x", "link", "linked"])
def test_a_found_file_does_not_lead_out_of_its_folder(here: Path, path: str) -> None:
    (here / "link").symlink_to("/etc")
    (here / "linked").mkdir()
    (here / "linked/x.toml").symlink_to("/etc/passwd")
    for name, value in (("rules", f'["{path}"]'), ("baseline", f'"{path}"')):
        say(f"[scan]\n{name} = {value}\n")
        with pytest.raises(UsageError, match="leads out of the folder"):
            asked()


def test_a_found_file_is_no_link_no_pipe_and_not_endless(here: Path) -> None:
    (here / ".leaksweep.toml").symlink_to("/dev/zero")
    with pytest.raises(UsageError, match="is a link"):
        asked()
    (here / ".leaksweep.toml").unlink()
    os.mkfifo(".leaksweep.toml")
    with pytest.raises(UsageError, match="is not a regular file"):
        asked()
    Path(".leaksweep.toml").unlink()
    Path(".leaksweep.toml").mkdir()
    with pytest.raises(UsageError, match="is not a regular file"):
        asked()
    Path(".leaksweep.toml").rmdir()
    say("#" * (5 << 20))
    with pytest.raises(UsageError, match="has more than 4 MiB"):
        asked()


def test_a_named_file_has_its_baseline_beside_it(here: Path) -> None:
    (here / "trusted").mkdir()
    (here / "a").write_bytes(github("a"))
    say("", "trusted/c.toml")
    for folder, state in (("trusted", "revoked"), (".", "accepted")):
        call = (
            "baseline",
            "create",
            "--state",
            state,
            "--baseline",
            f"{folder}/.leaksweep-baseline.toml",
            "--no-config",
        )
        assert leaksweep(*call, cwd=here).code == 0
    assert "why      revoked" in leaksweep("scan", "--config", "trusted/c.toml", cwd=here).out
    assert "why      accepted" in leaksweep("scan", cwd=here).out


@given(
    st.one_of(st.text(), st.integers(), st.dictionaries(st.text(), st.integers(), max_size=2)), st.sampled_from(NAMES)
)
def test_no_error_repeats_what_it_does_not_know(value: Any, name: str) -> None:
    for data in ({"scan": {name: value}}, {"ignore": [{name: value}]}, {name: value}, {"scan": {f"{value}": 1}}):
        try:
            schema.check(data, SCHEMA, "x")
        except UsageError as error:
            odd = [c for c in f"{value}" if not c.isascii() or c.isdigit()]
            if isinstance(value, str) and len(odd) > 3:
                assert value not in str(error)


def test_what_is_pasted_into_the_wrong_line_is_not_repeated(here: Path) -> None:
    say(f'[scan]\nfail-on = "{github().decode()}"\n')
    ran = leaksweep("scan", here)
    assert ran.code == 2
    assert github().decode() not in ran.err


# ---------------------------------------------------------------- ignoring, in a whole scan


def test_entries_and_markers_of_the_file_are_applied(here: Path) -> None:
    (here / "docs").mkdir()
    (here / "docs/a").write_bytes(github("a"))
    (here / "b").write_bytes(github("b") + b" # gitleaks:allow")
    say('markers = []\n[[ignore]]\npath = "docs/"\nreason = "an example"\n')
    ran = leaksweep("scan", here)
    assert ran.code == 1
    assert "1 of them fail the scan: 1 new, 1 ignored-by-config" in ran.out
    assert "why      an example" in ran.out
    assert "1 of them fail the scan: 1 new, 1 ignored-inline" in leaksweep("scan", here, "--no-config").out


# ---------------------------------------------------------------- config show


def test_show_tells_values_and_sources_but_no_key(here: Path) -> None:
    say(EVERYTHING, "c.toml")
    call = ("config", "show", "--config", "c.toml", "--fail-on", "low")
    ran = leaksweep(*call, cwd=here, env={"LEAKSWEEP_REGISTRY_PASSWORD": "hunter2"})
    assert (ran.code, ran.err) == (0, "")
    assert "fail-on            flag --fail-on             low\n" in ran.out
    assert "decode             c.toml                     false\n" in ran.out
    assert "path               default                    .\n" in ran.out
    shown = json.loads(leaksweep(*call, "--format", "json", cwd=here).out)
    assert {"name": "image", "value": ["app:1"], "source": "c.toml"} in shown
    assert {"name": "identity", "value": "set", "source": "c.toml"} in shown
    assert "hunter2" not in ran.out
    assert "0123456789abcdef" not in ran.out


# ---------------------------------------------------------------- schema and code say the same


def test_every_option_of_scan_can_be_said() -> None:
    app = typer.Typer(add_completion=False)
    app.command()(scan.command)
    flags = {p.opts[0].lstrip("-") for p in typer.main.get_command(app).params} - {"help"}
    told = set(SCHEMA["properties"]["scan"]["properties"])
    assert told == set(OPTIONS) | {"baseline"}
    assert flags - told == {"path", "config", "no-config", "registry-password"}


def test_the_schema_says_whom_an_option_is_allowed_to() -> None:
    for name, option in OPTIONS.items():
        told = SCHEMA["properties"]["scan"]["properties"][name]["description"]
        assert ("Only in a file given with --config." in told) is option.trusted


def test_the_schema_knows_the_markers_and_the_entries() -> None:
    assert tuple(SCHEMA["properties"]["markers"]["items"]["enum"]) == MARKERS
    assert set(SCHEMA["properties"]["ignore"]["items"]["properties"]) == set(Ignore._fields)


def test_the_schema_is_one_and_takes_the_example() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(schema.plain(tomllib.loads(EVERYTHING)))


def judged(data: Any) -> bool:
    try:
        schema.check(data, SCHEMA, "x")
    except UsageError:
        return False
    return True


VALUES: Any = st.one_of(
    st.booleans(),
    st.integers(),
    st.sampled_from(["", "x", "high", "leaksweep", "0123456789abcdef", date(2027, 1, 1)]),
    st.lists(st.sampled_from(["", "x", "leaksweep", 1]), max_size=2),
)
TABLES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3)


@given(
    st.dictionaries(
        st.sampled_from([*SCHEMA["properties"], "other"]), st.one_of(VALUES, TABLES, st.lists(TABLES, max_size=2))
    )
)
def test_our_reading_of_the_schema_is_a_validators(data: dict[str, Any]) -> None:
    theirs = Draft202012Validator(SCHEMA).is_valid(schema.plain(data))
    # Only dates, which JSON does not have, are held to more, and texts with a NUL.
    assert judged(data) == theirs or (theirs and "expires" in repr(data))
