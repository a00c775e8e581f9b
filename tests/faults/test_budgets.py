"""The table of bounds in ``docs/robustness.md`` says what the code does."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from leaksweep.model import WINDOW
from leaksweep.unpack.contents import DEPTH
from leaksweep.unpack.zips import MEMBERS
from support.program import ROOT

TEXT = (ROOT / "docs/robustness.md").read_text()
BOUNDS = re.findall(r"\| `([a-z_.]+)\.([A-Z_]+)` = ([0-9,]+)", TEXT)


def test_the_table_is_read() -> None:
    assert len(BOUNDS) > 10


@pytest.mark.parametrize(("module", "name", "value"), BOUNDS)
def test_each_bound_is_what_the_table_says(module: str, name: str, value: str) -> None:
    assert int(value.replace(",", "")) == getattr(import_module(f"leaksweep.{module}"), name)


def test_the_words_of_a_breach_are_those_of_the_reports() -> None:
    assert f"`is a program of more than {WINDOW >> 20} MiB with a zip archive behind it`" in TEXT
    assert f"`archives more than {DEPTH} deep in each other are not unpacked`" in TEXT
    assert f"`holds more than {MEMBERS:,} members, the rest of which was not scanned`" in TEXT
