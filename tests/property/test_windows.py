"""Cutting a content into windows loses nothing and doubles nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.model import OVERLAP, Blob
from leaksweep.rules.load import load
from leaksweep.unpack.windows import windows
from support.fakes import github

ENGINE = Engine([r for r in load(Cache(None)) if r.id == "github-personal-access-token"], Cache(None))


@given(
    st.lists(st.integers(0, 60_000), min_size=1, max_size=6),
    st.integers(OVERLAP + 1, 150_000),
)
@settings(max_examples=60, deadline=None)
def test_windows_find_what_the_whole_content_holds(gaps: list[int], size: int) -> None:
    tokens = [github(str(i)) for i in range(len(gaps))]
    data = b"".join(b"." * (gap // 2) + b"\n" * (gap % 7 + 1) + token for gap, token in zip(gaps, tokens, strict=True))
    pieces = [(i, data[i : i + size]) for i in range(0, len(data), size)]
    found = {
        (s.location.start_line, s.match.secret.reveal()) for blob in windows("x", pieces) for s in ENGINE.scan(blob)
    }
    whole = [(s.location.start_line, s.match.secret.reveal()) for s in ENGINE.scan(Blob("x", data))]
    assert sorted(whole) == sorted(found)
    assert tokens == [secret for _, secret in whole]


def test_a_hole_separates() -> None:
    first, second = windows("x", [(0, b"a\nb"), (1 << 30, b"\nc")])
    assert (0, 0, True, True) == (first.offset, first.line, first.first, first.last)
    assert (1 << 30, 1, True, True) == (second.offset, second.line, second.first, second.last)


def test_no_pieces_no_windows() -> None:
    assert [] == list(windows("x", []))
