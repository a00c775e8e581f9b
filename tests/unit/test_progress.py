"""A terminal sees a line that changes; a job's log a line for each layer."""

from __future__ import annotations

import io
from typing import NamedTuple

import pytest

from leaksweep import progress as module
from leaksweep.progress import SILENT, Bar, Log, progress
from leaksweep.targets import Stage
from leaksweep.targets.workspace import Workspace


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Broken(io.StringIO):
    def write(self, _: str) -> int:
        raise BrokenPipeError


class Fake(Workspace):
    def __init__(self, name: str) -> None:
        self.name = name


class Step(NamedTuple):
    stage: Stage
    read: int


STEPS = (Step(Stage("layer 1 of 2", 0, 100), 10), Step(Stage("layer 2 of 2", 50, 100), 5_000_000))


def staged(name: str, stage: Stage) -> Workspace:
    target = Fake(name)
    target.stage = stage  # type: ignore[assignment]
    return target


def test_a_log_has_a_line_for_each_layer() -> None:
    out = io.StringIO()
    shown = progress(out)
    assert isinstance(shown, Log)
    for step in STEPS:
        for _ in range(3):
            shown.tick(staged("app\n::error::1", step.stage), step.read)
    shown.close()
    first, second = out.getvalue().splitlines()
    assert first == "leaksweep: app\\x0a::error::1: layer 1 of 2, 0 MB so far"
    assert second == "leaksweep: app\\x0a::error::1: layer 2 of 2, 5 MB so far"


def test_a_log_hears_nothing_of_a_folder() -> None:
    out = io.StringIO()
    progress(out).tick(Fake("."), 5)
    assert out.getvalue() == ""


def test_a_terminal_shows_how_far_it_is_and_is_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 0.0)
    out = Terminal()
    shown = progress(out)
    assert isinstance(shown, Bar)
    for step in STEPS:
        shown.tick(staged("app:1", step.stage), step.read)
    shown.tick(Fake("."), 7_000_000)
    shown.close()
    lines = [line.rstrip() for line in out.getvalue().split("\r")]
    assert lines[0] == lines[-1] == lines[-2] == ""
    assert lines[1].startswith("app:1  [                        ]  layer 1 of 2")
    assert lines[2] == "app:1  [############            ]  layer 2 of 2  5 MB"
    assert lines[3] == ".  7 MB"


def test_what_is_over_at_once_is_not_shown() -> None:
    out = Terminal()
    shown = progress(out)
    shown.tick(Fake("."), 1)
    assert out.getvalue() == ""


@pytest.mark.parametrize("kind", [Bar, Log])
def test_nobody_listening_is_no_error(kind: type[Bar | Log], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 0.0)
    shown = kind(Broken())
    shown.tick(staged("a", STEPS[0].stage), 1)
    shown.close()


def test_without_a_stream_nothing_is_told() -> None:
    assert progress(None) is SILENT
    SILENT.tick(Fake("."), 1)
    SILENT.close()
