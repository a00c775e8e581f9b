"""A value of ``ENV`` or ``ARG`` becomes a secret mount of the commands that use it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from leaksweep.dockerfile.model import Instruction, instruction_at
from leaksweep.dockerfile.parse import parse
from leaksweep.fix.spans import Cannot, Edit, edited
from leaksweep.model import Span

_NAME = re.compile(r"(?:^|/)(?:[\w.-]*dockerfile|containerfile)(?:\.[\w.-]+)?$", re.IGNORECASE)
_PAIR = re.compile(rb"""([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s"'\\]|\\.)*)""", re.DOTALL)


def is_dockerfile(path: str) -> bool:
    """Whether a file's name says that it is one."""
    return bool(_NAME.search(path))


def name_at(data: bytes, span: Span) -> str:
    """The variable whose value holds the secret; empty where there is none."""
    found = _pair(data, _instruction(data, span), span) if _at(data, span) else None
    return found[1].decode() if found else ""


def change(data: bytes, span: Span) -> bytes:
    """``data`` with the pair gone, and the variable given to the commands of its stage by a secret mount.

    Raises:
        Cannot: the secret is no value of ``ENV`` or ``ARG``, or a command that uses it cannot be changed.
    """
    instruction = _instruction(data, span)
    pair = _pair(data, instruction, span)
    if pair is None:
        raise Cannot("it is no value of ENV or ARG: read it from a secret mount by hand")
    name = pair[1].decode()
    later = [i for i in _parsed(data).instructions if i.stage == instruction.stage and i.first > instruction.last]
    users = [i for i in later if re.search(rf"\$(?:{name}\b|\{{{name}\b)", i.text)]
    edits = [_without(data, instruction, pair), *(_mounted(data, user, name) for user in users)]
    return edited(data, edits)


def _without(data: bytes, instruction: Instruction, pair: re.Match[bytes]) -> Edit:
    lines = _lines(data, instruction)
    if len(_PAIR.findall(data[lines.start : lines.end])) == 1:
        return Edit(lines, b"")
    # One of several: it goes with the blanks, and the backslash at the end of a line, behind it.
    gap = re.compile(rb"(?:[ \t]|\\\r?\n)*").match(data, pair.end())
    end = gap.end() if gap else pair.end()
    if end >= lines.end - 1 or data[end : end + 1] in (b"\n", b"\r"):
        before = re.search(rb"(?:[ \t]|\\\r?\n)*\Z", data[lines.start : pair.start()])
        return Edit(Span(pair.start() - len(before[0] if before else b""), pair.end()), b"")
    return Edit(Span(pair.start(), end), b"")


def _mounted(data: bytes, user: Instruction, name: str) -> Edit:
    lines = _lines(data, user)
    begin = re.compile(rb"[ \t]*RUN[ \t]+((?:--\S+[ \t]+)*)", re.IGNORECASE).match(data, lines.start)
    if begin is None or user.heredocs or user.text.lstrip().startswith("["):
        raise Cannot(f"line {user.first} uses ${name} in a way that takes no mount: change it by hand")
    secret = name.lower().replace("_", "-")
    mount = f'--mount=type=secret,id={secret} export {name}="$(cat /run/secrets/{secret})" && '.encode()
    return Edit(Span(begin.end(), begin.end()), mount)


def _pair(data: bytes, instruction: Instruction, span: Span) -> re.Match[bytes] | None:
    if instruction.keyword not in ("ENV", "ARG"):
        return None
    lines = _lines(data, instruction)
    found: Iterator[re.Match[bytes]] = _PAIR.finditer(data, lines.start, lines.end)
    return next((pair for pair in found if pair.start(2) <= span.start and span.end <= pair.end(2)), None)


def _instruction(data: bytes, span: Span) -> Instruction:
    if (found := _at(data, span)) is None:
        raise Cannot("it stands in no instruction: take it out by hand")
    return found


def _at(data: bytes, span: Span) -> Instruction | None:
    return instruction_at(_parsed(data), data.count(b"\n", 0, span.start) + 1)


def _parsed(data: bytes):  # type: ignore[no-untyped-def]  # its type says nothing more
    return parse(data.decode("utf-8", "surrogateescape"))


def _lines(data: bytes, instruction: Instruction) -> Span:
    starts = [0, *(m.end() for m in re.finditer(b"\n", data)), len(data)]
    return Span(starts[instruction.first - 1], starts[min(instruction.last, len(starts) - 1)])
