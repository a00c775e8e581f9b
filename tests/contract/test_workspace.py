"""The workspace target: every regular file once, whatever its size and name, and nothing outside the folder."""

from __future__ import annotations

import os
from itertools import chain, pairwise
from pathlib import Path

import pytest

from leaksweep.engine import Engine
from leaksweep.errors import UsageError
from leaksweep.model import OVERLAP, WINDOW, Blob, File, Skipped
from leaksweep.targets.workspace import Workspace
from leaksweep.workers import sweep
from support.fakes import github


def read(path: Path) -> tuple[dict[str, list[Blob]], list[Skipped]]:
    blobs: dict[str, list[Blob]] = {}
    skipped = []
    for item in chain.from_iterable(Workspace(str(path)).batches()):
        if isinstance(item, Skipped):
            skipped.append(item)
        else:
            assert isinstance(item, Blob)
            blobs.setdefault(str(item.origin), []).append(item)
    return blobs, skipped


def test_every_regular_file_is_read_whatever_gitignore_says(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text(".env\n")
    (tmp_path / ".env").write_text("A=1")
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.txt").write_bytes(b"c")
    (tmp_path / "empty").touch()
    blobs, skipped = read(tmp_path)
    assert {".gitignore", ".env", "a/b/c.txt", "empty"} == blobs.keys()
    assert b"c" == blobs["a/b/c.txt"][0].data
    assert [] == skipped


def test_git_keeps_its_own_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ".git").write_text("gitdir: ../.git/modules/sub")
    (tmp_path / "sub" / "file").write_text("y")
    assert {"sub/file"} == read(tmp_path)[0].keys()


def test_links_are_not_followed_and_special_files_do_not_block(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("s")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "loop").symlink_to(inside)
    (inside / "out").symlink_to(outside)
    (inside / "file-out").symlink_to(outside / "secret")
    (inside / "dangling").symlink_to("nowhere")
    os.mkfifo(inside / "fifo")
    (inside / "plain").write_text("p")
    blobs, skipped = read(inside)
    assert {"plain"} == blobs.keys()
    assert [] == skipped


def test_a_file_may_be_the_target(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_bytes(b"1")
    (tmp_path / "two.txt").write_bytes(b"2")
    assert {"one.txt"} == read(tmp_path / "one.txt")[0].keys()


def test_places_are_told_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a").touch()
    monkeypatch.chdir(tmp_path)
    for path, origin, uri in (("sub", "a", "sub/a"), ("sub/a", "a", "sub/a"), (".", "sub/a", "sub/a")):
        assert (File(uri),) == Workspace(path).locate([origin])[origin]
    for elsewhere in ("/", "/usr"):
        monkeypatch.chdir(elsewhere)
        assert (File("a"),) == Workspace(str(tmp_path / "sub")).locate(["a"])["a"]


def test_a_missing_path_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no such file"):
        Workspace("/nonexistent")


def test_names_of_any_bytes_are_read_and_printed_safely(tmp_path: Path) -> None:
    name = b"a\n::error::b\xff \x1b[31m"
    with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
        file.write(b"x")
    target = Workspace(str(tmp_path))
    (blob,) = chain.from_iterable(target.batches())
    assert isinstance(blob, Blob)
    (place,) = target.locate([blob.origin])[blob.origin]
    assert isinstance(place, File)
    assert "a%0A%3A%3Aerror%3A%3Ab%FF%20%1B%5B31m" == place.uri
    assert r"a\x0a::error::b\xff \x1b[31m" == place.label


def test_a_file_that_vanishes_is_skipped_not_lost(tmp_path: Path) -> None:
    (tmp_path / "gone").write_text("x")
    batches = Workspace(str(tmp_path)).batches()
    batch = next(batches)
    (tmp_path / "gone").unlink()
    (item,) = batch
    assert Skipped("gone", "cannot be read: No such file or directory") == item


def test_large_files_come_in_overlapping_windows_that_cover_them(tmp_path: Path) -> None:
    data = os.urandom(WINDOW * 2 + 12345)
    (tmp_path / "big").write_bytes(data)
    blobs = read(tmp_path)[0]["big"]
    assert all(data[b.offset : b.offset + len(b.data)] == b.data for b in blobs)
    assert [data.count(b"\n", 0, b.offset) for b in blobs] == [b.line for b in blobs]
    assert blobs[0].first
    assert blobs[-1].last
    assert not any(b.last for b in blobs[:-1])
    assert all(a.offset + len(a.data) - b.offset >= OVERLAP for a, b in pairwise(blobs))


@pytest.mark.parametrize("shift", [-45, -40, -20, -1, 0, 1, OVERLAP - 20])
def test_a_secret_at_a_window_s_edge_is_found_once_with_its_line(tmp_path: Path, engine: Engine, shift: int) -> None:
    token = github()
    head = b"x\n" * ((WINDOW + shift) // 2)
    (tmp_path / "big").write_bytes(head + b" " + token + b"\n" + b"y\n" * (WINDOW // 2))
    (sighting,) = sweep(Workspace(str(tmp_path)), engine).sightings
    assert token == sighting.match.secret.reveal()
    assert head.count(b"\n") + 1 == sighting.location.start_line


def test_holes_of_a_terabyte_file_are_not_read(tmp_path: Path, engine: Engine) -> None:
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(1 << 40)
        file.seek(1 << 39)
        file.write(b"\ntoken: " + github() + b"\n")
    tally = sweep(Workspace(str(tmp_path)), engine)
    if tally.bytes < 1 << 20:  # a file system that reports holes
        assert 1 == len(tally.sightings)
        assert 2 == tally.sightings[0].location.start_line
