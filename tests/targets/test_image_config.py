"""The fields of a configuration: each by its name, whatever its type, and none left out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.targets.image.config import blobs, notes
from leaksweep.targets.image.places import InDocument


def fields(document: dict[str, Any]) -> dict[str, str]:
    found = {}
    for blob in blobs("key", document):
        assert isinstance(blob.origin, InDocument)
        assert blob.origin.field not in found
        found[blob.origin.field] = blob.data.decode("utf-8", "surrogatepass")
    return found


def test_every_known_field_has_its_name() -> None:
    config = {
        "Env": ["PATH=/bin", "API_KEY=a=b"],
        "Labels": {"x.y": "z", "empty": ""},
        "Cmd": ["run", "--token", "t"],
        "Entrypoint": ["/bin/sh", "-c"],
        "Healthcheck": {"Test": ["CMD-SHELL", "curl -u a:b"], "Interval": 30},
        "OnBuild": ["RUN echo 1"],
        "User": "nobody",
    }
    history = [
        {"created_by": "RUN |1 ARG=x", "comment": "c", "author": "me <me@example.org>"},
        {"created": "2020", "empty_layer": True},
    ]
    assert {
        "env/PATH": "PATH=/bin",
        "env/API_KEY": "API_KEY=a=b",
        "labels/x.y": "x.y=z",
        "cmd": "run --token t",
        "entrypoint": "/bin/sh -c",
        "healthcheck": "CMD-SHELL curl -u a:b",
        "onbuild/0": "RUN echo 1",
        "user": "nobody",
        "history/0": "RUN |1 ARG=x",
        "history/0/comment": "comment=c",
        "history/0/author": "author=me <me@example.org>",
        "history/1/created": "created=2020",
        "author": "a",
    } == fields({"config": config, "history": history, "author": "a", "rootfs": {"diff_ids": ["sha256:" + "0" * 64]}})


def test_the_outdated_copy_of_the_config_is_scanned_too() -> None:
    assert {"container_config/env/A": "A=1", "container_config/cmd": "x"} == fields(
        {"container_config": {"Env": ["A=1"], "Cmd": ["x"]}}
    )


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"Env": "A=needle"}, {"env": "A=needle"}),
        ({"Env": {"A": "needle"}}, {"env/A": "A=needle"}),
        ({"Env": ["needle", 5, None, ["needle"]]}, {"env/0": "needle", "env/3/0": "needle"}),
        ({"Labels": ["needle"]}, {"labels/0": "needle"}),
        ({"Labels": {"a": {"b": ["needle"]}}}, {"labels/a/b/0": "needle"}),
        ({"Cmd": "needle"}, {"cmd": "needle"}),
        ({"Cmd": ["a", {"b": "needle"}]}, {"cmd/0": "a", "cmd/1/b": "b=needle"}),
        ({"Healthcheck": {"Test": "needle"}}, {"healthcheck/Test": "Test=needle"}),
        ({"Healthcheck": ["needle"]}, {"healthcheck/0": "needle"}),
        ({"Cmd": None, "Env": None, "Labels": None}, {}),
    ],
)
def test_wrong_types_hide_nothing(config: dict[str, Any], expected: dict[str, str]) -> None:
    assert expected == fields({"config": config})


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"config": "needle"}, {"config": "needle"}),
        ({"config": ["needle"]}, {"config/0": "needle"}),
        ({"history": "needle"}, {"history": "needle"}),
        ({"history": ["needle"]}, {"history/0": "needle"}),
        ({"history": [{"created_by": ["needle"]}]}, {"history/0/created_by/0": "needle"}),
        ({"history": [None, 5]}, {}),
        ({"later": {"deep": [{"x": "needle"}]}}, {"later/deep/0/x": "x=needle"}),
        ({"rootfs": {"diff_ids": ["needle"]}}, {"rootfs/diff_ids/0": "needle"}),
    ],
)
def test_unknown_fields_hide_nothing(document: dict[str, Any], expected: dict[str, str]) -> None:
    assert expected == fields(document)


def test_text_that_is_no_unicode_is_kept() -> None:
    assert {"env/A": "A=\ud800"} == fields({"config": {"Env": ["A=\ud800"]}})


def test_annotations_of_a_manifest_are_fields() -> None:
    assert [b"a=b"] == [blob.data for blob in notes("key", {"annotations": {"a": "b"}, "other": "c"})]
    assert [] == notes("key", {})


def test_annotations_and_addresses_of_descriptors_are_fields() -> None:
    layer: Any = {"digest": "x", "urls": ["https://a/?sig=b"], "annotations": {"c": "d"}}
    index: Any = {
        "manifests": [{"annotations": {"e": "f"}}, 5],
        "config": {"annotations": {"g": "h"}},
        "layers": [layer],
    }
    fields = {blob.origin: blob.data for blob in notes("key", index)}
    assert fields == {
        InDocument("key", "manifests/0/annotations/e"): b"e=f",
        InDocument("key", "config/annotations/g"): b"g=h",
        InDocument("key", "layers/0/urls/0"): b"https://a/?sig=b",
        InDocument("key", "layers/0/annotations/c"): b"c=d",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just("needle"),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.sampled_from("ab"), children, max_size=2),
)
KEYS = ["config", "container_config", "history", "Env", "Labels", "Cmd", "Healthcheck", "Test", "created_by", "x"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON | st.dictionaries(st.sampled_from(KEYS), JSON)))
def test_every_string_of_any_document_is_scanned(document: dict[str, Any]) -> None:
    def count(value: Any) -> int:
        if isinstance(value, dict):
            return sum(map(count, value.values()))
        return sum(map(count, value)) if isinstance(value, list) else int(value == "needle")

    assert count(document) == sum(blob.data.count(b"needle") for blob in blobs("key", document))
