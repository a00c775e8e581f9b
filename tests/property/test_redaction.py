"""A secret never becomes text by accident."""

from __future__ import annotations

import copy
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.engine import Engine
from leaksweep.model import Blob, File
from leaksweep.redact import HEAD, LONG, Secret, printable, redact
from leaksweep.triage import triage
from support.fakes import fake, github


@given(st.binary(min_size=1, max_size=200), st.booleans())
def test_redacted_text_shows_at_most_the_head_of_a_long_secret(raw: bytes, weak: bool) -> None:
    text = redact(Secret(raw), weak=weak)
    shown = text.partition("…")[0]
    assert len(raw) >= LONG or not shown
    assert not (weak and shown)
    assert printable(raw[:HEAD].decode("ascii", "replace")).startswith(shown) or not shown


@pytest.mark.parametrize("road", [str, format, pickle.dumps, copy.copy, lambda s: f"{s}", lambda s: "%s" % s])  # noqa: UP031
def test_every_implicit_road_to_text_is_closed(road: object) -> None:
    with pytest.raises(TypeError):
        road(Secret(b"hunter2"))  # type: ignore[operator]


def test_repr_is_redacted() -> None:
    assert "hunter2" not in repr(Secret(b"hunter2"))


def test_no_type_of_ours_shows_what_was_scanned(engine: Engine) -> None:
    """A debugger, a log or a test that fails prints them; the text round a secret may hold others."""
    data = b"curl -u zebra:" + fake("{base62:24}") + b" # db_password=" + fake("{base62:23}") + b"\n" + github()
    blob = Blob("x", data)
    sightings = list(engine.scan(blob))
    assert len({s.match.rule.id for s in sightings}) > 1
    shown = repr((blob, sightings, list(triage([(s, (File("x"),)) for s in sightings], b"k", None))))
    assert not [word for word in re.findall(rb"[A-Za-z0-9_]{20,}", data) if word.decode() in shown]
    assert "zebra" not in shown


@given(st.text())
def test_printable_text_is_one_line_without_control_characters(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert shown == printable(shown)


@given(st.binary())
def test_printable_takes_names_of_any_bytes(name: bytes) -> None:
    printable(name.decode("utf-8", "surrogateescape")).encode("utf-8")
