"""Proof of scan: what was to be scanned, what was, by which rules and settings: a statement that a pipeline can sign.

It is an in-toto Statement v1 (github.com/in-toto/attestation); ``schemas/leaksweep-coverage.schema.json`` describes it.
It names no secret and no time: the same scan gives the same bytes, and the signature says when.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

from leaksweep import __version__
from leaksweep.errors import ScanError
from leaksweep.model import Coverage, Result, Subject

TYPE = "https://in-toto.io/Statement/v1"
PREDICATE = "https://leaksweep.example/coverage/v1"  #: names the schema; nothing has to be there
ENGINES = ("hyperscan", "google-re2")  #: packages whose version may decide what is found


class Ruleset(NamedTuple):
    """The rules of a scan, and a digest of them and of all code that decides what is found."""

    size: int
    digest: str  #: blake2b, 20 hexadecimal digits


class Proof(NamedTuple):
    """What the result does not know of its own scan."""

    rules: Ruleset
    options: Mapping[str, Any]  #: the effective ones, without credentials
    exit_code: int


def statement(result: Result, proof: Proof, written: Sequence[tuple[str, bytes]]) -> bytes:
    """The statement about a scan, whose reports are the files ``written``."""
    predicate = _predicate(result, proof)
    subjects = [*_scanned(result), *(_report(file, data) for file, data in written)]
    if not subjects:  # nothing that was scanned has a digest, and a statement must be about something
        subjects = [_report("predicate", json.dumps(predicate, sort_keys=True).encode())]
    document = {"_type": TYPE, "subject": subjects, "predicateType": PREDICATE, "predicate": predicate}
    return json.dumps(document, indent=2).encode() + b"\n"


def _predicate(result: Result, proof: Proof) -> dict[str, Any]:
    return {
        "scanner": {"name": "leaksweep", "version": __version__, "python": platform.python_version(), **_engines()},
        "rules": {"count": proof.rules.size, "digest": proof.rules.digest},
        "options": dict(proof.options),
        "targets": [_target(coverage) for coverage in result.coverage],
        "skipped": [skipped._asdict() for skipped in result.skipped],
        "verdicts": result.verdicts,
        "complete": not result.skipped,
        "exitCode": int(proof.exit_code),
    }


def _target(coverage: Coverage) -> dict[str, Any]:
    counts = {what: {"expected": expected, "scanned": done} for what, expected, done in coverage.account.counts}
    return {"name": coverage.target, "kind": coverage.run, "counts": counts, "skipped": coverage.skipped}


def _engines() -> dict[str, str]:
    try:
        return {name: version(name) for name in ENGINES}
    except PackageNotFoundError:
        return {}


def _scanned(result: Result) -> Iterator[dict[str, Any]]:
    """What was scanned, by the digests that it is known by; a folder by the commit that is checked out there."""
    subjects = [s for c in result.coverage for s in (*_commit(c), *c.account.subjects)]
    for name, algorithm, digest in dict.fromkeys(subjects):
        yield {"name": name, "digest": {algorithm: digest}}


def _commit(coverage: Coverage) -> tuple[Subject, ...]:
    if coverage.run != "workspace":
        return ()
    from leaksweep.targets.git.repository import Repository

    try:
        head = Repository(coverage.target).says("rev-parse", "--quiet", "--verify", "HEAD^{commit}")
    except ScanError:  # no repository, or no git
        return ()
    return (Subject(coverage.target, "gitCommit", head),) if head else ()


def _report(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": hashlib.sha256(data).hexdigest()}}
