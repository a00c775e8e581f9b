"""A history or a range, scanned: what the tests of the git targets ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.model import CommitFile, Finding, GitText, Place, Result, Severity
from leaksweep.scan import Policy, scan
from leaksweep.targets.git import commit_range, history, parse_range
from leaksweep.targets.git.target import Objects
from support.repos import Repo

POLICY = Policy(b"key", Severity.LOW, allow_skipped=False)


def scan_history(repo: Repo | Path, engine: Engine, **options: Any) -> Result:
    """The whole history of a repository."""
    return _also_remembered(lambda: history(str(getattr(repo, "folder", repo)), **options), engine)


def scan_range(repo: Repo, text: str, engine: Engine, **options: Any) -> Result:
    """What a range of commits brought."""
    return _also_remembered(lambda: commit_range(str(repo.folder), parse_range(text), **options), engine)


def _also_remembered(target: Callable[[], Objects], engine: Engine) -> Result:
    """A scan, which says the same as one that remembers what it learns, and as one that knows all of it."""
    result = scan([target()], engine, POLICY)
    with TemporaryDirectory() as cache:
        for _ in range(2):
            remembering = target()
            remembering.remember(Cache(Path(cache)), "rules")
            assert scan([remembering], engine, POLICY) == result
    return result


def scan_remembering(repo: Repo, engine: Engine, cache: Path | None, digest: str = "d", **options: Any) -> Result:
    """The whole history of a repository, with what is remembered in a folder; nothing is without one."""
    target = history(str(repo.folder), **options)
    target.remember(Cache(cache), digest)
    return scan([target], engine, POLICY)


def places(found: Result | Finding) -> list[Place]:
    """Every place of every finding, in order."""
    findings: Iterable[Finding] = found.findings if isinstance(found, Result) else (found,)
    return [seen.place for finding in findings for seen in finding.places]


def files(found: Result) -> list[CommitFile]:
    """The places that are versions of files."""
    return [place for place in places(found) if isinstance(place, CommitFile)]


def texts(found: Result) -> list[GitText]:
    """The places that are git's own texts."""
    return [place for place in places(found) if isinstance(place, GitText)]
