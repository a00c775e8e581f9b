"""A Dockerfile's text -> its instructions, with lines, as BuildKit reads them; nothing is an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

from leaksweep.dockerfile.model import Dockerfile, Heredoc, Instruction, Stage
from leaksweep.dockerfile.words import words

_DIRECTIVE = re.compile(r"#\s*(escape|syntax|check)\s*=\s*(\S.*)", re.IGNORECASE)
_FLAG = re.compile(r"""--([\w-]+)(?:=((?:[^\s"'\\]|"[^"]*"|'[^']*'|\\.)*+))?(?:\s+|$)""")
_HEREDOC = re.compile(r"\d*<<(-?+)([^<]+)")
_FLAGGED = frozenset({"FROM", "RUN", "COPY", "ADD", "HEALTHCHECK"})
_HEREDOCS = frozenset({"RUN", "COPY", "ADD", "ONBUILD"})


def parse(text: str) -> Dockerfile:
    """Every instruction of a Dockerfile, also of a broken one; what is no instruction has an unknown keyword."""
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    directives = tuple(_directives(lines))
    escape = dict(directives).get("escape", "\\")
    escape = escape if escape in {"\\", "`"} else "\\"
    instructions = tuple(_numbered(_instructions(lines, escape)))
    arguments = tuple(found for found in instructions if found.stage < 0)
    return Dockerfile(instructions, arguments, tuple(_stages(instructions)), escape, directives)


def _directives(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        found = _DIRECTIVE.fullmatch(line.strip())
        if not found:
            return
        yield found[1].lower(), found[2]


def _instructions(lines: Sequence[str], escape: str) -> Iterator[Instruction]:
    ends = _Ends(lines)
    at = 0
    while at < len(lines):
        if _is_void(lines[at]):
            at += 1
            continue
        first = at + 1
        text, last, at = _logical(lines, at, escape)
        keyword, rest = _parted(text)
        flags, rest = _flags(rest) if keyword in _FLAGGED else ((), rest)
        heredocs: tuple[Heredoc, ...] = ()
        if "<<" in rest and keyword in _HEREDOCS:
            heredocs, at = _heredocs(rest, ends, at, escape)
        yield Instruction(keyword, rest, flags, heredocs, first, at if heredocs else last, -1)


def _parted(text: str) -> tuple[str, str]:
    keyword, rest, *_ = [*text.split(None, 1), "", ""]
    return keyword.upper(), rest


def _is_void(line: str) -> bool:
    start = line.lstrip()
    return not start or start[0] == "#"


def _logical(lines: Sequence[str], at: int, escape: str) -> tuple[str, int, int]:
    """The instruction that begins at ``at`` in one line, the number of its last line, and where to read on."""
    parts: list[str] = []
    last = at
    while at < len(lines):
        line = lines[at]
        at += 1
        if parts and _is_void(line):
            continue
        last = at
        body = line.rstrip(" \t")
        if not body.endswith(escape) or body.endswith(escape * 2):
            parts.append(line)
            break
        parts.append(body[:-1])
    return "".join(parts).strip(), last, at


def _flags(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    flags, at = [], 0
    while found := _FLAG.match(text, at):
        flags.append((found[1].lower(), found[2] or ""))
        at = found.end()
    return tuple(flags), text[at:]


class _Ends:
    """Where each line of the text stands last: a heredoc that never ends is none, as older builders see it."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines

    @cached_property
    def _plain(self) -> Mapping[str, int]:
        return {line: at for at, line in enumerate(self.lines)}

    @cached_property
    def _chomped(self) -> Mapping[str, int]:
        return {line.lstrip("\t"): at for at, line in enumerate(self.lines)}

    def end(self, name: str, at: int, *, chomps: bool) -> int | None:
        """The line, at or after ``at``, that ends a heredoc."""
        if (self._chomped if chomps else self._plain).get(name, -1) < at:
            return None
        while (self.lines[at].lstrip("\t") if chomps else self.lines[at]) != name:
            at += 1
        return at


def _heredocs(text: str, ends: _Ends, at: int, escape: str) -> tuple[tuple[Heredoc, ...], int]:
    found: list[Heredoc] = []
    for match in filter(None, map(_HEREDOC.fullmatch, words(text, escape))):
        name = match[2].translate({ord(mark): None for mark in "\"'" + escape})
        end = ends.end(name, at, chomps=bool(match[1])) if name else None
        if end is not None:
            body = "".join(f"{line}\n" for line in ends.lines[at:end])
            found.append(Heredoc(name, body, name == match[2], bool(match[1])))
            at = end + 1
    return tuple(found), at


def _numbered(instructions: Iterable[Instruction]) -> Iterator[Instruction]:
    stage = -1
    for found in instructions:
        stage += found.keyword == "FROM"
        yield found._replace(stage=stage)


def _stages(instructions: Sequence[Instruction]) -> Iterator[Stage]:
    starts = [at for at, found in enumerate(instructions) if found.keyword == "FROM"]
    for start, end in pairwise([*starts, len(instructions)]):
        image, *name = instructions[start].text.split() or [""]
        named = len(name) == 2 and name[0].upper() == "AS"
        yield Stage(name[1].lower() if named else "", image, tuple(instructions[start:end]))
