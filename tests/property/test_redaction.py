"""A secret never becomes text by accident."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.redact import HEAD, LONG, Secret, printable, redact


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


@given(st.text())
def test_printable_text_is_one_line_without_control_characters(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert shown == printable(shown)


@given(st.binary())
def test_printable_takes_names_of_any_bytes(name: bytes) -> None:
    printable(name.decode("utf-8", "surrogateescape")).encode("utf-8")
