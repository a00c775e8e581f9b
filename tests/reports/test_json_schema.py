"""The json report and its published schema: what we write is what it says, and it says all that we write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from leaksweep.model import File, Gone, LayerFile, Result
from leaksweep.reports import report
from support.program import ROOT
from support.results import LAYER, finding, hostile, result, seen

SCHEMA: dict[str, Any] = json.loads((ROOT / "schemas" / "leaksweep-report.schema.json").read_bytes())
DELETED = LayerFile("acme/app", "acme/app:1.2", 1, LAYER, "k", "", Gone("deleted", 3))
ENCODED = seen(File("a.jar", "b.properties"), 3)._replace(encodings=("base64",))
CASES = {
    "hostile": hostile(),
    "clean": result(),
    "nothing": Result((), (), ()),
    "members that few have": result(finding(1, seen(DELETED), ENCODED)),
}


def problems(value: Any) -> list[str]:
    return [f"{e.json_path}: {e.message}" for e in Draft202012Validator(SCHEMA).iter_errors(value)]


def undocumented(value: Any, schema: dict[str, Any], where: str = "$") -> Iterator[str]:
    if reference := schema.get("$ref"):
        schema = SCHEMA["$defs"][reference.rpartition("/")[2]]
    if isinstance(value, dict):
        for name, member in value.items():
            if name not in schema.get("properties", {}):
                yield f"{where}.{name}"
            else:
                yield from undocumented(member, schema["properties"][name], f"{where}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from undocumented(item, schema["items"], f"{where}[]")


@pytest.mark.parametrize("made", CASES.values(), ids=CASES)
def test_what_is_written_is_what_the_schema_says_and_all_of_it_is_documented(made: Result) -> None:
    written = json.loads(report("json")(made))
    assert problems(written) == []
    assert set(undocumented(written, SCHEMA)) == set()


@pytest.mark.parametrize("file", sorted((ROOT / "tests/golden").glob("*/expected.json")), ids=lambda f: f.parent.name)
def test_the_program_s_own_reports_are_what_it_says(file: Path) -> None:
    assert problems(json.loads(file.read_bytes())) == []


def test_the_schema_is_one_and_would_have_noticed() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    written = json.loads(report("json")(hostile()))
    written["findings"][0]["secret"] = "hunter2"
    written["findings"][1]["places"] = []
    del written["findings"][2]["id"]
    assert len(problems(written)) == 3
