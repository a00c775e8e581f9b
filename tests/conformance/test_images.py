"""The conformance suite for images, over leaksweep: everything found, at the right places, in every carrier."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.images import traps
from conformance.images.adapters import leaksweep_reference, leaksweep_report, plant
from conformance.images.carriers import Built, Images, has_skopeo
from conformance.images.cases import CARRIERS, Case, Place, cases
from conformance.images.forge import token
from conformance.images.run import BUILDERS, MARKS
from conformance.images.score import Report, Score, Seen, score
from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.errors import ScanError
from leaksweep.model import Severity
from leaksweep.reports.json import render
from leaksweep.scan import Policy, scan
from leaksweep.targets.image import Access, open_image
from leaksweep.targets.workspace import Workspace
from support.program import ROOT, run
from support.require import require, require_that

CASES = cases()
NEEDS = {"engine": ("DOCKER_HOST",), "registry": ("REGISTRY",)}
FOLDER = ROOT / "tests" / "conformance" / "images"
LAYERS = {"linux/amd64": [("sha256:" + "a" * 64, "sha256:" + "b" * 64), ("sha256:" + "c" * 64, "sha256:" + "d" * 64)]}


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Images]:
    made = Images(tmp_path_factory.mktemp("images"), os.environ.get("REGISTRY", ""))
    yield made
    made.forget()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Built]]:
    registry = os.environ.get("REGISTRY", "")
    made = {builder: Built(tmp_path_factory.mktemp(builder), registry, builder) for builder in BUILDERS}
    yield made
    for one in made.values():
        one.forget()


def report(reference: str, carrier: str, case: Case, engine: Engine, folder: Path) -> Report:
    """What the program's own report says, without a process for each image, and again when the layers are known."""
    workspace = str(plant(folder, case.planted))
    first, second = (_rendered(leaksweep_reference(reference, carrier), workspace, engine, folder) for _ in range(2))
    assert first == second
    if isinstance(first, str):
        return Report([], {}, [], [], first)
    return leaksweep_report(json.loads(first), case.planted)


def _rendered(reference: str, workspace: str, engine: Engine, folder: Path) -> bytes | str:
    """The report, or why there is none."""
    image: Any = open_image(reference, Access(backoff=0.01))
    image.remember(Cache(folder / "cache"), "rules")
    try:
        return render(scan([Workspace(workspace), image], engine, Policy(b"key", Severity.LOW, allow_skipped=False)))
    except ScanError as error:
        return str(error)


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("case", [case for case in CASES if not case.dockerfile], ids=lambda case: case.name)
def test_made_by_hand(case: Case, carrier: str, images: Images, engine: Engine, tmp_path: Path) -> None:
    if carrier in case.cannot:
        return
    require(*NEEDS.get(carrier, ()))
    said = report(images.reference(case, carrier), carrier, case, engine, tmp_path)
    assert Score(True, True) == score(case, said, images.layers[case.name])


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("case", [case for case in CASES if case.dockerfile], ids=lambda case: case.name)
def test_built_by_an_engine(case: Case, builder: str, built: dict[str, Built], engine: Engine, tmp_path: Path) -> None:
    require("DOCKER_HOST", "REGISTRY")
    require_that(has_skopeo(), "skopeo")
    for carrier in (carrier for carrier in CARRIERS if carrier not in case.cannot):
        (tmp_path / carrier).mkdir()
        said = report(built[builder].reference(case, carrier), carrier, case, engine, tmp_path / carrier)
        assert Score(True, True) == score(case, said, built[builder].layers[case.name]), carrier


# ---------------------------------------------------------------- the suite itself


def test_every_case_has_one_trap_and_says_why() -> None:
    assert {case.name for case in CASES if not case.dockerfile} == traps.names()
    assert all(case.why and case.outcome in {"found", "error", "found or error"} for case in CASES)
    assert all(set(case.cannot) < set(CARRIERS) for case in CASES)


def test_an_image_is_the_same_in_every_run() -> None:
    for name in traps.names():
        assert traps.build(name).archive == traps.build(name).archive


def test_no_secret_stands_in_the_suite() -> None:
    text = b"".join(path.read_bytes() for path in FOLDER.iterdir() if path.is_file())
    assert not any(value.encode() in text for case in CASES for value in case.planted.values())


def test_the_builder_is_a_program(tmp_path: Path) -> None:
    done = run(sys.executable, FOLDER / "build.py", tmp_path / "out", cwd=tmp_path, env={"PYTHONPATH": ""})
    assert (0, "") == (done.code, done.err)
    assert {path.name for path in (tmp_path / "out").iterdir()} == traps.names()
    document = json.loads((tmp_path / "out" / "deleted" / "case.json").read_text())
    assert token("deleted/key").decode() == document["secrets"]["key"]
    assert (tmp_path / "out" / "deleted" / "layout" / "index.json").is_file()


def test_the_runner_is_a_program_that_writes_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{MARKS[0]}old\n{MARKS[1]}after\n")
    call = ["--tool=leaksweep", "--carrier=tar", "--case=deleted", "--case=missing-layer", f"--markdown={page}"]
    done = run(sys.executable, FOLDER / "run.py", *call, cwd=tmp_path)
    assert (0, "") == (done.code, done.err)
    assert "P leaksweep tar deleted\n" in done.out
    text = page.read_text()
    assert "| leaksweep | tar | 2 | 2 | 2 |\n" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")


KEY = Place("key", 2, "app/key", fate="deleted in 2")
CASE = Case("x", "why", find=(KEY,), never=("other",))
SECRET, OTHER = CASE.planted["key"], CASE.planted["other"]
RIGHT = Seen(SECRET, 2, "app/key", fate="deleted in 2")


def said(*seen: Seen, gaps: tuple[str, ...] = (), count: int = 1) -> Report:
    return Report(list(seen), {one.secret: count for one in seen}, [], list(gaps))


@pytest.mark.parametrize(
    ("told", "found", "placed"),
    [
        (said(RIGHT), True, True),
        (said(RIGHT._replace(layer="sha256:" + "d" * 64)), True, True),
        (said(RIGHT._replace(layer="sha256:" + "a" * 64)), True, False),
        (said(Seen(SECRET)), True, False),
        (said(RIGHT._replace(fate="")), True, False),
        (said(RIGHT._replace(path="app/Key")), True, False),
        (said(RIGHT, RIGHT._replace(layer=1)), True, False),
        (said(RIGHT, count=2), True, False),
        (said(RIGHT, gaps=("something",)), True, False),
        (said(), False, False),
        (said(RIGHT, Seen(OTHER)), False, False),
        (said(RIGHT)._replace(strange=["a rule"]), False, False),
        (said(RIGHT)._replace(error="torn"), False, False),
    ],
)
def test_scores(told: Report, found: bool, placed: bool) -> None:
    result = score(CASE, told, LAYERS)
    assert (found, placed) == result[:2]
    assert placed == (not result.why)


def test_what_was_not_scanned_must_be_told() -> None:
    case = Case("x", "why", find=(KEY,), unscanned=(1,))
    assert not score(case, said(RIGHT), LAYERS).found
    assert score(case, said(RIGHT, gaps=("something",)), LAYERS)[:2] == (True, False)
    assert score(case, said(RIGHT, gaps=("layer sha256:bbbbbbbbbbbb…",)), LAYERS)[:2] == (True, True)


@pytest.mark.parametrize(("outcome", "found", "failed"), [("error", False, True), ("found or error", True, True)])
def test_an_error_may_be_what_is_asked_for(outcome: str, found: bool, failed: bool) -> None:
    case = CASE._replace(outcome=outcome)
    assert found == score(case, said(RIGHT), LAYERS).placed
    assert failed == score(case, said()._replace(error="torn"), LAYERS).placed
