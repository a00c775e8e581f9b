"""What is remembered as clean is never wrong: a torn, foreign or shared file costs time, no finding."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from leaksweep import cleanset
from leaksweep.cache import Cache
from leaksweep.cleanset import BYTES, CleanSet


def ids(*numbers: int) -> list[bytes]:
    return [hashlib.sha1(b"%d" % number).digest() for number in numbers]


def test_what_was_added_is_known_to_the_next_run_and_nothing_else(tmp_path: Path) -> None:
    CleanSet(Cache(tmp_path), "d").add(ids(1, 2, 3), without=ids(2))
    known = CleanSet(Cache(tmp_path), "d")
    assert [True, False, True, False] == [name in known for name in ids(1, 2, 3, 4)]


def test_other_rules_know_nothing_of_it(tmp_path: Path) -> None:
    CleanSet(Cache(tmp_path), "d").add(ids(1))
    assert ids(1)[0] not in CleanSet(Cache(tmp_path), "e")
    (tmp_path / "clean-d").rename(tmp_path / "clean-e")
    assert ids(1)[0] not in CleanSet(Cache(tmp_path), "e")


@pytest.mark.parametrize("change", ["cut", "cut an id", "flip", "empty", "foreign", "longer"])
def test_a_file_that_is_not_whole_is_ignored_and_rebuilt(tmp_path: Path, change: str) -> None:
    CleanSet(Cache(tmp_path), "d").add(ids(*range(10)))
    file = tmp_path / "clean-d"
    data = bytearray(file.read_bytes())
    data[40] ^= change == "flip"
    whole = bytes(data)
    kinds = {
        "cut": whole[:-1],
        "cut an id": whole[:-BYTES],
        "empty": b"",
        "foreign": bytes(100),
        "longer": whole + b"x",
    }
    file.write_bytes(kinds.get(change, whole))
    known = CleanSet(Cache(tmp_path), "d")
    assert 0 == len(known)
    known.add(ids(1))
    assert ids(1)[0] in CleanSet(Cache(tmp_path), "d")


def test_two_runs_lose_nothing_of_each_other_that_was_written_before(tmp_path: Path) -> None:
    one, two = CleanSet(Cache(tmp_path), "d"), CleanSet(Cache(tmp_path), "d")
    one.add(ids(1))
    two.add(ids(2))
    assert 2 == len(CleanSet(Cache(tmp_path), "d"))


def test_runs_at_the_same_time_leave_a_whole_file(tmp_path: Path) -> None:
    def work(number: int) -> None:
        for round_ in range(20):
            CleanSet(Cache(tmp_path), "d").add(ids(number * 100 + round_))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(CleanSet(Cache(tmp_path), "d")) > 0
    assert ["clean-d"] == [file.name for file in tmp_path.iterdir()]


def test_it_has_a_size_at_which_the_newest_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanset, "MOST", 10)
    CleanSet(Cache(tmp_path), "d").add(ids(*range(10)))
    CleanSet(Cache(tmp_path), "d").add(ids(20, 21))
    known = CleanSet(Cache(tmp_path), "d")
    assert 10 == len(known)
    assert all(name in known for name in ids(20, 21))


def test_nowhere_remembers_nothing() -> None:
    known = CleanSet.nowhere()
    known.add(ids(1))
    assert ids(2)[0] not in known
