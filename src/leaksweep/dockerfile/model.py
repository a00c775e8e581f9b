"""What a Dockerfile and an image's history are made of."""

from __future__ import annotations

from typing import NamedTuple


class Heredoc(NamedTuple):
    """A text that stands below its instruction. ``body`` is as written; each of its lines ends with a newline."""

    name: str
    body: str
    expands: bool  #: variables in it are expanded: its name was not quoted
    chomps: bool  #: ``<<-``: tabs at the start of its lines do not count


class Instruction(NamedTuple):
    """One instruction. ``text`` is what follows the keyword and its flags, its lines joined as a builder joins them."""

    keyword: str  #: upper case; of an unknown instruction too
    text: str
    flags: tuple[tuple[str, str], ...]  #: ``--from=build`` is ``("from", "build")``
    heredocs: tuple[Heredoc, ...]
    first: int  #: its first line, 1-based
    last: int  #: its last line, heredocs included
    stage: int  #: the number of its stage; -1 before the first ``FROM``


class Stage(NamedTuple):
    """What one ``FROM`` begins; ``instructions`` begin with it."""

    name: str  #: lower case; empty where it has none
    image: str  #: as written: an image or the name of an earlier stage, its variables not expanded
    instructions: tuple[Instruction, ...]


class Dockerfile(NamedTuple):
    """A Dockerfile as parsed; ``arguments`` are the instructions before the first ``FROM``."""

    instructions: tuple[Instruction, ...]
    arguments: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    escape: str
    directives: tuple[tuple[str, str], ...]  #: ``syntax``, ``escape``, ``check``


class History(NamedTuple):
    """An entry of ``history`` in an image's configuration."""

    created_by: str = ""
    empty_layer: bool = False
    comment: str = ""


class Match(NamedTuple):
    """The instruction that made an entry of the history, and how well it fits, from 0 to 1."""

    instruction: Instruction
    score: float


class Base(NamedTuple):
    """Where an image's base ends and its Dockerfile begins."""

    entries: int  #: entries of the history that the base brought
    image: str  #: as the ``FROM`` line writes it, its variables expanded as far as they are known
    start: Instruction  #: that ``FROM``
    exact: bool  #: the first instruction after it was found; else ``entries`` is an upper bound


def instruction_at(dockerfile: Dockerfile, line: int) -> Instruction | None:
    """The instruction that a line (1-based) belongs to."""
    return next((found for found in dockerfile.instructions if found.first <= line <= found.last), None)
