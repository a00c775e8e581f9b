"""GitHub's line hash, against a slow port of the algorithm that walks the content unit by unit, as the action does."""

from __future__ import annotations

import struct
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leaksweep.lines import line_hash, line_hashes

BLOCK = 100
MOD = 1 << 64


def walk(data: bytes) -> dict[int, str]:
    """Line number -> hash, by a rolling window of 100 units; independent of the code under test."""
    raw = data.decode("utf-8", "replace").encode("utf-16-le")
    window, lines = [0] * BLOCK, [-1] * BLOCK
    counts: Counter[int] = Counter()
    found: dict[int, str] = {}
    rolling, index, line, line_start, after_cr = 0, 0, 0, True, False

    def emit() -> None:
        if lines[index] != -1:
            counts[rolling] += 1
            found[lines[index]] = f"{rolling:x}:{counts[rolling]}"
            lines[index] = -1

    def push(unit: int) -> None:
        nonlocal rolling, index
        rolling = (37 * rolling + unit - pow(37, BLOCK, MOD) * window[index]) % MOD
        window[index] = unit
        index = (index + 1) % BLOCK

    for (unit,) in [*struct.iter_unpack("<H", raw), (0xFFFF,)]:
        if unit in (0x20, 0x09) or (after_cr and unit == 0x0A):
            after_cr = False
            continue
        after_cr = unit == 0x0D
        kept = 0x0A if after_cr else unit
        emit()
        if line_start:
            line, line_start = line + 1, False
            lines[index] = line
        line_start = kept == 0x0A
        push(kept)
    for _ in range(BLOCK):
        emit()
        push(0)
    return found


PIECES = st.sampled_from(
    [b"a", b"b" * 60, b"x" * 99, b"\n", b"\n\n", b"\r\n", b"\r", b"\r \n", b"\r\t\r\n", b" ", b"\t", b"\0", b"\xff"]
    + [s.encode() for s in ("é", "\uffff", "\ufeff", "😀", "😁", "😀" * 50, "key = 1\n", "\u2028", "\x85", "\x0b\x0c")]
    + [b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc3"]
)
CONTENTS = st.lists(PIECES, max_size=40).map(b"".join) | st.binary(max_size=400)


@given(CONTENTS)
@example(b"")
@example(b"\xef\xbb\xbfa\r\nb\r\n")
@example(b"\r \nx")
@example(b"x\n" + "😀".encode() * 50 + "😀\n".encode() + "😀".encode() * 50 + "😁\n".encode())
@example(("y" * 99 + "😀\n" + "y" * 99 + "😁\n").encode())
@example(b"same\n" * 30)
@example(b"".join(b"%d\n\n" % n for n in range(40)))
@example("a\uffff\0\0\na".encode())
def test_every_line_has_the_hash_that_the_action_computes(data: bytes) -> None:
    expected = walk(data)
    numbers = range(1, data.count(b"\n") + 2)
    assert {n: expected[n] for n in numbers} == line_hashes(data, numbers)
    assert {n: expected[n] for n in numbers} == {n: line_hashes(data, (n,))[n] for n in numbers}


@given(CONTENTS, st.data())
def test_an_offset_stands_for_its_line(data: bytes, draw: st.DataObject) -> None:
    offset = draw.draw(st.integers(0, len(data)))
    assert walk(data)[data.count(b"\n", 0, offset) + 1] == line_hash(data, offset)


def test_no_line_asked_for_is_no_work() -> None:
    assert line_hashes(b"a\nb", ()) == {}


def test_the_action_s_own_published_values_hold() -> None:
    """Outputs that GitHub's action states in its own tests, so that our two readings cannot err together."""
    assert line_hashes(b"", (1,)) == {1: "c129715d7a2bc9a3:1"}
    assert [*line_hashes(b" a\nb\n  \t\tc\n d", (1, 2, 3, 4)).values()] == [
        "271789c17abda88f:1",
        "54703d4cd895b18:1",
        "180aee12dab6264:1",
        "a23a3dc5e078b07b:1",
    ]
    lorem = line_hashes(b"Lorem ipsum dolor sit amet.\n" * 10, (1, 6, 7, 11))
    assert [*lorem.values()] == ["a7f2ff13bc495cf2:1", "a7f2ff13bc495cf2:6", "a7f2ff1481e87703:1", "c129715d7a2bc9a3:1"]


@pytest.mark.parametrize("piece", [1, 2, 7, 64])
def test_lines_are_found_wherever_the_pieces_end(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"a\n\nbb\r\n\r\n" * 9 + b"\xc3\xa9 c"
    numbers = range(1, 40)
    expected = line_hashes(data, numbers)
    monkeypatch.setattr("leaksweep.lines._PIECE", piece)
    assert line_hashes(data, numbers) == expected
    assert {n: line_hashes(data, (n,)).get(n) for n in numbers} == {n: expected.get(n) for n in numbers}
