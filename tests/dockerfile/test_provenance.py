"""What BuildKit writes down of a build: attestations that buildx made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaksweep.dockerfile import History, Lines, attribute, from_provenance, layer_matches, parse

DATA = Path(__file__).with_name("data")


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"provenance-{name}.json").read_text())
    return found


@pytest.mark.parametrize("name", ["v0.2-max", "v1-max"])
def test_each_layer_has_its_lines_and_the_dockerfile_is_there(name: str) -> None:
    found = load(name)
    provenance = from_provenance(found["statement"])
    assert provenance is not None
    assert [provenance.of_layer(digest) for digest in found["layers"]] == [
        (Lines(0, first, last),) for first, last in ((1, 1), (2, 2), (7, 7), (8, 8), (9, 9), (11, 11), (12, 14))
    ]
    assert provenance.steps["step3"] == (Lines(0, 4, 5),)
    assert provenance.files[0].name == "Dockerfile.prov"
    assert (provenance.files[0].text or "").startswith("FROM busybox:latest AS base\n")
    assert provenance == from_provenance(found["statement"]["predicate"])


@pytest.mark.parametrize("name", ["v0.2-max", "v1-max", "v0.2-link"])
def test_the_history_leads_to_the_same_lines(name: str) -> None:
    found = load(name)
    provenance = from_provenance(found["statement"])
    assert provenance is not None
    history = [
        History(e.get("created_by", ""), e.get("empty_layer", False), e.get("comment", "")) for e in found["history"]
    ]
    matches = layer_matches(history, attribute(parse(provenance.files[0].text or ""), history))
    assert matches[0] is None
    for digest, match in list(zip(found["layers"], matches, strict=True))[1:]:
        assert match is not None
        assert Lines(0, match.instruction.first, match.instruction.last) in provenance.of_layer(digest)


def test_equal_instructions_share_a_step_and_linked_layers_have_their_own() -> None:
    found = load("v0.2-link")
    provenance = from_provenance(found["statement"])
    assert provenance is not None
    assert [[lines.first for lines in provenance.of_layer(digest)] for digest in found["layers"]] == [
        [3, 1],
        [4, 2],
        [5],
        [6],
        [7],
    ]


def test_the_least_mode_tells_nothing() -> None:
    assert from_provenance(load("v0.2-min")["statement"]) is None


def statement(source: object, layers: object = None) -> dict[str, object]:
    return {"metadata": {"https://mobyproject.org/buildkit@v1#metadata": {"source": source, "layers": layers}}}


def test_what_is_not_known_has_no_lines() -> None:
    provenance = from_provenance(statement({"infos": [{"filename": "D", "data": "!"}, {"data": ""}, 7]}))
    assert provenance is not None
    assert [file.text for file in provenance.files] == [None, None, None]
    assert provenance.of_layer("sha256:0") == ()


@pytest.mark.parametrize("line", [0, -1, True, "1", None, 1.5, 10**9])
def test_a_line_that_is_none_is_left_out(line: object) -> None:
    ranges = [{"start": {"line": line}, "end": {"line": line}}]
    assert from_provenance(statement({"locations": {"step0": {"locations": [{"ranges": ranges}]}}})) is None


KEYS = st.sampled_from(
    ["locations", "ranges", "start", "end", "line", "infos", "data", "digest", "sourceIndex", "step0:0"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(JSON, JSON)
def test_any_document_is_taken(source: object, layers: object) -> None:
    from_provenance(source)
    from_provenance(statement(source, layers))
