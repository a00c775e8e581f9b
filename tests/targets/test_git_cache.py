"""The second run over a history reads what is new and what had a secret, and says the same as the first."""

from __future__ import annotations

import gzip
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from leaksweep.cache import Cache
from leaksweep.cleanset import CleanSet
from leaksweep.engine import Engine
from leaksweep.engine.digest import digest
from leaksweep.model import Result, Rule
from leaksweep.scan import scan
from leaksweep.targets.git import history
from leaksweep.targets.git.inventory import Entry
from leaksweep.targets.git.objects import Readers
from leaksweep.targets.git.repository import Process
from support.fakes import github
from support.gitscan import POLICY
from support.repos import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    for number in range(10):
        made.commit(f"c{number}", **{f"f{number}": b"clean %d\n" % number})
    made.commit("leak", config__env=b"TOKEN=" + github() + b"\n")
    return made


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many objects each batch asks git for."""
    counts: list[int] = []
    ask = Readers._ask

    def counted(self: Readers, process: Process, batch: Sequence[Entry]) -> None:
        counts.append(len(batch))
        ask(self, process, batch)

    monkeypatch.setattr(Readers, "_ask", counted)
    return counts


def run(repo: Repo, engine: Engine, cache: Path, name: str = "d") -> Result:
    target = history(str(repo.folder))
    target.clean = CleanSet(Cache(cache), name)
    return scan([target], engine, POLICY)


def test_the_second_run_reads_only_what_had_a_secret_and_finds_the_same(
    repo: Repo, engine: Engine, tmp_path: Path, read: list[int]
) -> None:
    first = run(repo, engine, tmp_path / "cache")
    assert 22 == sum(read)  # eleven files, eleven commits
    read.clear()
    assert first == run(repo, engine, tmp_path / "cache")
    assert 1 == sum(read)
    assert 1 == len(first.findings)


def test_what_is_new_is_read(repo: Repo, engine: Engine, tmp_path: Path, read: list[int]) -> None:
    run(repo, engine, tmp_path / "cache")
    repo.commit("again", other__env=b"TOKEN=" + github("other") + b"\n")
    read.clear()
    assert 2 == len(run(repo, engine, tmp_path / "cache").findings)
    assert 3 == sum(read)


def test_a_clone_elsewhere_gains_too(repo: Repo, engine: Engine, tmp_path: Path, read: list[int]) -> None:
    run(repo, engine, tmp_path / "cache")
    clone = repo.clone(tmp_path / "clone")
    read.clear()
    assert 1 == len(run(clone, engine, tmp_path / "cache").findings)
    assert 1 == sum(read)


def test_a_content_with_a_gap_is_told_again(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    repo.commit("torn", torn__gz=gzip.compress(os.urandom(3000))[:-500])
    first = run(repo, engine, tmp_path / "cache")
    assert 1 == len(first.skipped)
    assert first == run(repo, engine, tmp_path / "cache")


def test_the_file_holds_no_secret_and_not_the_id_of_its_content(repo: Repo, engine: Engine, tmp_path: Path) -> None:
    run(repo, engine, tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    data = file.read_bytes()
    assert github() not in data
    assert bytes.fromhex(repo.git("rev-parse", "HEAD:config.env"))[:12] not in data


def test_other_rules_or_no_decoding_have_another_digest(rules: tuple[Rule, ...]) -> None:
    known = {
        digest(rules, encoded=True),
        digest(rules, encoded=False),
        digest(rules[1:], encoded=True),
        digest((rules[0]._replace(pattern="x"), *rules[1:]), encoded=True),
    }
    assert 4 == len(known)
    assert digest(rules, encoded=True) == digest(tuple(rules), encoded=True)
