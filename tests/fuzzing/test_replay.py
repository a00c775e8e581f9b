"""The kept inputs of every harness, and those that once broke something, without a fuzzer: ``run`` raises nothing."""

from __future__ import annotations

from pathlib import Path

import fuzz
import pytest

INPUTS = [(name, file) for name in fuzz.HARNESSES for file in fuzz.kept(name)]


@pytest.mark.parametrize(("name", "file"), INPUTS, ids=[f"{name}-{file.name}" for name, file in INPUTS])
def test_an_input_that_was_kept_breaks_nothing(name: str, file: Path) -> None:
    fuzz.load(name).run(file.read_bytes())


def test_every_harness_has_seeds_and_every_folder_a_harness() -> None:
    folders = {folder.name for parent in (fuzz.CORPUS, fuzz.FOUND) for folder in parent.iterdir()}
    assert folders == set(fuzz.HARNESSES)
    assert all(any((fuzz.CORPUS / name).iterdir()) for name in fuzz.HARNESSES)


def test_kept_inputs_are_small() -> None:
    assert all(file.stat().st_size <= getattr(fuzz.load(name), "LENGTH", 4096) for name, file in INPUTS)
