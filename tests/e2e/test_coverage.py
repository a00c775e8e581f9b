"""The proof of scan: what it says is so, in-toto's own library takes it, and what does not add up is never clean."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from jsonschema import Draft202012Validator

from leaksweep.engine import Engine
from leaksweep.model import Account, Blob, Count, File, Place, Severity, Skipped
from leaksweep.scan import Policy, scan
from support.fakes import github
from support.images import Oci, tar
from support.program import ROOT, leaksweep
from support.repos import Repo

SCHEMA = json.loads((ROOT / "schemas" / "leaksweep-coverage.schema.json").read_bytes())
SECRET = github("coverage")


def _proof(file: Path) -> dict[str, Any]:
    """The statement in a file, which the schema and in-toto's library take."""
    data = file.read_bytes()
    assert SECRET not in data
    document: dict[str, Any] = json.loads(data)
    Draft202012Validator(SCHEMA).validate(document)
    parsed = ParseDict(document, statement_pb2.Statement())
    Statement.copy_from_pb(parsed).validate()
    return document


@pytest.fixture
def work(tmp_path: Path) -> Repo:
    """A repository of two commits, the first with a secret."""
    repo = Repo(tmp_path / "work")
    repo.commit("leak", a__env=b"T=" + SECRET + b"\n", b__txt=b"fine\n")
    repo.remove("a.env")
    return repo


def test_every_target_with_its_digests_and_counts(work: Repo, tmp_path: Path) -> None:
    oci = Oci()
    oci.roots.append(oci.image(tar(("a", b"1")), tar(("b", b"2"))))
    image = oci.write(tmp_path / "image")
    arguments = ("--history", "--image", f"oci:{image}", "--report", "sarif=out.sarif", "--coverage", "proof.json")
    ran = leaksweep("scan", "--fail-on", "high", *arguments, cwd=work.folder)
    assert ran.code == 1, ran.err
    proof = _proof(work.folder / "proof.json")
    head, root = work.git("rev-parse", "HEAD"), oci.roots[0]["digest"].removeprefix("sha256:")
    report = hashlib.sha256((work.folder / "out.sarif").read_bytes()).hexdigest()
    digests = [subject["digest"] for subject in proof["subject"]]
    assert digests == [{"gitCommit": head}, {"sha256": root}, {"sha256": report}]
    said = proof["predicate"]
    assert (said["exitCode"], said["complete"], said["skipped"]) == (1, True, [])
    assert said["verdicts"]["new"] == 1
    assert said["options"]["fail-on"] == "high"
    assert said["rules"]["count"] > 1000
    counts = {target["kind"]: target["counts"] for target in said["targets"]}
    assert counts["workspace"]["files"] == {"expected": 1, "scanned": 1}
    assert counts["history"]["objects"] == {"expected": 4, "scanned": 4}, "two contents, two messages"
    assert counts["history"]["commits"] == {"expected": 2, "scanned": 2}
    assert counts["history"]["bytes"]["expected"] == counts["history"]["bytes"]["scanned"] > 0
    assert counts["image/image"]["layers"] == {"expected": 2, "scanned": 2}


def test_the_same_scan_gives_the_same_statement(work: Repo, tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        leaksweep("scan", work.folder, "--history", "--coverage", tmp_path / name)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def test_a_folder_that_has_no_digest(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    assert leaksweep("scan", tmp_path / "src", "--coverage", tmp_path / "proof.json").code == 0
    assert [subject["name"] for subject in _proof(tmp_path / "proof.json")["subject"]] == ["predicate"]


def test_an_incomplete_scan_says_so(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.gz").write_bytes(gzip.compress(bytes(range(256)) * 8, mtime=0)[:-40])
    assert leaksweep("scan", tmp_path / "src", "--coverage", tmp_path / "proof.json").code == 3
    said = _proof(tmp_path / "proof.json")["predicate"]
    assert (said["exitCode"], said["complete"]) == (3, False)
    assert [gap["what"].endswith("a.gz") for gap in said["skipped"]] == [True]
    assert said["targets"][0]["skipped"] == 1


def test_a_scan_that_broke_off_proves_nothing(work: Repo, tmp_path: Path) -> None:
    ran = leaksweep("scan", work.folder, "--image", "oci:/nowhere", "--coverage", tmp_path / "proof.json")
    assert ran.code == 2
    assert not (tmp_path / "proof.json").exists()


def test_it_is_written_with_the_reports_or_not_at_all(work: Repo, tmp_path: Path) -> None:
    ran = leaksweep("scan", work.folder, "--coverage", tmp_path / "nowhere" / "proof.json")
    assert (ran.code, "--coverage: the folder" in ran.error) == (2, True)


def test_a_configuration_in_the_folder_cannot_ask_for_it(work: Repo) -> None:
    work.write(".leaksweep.toml", b'[scan]\ncoverage = "proof.json"\n')
    assert leaksweep("scan", work.folder).code == 2
    assert leaksweep("scan", work.folder, "--config", work.folder / ".leaksweep.toml").code == 0
    assert _proof(work.folder / "proof.json")["predicate"]["options"]["path"] == str(work.folder)


class Forgetful:
    """A target that lists more than it gives, and does not say why."""

    name, run, stage = "forgetful", "workspace", None

    def __init__(self, *skipped: Skipped) -> None:
        self._skipped = skipped

    def batches(self) -> Iterator[list[Blob | Skipped]]:
        yield [Blob("a", b"fine\n"), *self._skipped]

    def locate(self, origins: Any) -> dict[Any, tuple[Place, ...]]:
        return {origin: (File(origin),) for origin in origins}

    def account(self, blobs: int, size: int) -> Account:
        return Account((Count("files", 2, blobs),))


def test_what_does_not_add_up_is_not_clean(engine: Engine) -> None:
    policy = Policy(b"key", Severity.LOW, allow_skipped=False)
    result = scan([Forgetful()], engine, policy)
    assert not result.complete
    assert [skipped.what for skipped in result.skipped] == ["forgetful"]
    assert "only 1 of 2 files" in result.skipped[0].why
    explained = scan([Forgetful(Skipped("b", "cannot be read"))], engine, policy)
    assert [skipped.what for skipped in explained.skipped] == ["b"]


def test_a_file_that_is_all_hole_is_counted(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    with (tmp_path / "src" / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    assert leaksweep("scan", tmp_path / "src", "--coverage", tmp_path / "proof.json").code == 0
    counts = _proof(tmp_path / "proof.json")["predicate"]["targets"][0]["counts"]
    assert counts["files"] == {"expected": 1, "scanned": 1}
