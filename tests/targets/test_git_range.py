"""A range: what its commits brought, and nothing that was there before."""

from __future__ import annotations

from pathlib import Path

import pytest

from leaksweep.engine import Engine
from leaksweep.errors import UsageError
from leaksweep.targets.git import Range, parse_range
from support.fakes import github
from support.gitscan import files, scan_range, texts
from support.repos import Repo


def env(seed: str) -> bytes:
    return b"GITHUB_TOKEN=" + github(seed) + b"\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A base with an old secret, a topic that adds one and removes it again, and a main that went on with another."""
    made = Repo(tmp_path / "repo")
    made.commit("old", old__env=env("old"))
    made.git("checkout", "--quiet", "-b", "topic")
    made.commit("add", topic__env=env("topic"))
    made.remove("topic.env")
    made.git("checkout", "--quiet", "main")
    made.commit("main goes on", main__env=env("main"))
    return made


def paths(repo: Repo, ends: str, engine: Engine) -> list[str]:
    return [place.path for place in files(scan_range(repo, ends, engine))]


def test_only_what_the_range_brought_is_found_even_if_it_is_gone_at_its_end(repo: Repo, engine: Engine) -> None:
    (place,) = files(scan_range(repo, "main..topic", engine))
    assert ("topic.env", False, "range") == (place.path, place.in_head, place.run)
    assert repo.git("rev-parse", "topic~1") == place.first.id


def test_the_other_way_it_is_what_main_brought(repo: Repo, engine: Engine) -> None:
    assert ["main.env"] == paths(repo, "topic..main", engine)


def test_three_dots_and_an_open_end_mean_what_they_mean_to_a_diff(repo: Repo, engine: Engine) -> None:
    assert ["topic.env"] == paths(repo, "main...topic", engine)
    assert ["main.env"] == paths(repo, "topic..", engine)


def test_what_the_merge_itself_brings_is_found(repo: Repo, engine: Engine) -> None:
    repo.git("merge", "--quiet", "--no-commit", "--no-ff", "topic")
    repo.commit("merge", evil__env=env("evil"))
    assert {"evil.env", "topic.env"} == set(paths(repo, "HEAD^1..HEAD", engine))


def test_a_move_of_an_old_secret_is_not_new(repo: Repo, engine: Engine) -> None:
    repo.git("mv", "old.env", "moved.env")
    repo.commit("move")
    assert [] == paths(repo, "HEAD~1..HEAD", engine)


def test_messages_in_the_range_are_scanned(repo: Repo, engine: Engine) -> None:
    name = repo.commit("TOKEN=" + github("message").decode())
    assert [("commit", name)] == [(place.kind, place.id) for place in texts(scan_range(repo, "HEAD~1..", engine))]


def test_an_empty_range_is_clean_and_reads_nothing(repo: Repo, engine: Engine) -> None:
    result = scan_range(repo, "HEAD..HEAD", engine)
    assert ((), (), 0) == (result.findings, result.skipped, result.coverage[0].blobs)


def test_a_range_of_unrelated_histories_is_all_of_the_second(repo: Repo, engine: Engine) -> None:
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.commit("orphan", orphan__env=env("orphan"))
    assert "orphan.env" in paths(repo, "main..other", engine)


@pytest.mark.parametrize("text", ["main", "..topic", "...topic", "--all..x", "a..--all", ""])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"no range of commits"):
        parse_range(text)


def test_ends_are_read(repo: Repo) -> None:
    assert Range("a", "b") == parse_range("a..b") == parse_range("a...b")
    assert Range("origin/main", "HEAD") == parse_range("origin/main..")
