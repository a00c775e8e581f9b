"""Stages that build on each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leaksweep.dockerfile.forms import Scope
from leaksweep.dockerfile.model import Dockerfile, Instruction

NO_ARGUMENTS: Mapping[str, str] = {}
INSTRUCTIONS = 2_000  #: instructions of one image that are looked at, from the end
CHARACTERS = 1_000_000  #: and their characters


def numbered(dockerfile: Dockerfile, name: str) -> int | None:
    """The stage that ``--target`` means: its name in any case, or its number."""
    for number, stage in enumerate(dockerfile.stages):
        if stage.name and stage.name == name.lower():
            return number
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 6 else len(dockerfile.stages)
    return number if number < len(dockerfile.stages) else None


def images(dockerfile: Dockerfile, given: Mapping[str, str] = NO_ARGUMENTS) -> list[str]:
    """The image that each stage begins with, or the name of a stage, with its variables as far as they are known."""
    scope = Scope(dockerfile, given)
    scope.values = scope.defaults
    return [scope.expand(stage.image) for stage in dockerfile.stages]


def parents(dockerfile: Dockerfile, given: Mapping[str, str] = NO_ARGUMENTS) -> list[int | None]:
    """The earlier stage that each stage begins with; None where it is an image."""
    names: dict[str, int] = {}
    found: list[int | None] = []
    for number, (stage, image) in enumerate(zip(dockerfile.stages, images(dockerfile, given), strict=True)):
        found.append(names.get(image.lower()))
        if stage.name:
            names[stage.name] = number
    return found


def line(above: Sequence[int | None], stage: int) -> list[int]:
    """The stages that ``stage`` consists of, the first one first: each is the base of the next."""
    found: list[int] = []
    at: int | None = stage
    while at is not None:
        found.append(at)
        at = above[at]  # always an earlier one
    return found[::-1]


def chain(dockerfile: Dockerfile, stages: Sequence[int]) -> list[Instruction]:
    """The instructions of several stages in their order, the last ones where there are too many."""
    found: list[Instruction] = []
    room = CHARACTERS
    for number in reversed(stages):
        for instruction in reversed(dockerfile.stages[number].instructions):
            room -= len(instruction.text) + sum(len(doc.body) for doc in instruction.heredocs)
            if room < 0 or len(found) == INSTRUCTIONS:
                return found[::-1]
            found.append(instruction)
    return found[::-1]
