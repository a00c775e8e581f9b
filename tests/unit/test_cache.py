"""The cache saves time and never fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from leaksweep.cache import KEPT, Cache


def test_what_was_written_is_read(tmp_path: Path) -> None:
    Cache(tmp_path / "new").write("rules-1", b"x")
    assert b"x" == Cache(tmp_path / "new").read("rules-1")
    assert 0o700 == (tmp_path / "new").stat().st_mode & 0o777


def test_only_the_newest_of_a_kind_stay(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.write("other-1", b"x")
    for i in range(KEPT + 3):
        cache.write(f"rules-{i}", b"x")
    assert KEPT == len(list(tmp_path.glob("rules-*")))
    assert f"rules-{KEPT + 2}" in {p.name for p in tmp_path.iterdir()}
    assert b"x" == cache.read("other-1")


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = Cache(tmp_path / "file" / "below")
    cache.write("rules-1", b"x")
    assert cache.read("rules-1") is None


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEAKSWEEP_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    cache = Cache.default()
    cache.write("rules-1", b"x")
    assert cache.read("rules-1") is None
