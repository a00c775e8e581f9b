"""The samples in ``sarif/samples`` are what the report writes today; ``UPDATE_GOLDEN=1`` writes them anew."""

from __future__ import annotations

import os
from typing import Any

import pytest

from leaksweep import __version__, sarifcheck
from leaksweep.model import Confidence, File, ImageConfig, LayerFile, Result, Skipped, Verdict
from leaksweep.reports import sarif
from support.program import ROOT
from support.results import GITHUB, LAYER, PASSWORD, finding, result, seen

FOLDER = ROOT / "sarif" / "samples"

ENV = LayerFile("acme/app", "acme/app:1.2", 3, LAYER, "srv/app/.env")
FIELD = ImageConfig("acme/app", "acme/app:1.2", "env/DATABASE_URL")
SURE: dict[str, Any] = {"confidence": Confidence.PROVEN, "proofs": ("crc32-base62: proven",)}

SAMPLES: dict[str, Result] = {
    # Nothing found: both runs are there all the same, so that earlier alerts close.
    "clean": result(),
    # One secret in the workspace and in the image built from it, and a weak one below the threshold.
    "workspace-and-image": result(
        finding(1, seen(File(".env"), 2, "a4b38d17a82a0cf7:1"), seen(ENV, 2, "a4b38d17a82a0cf7:1"), **SURE),
        finding(2, seen(FIELD), rule=PASSWORD, verdict=Verdict.BELOW_THRESHOLD),
    ),
    # Something could not be read: the runs say so, and that they were not successful.
    "incomplete": result(
        finding(1, seen(File("config/deploy.sh"), 7, "6d62d8bcc5efab89:1"), rule=GITHUB),
        skipped=(Skipped("vault.img", "cannot be read: Permission denied"),),
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_what_the_report_writes_today(name: str) -> None:
    made = sarif.render(SAMPLES[name]).replace(f'"{__version__}"'.encode(), b'"1.0.0"')
    file = FOLDER / f"{name}.sarif"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_bytes(made)
    assert file.read_bytes() == made


def test_every_sample_is_tested() -> None:
    assert sorted(SAMPLES) == sorted(file.stem for file in FOLDER.iterdir())


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_has_no_problem(name: str) -> None:
    assert [str(p) for p in sarifcheck.check((FOLDER / f"{name}.sarif").read_bytes())] == []
