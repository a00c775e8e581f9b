"""Fuzzing: one module a harness in ``harness``, whose ``run`` takes any bytes and raises nothing (README.md)."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

FOLDER = Path(__file__).parent
CORPUS, FOUND = FOLDER / "corpus", FOLDER / "found"  #: kept seeds, and inputs that once broke something
HARNESSES = tuple(sorted(file.stem for file in (FOLDER / "harness").glob("[a-z]*.py")))


class Harness(Protocol):
    """What a module of ``harness`` has; README.md says what else it may have."""

    def run(self, data: bytes, /) -> None:
        """Feed ``data`` to what is tested; an exception is a finding."""


def load(name: str) -> Harness:
    """The harness of this name."""
    return cast("Harness", import_module(f"fuzz.harness.{name}"))


def kept(name: str) -> Iterator[Path]:
    """The inputs of a harness that are kept in the repository."""
    for folder in (CORPUS / name, FOUND / name):
        yield from sorted(folder.glob("*"))
