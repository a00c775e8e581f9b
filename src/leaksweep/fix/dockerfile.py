"""A value of ``ENV`` or ``ARG`` becomes a secret mount of the commands that use it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from leaksweep.dockerfile.model import Dockerfile, Instruction, instruction_at
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
    users = [i for i in _later(data, instruction) if re.search(rf"\$(?:{name}\b|\{{{name}\b)", i.text)]
    # Where no command names it, each may use it all the same: programs read their environment.
    mounted = [_mounted(data, user, name) for user in users]
    if not users:
        others = (i for i in _later(data, instruction) if i.keyword == "RUN")
        mounted = [_mounted(data, other, name, if_there=True) for other in others]
    return edited(data, [_without(data, instruction, pair), *mounted])


def _later(data: bytes, instruction: Instruction) -> list[Instruction]:
    """What sees a variable of this instruction: the rest of its stage; of ``ENV``, stages that begin with it too."""
    stages = _parsed(data).stages
    if instruction.stage < 0:
        raise Cannot("it stands before the first stage: take it out by hand")
    seen, heirs = [i for i in stages[instruction.stage].instructions if i.first > instruction.last], {instruction.stage}
    for number, stage in enumerate(stages):
        above = next((n for n in heirs if stage.image.lower() in (stages[n].name, str(n)) and n < number), None)
        if instruction.keyword == "ENV" and above is not None:
            heirs.add(number)
            seen += stage.instructions[1:]
    return seen


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


def _mounted(data: bytes, user: Instruction, name: str, *, if_there: bool = False) -> Edit:
    lines = _lines(data, user)
    begin = re.compile(rb"[ \t]*RUN[ \t]+((?:--\S+[ \t]+)*)", re.IGNORECASE).match(data, lines.start)
    if begin is None or user.heredocs or user.text.lstrip().startswith("["):
        raise Cannot(f"line {user.first} uses ${name} in a way that takes no mount: change it by hand")
    secret = name.lower().replace("_", "-")
    give = f'export {name}="$(cat /run/secrets/{secret})"'
    if if_there:
        give = f"if [ -e /run/secrets/{secret} ]; then {give}; fi"
    mount = f"--mount=type=secret,id={secret} {give} && "
    return Edit(Span(begin.end(), begin.end()), mount.encode())


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


def _parsed(data: bytes) -> Dockerfile:
    return parse(data.decode("utf-8", "surrogateescape"))


def _lines(data: bytes, instruction: Instruction) -> Span:
    starts = [0, *(m.end() for m in re.finditer(b"\n", data)), len(data)]
    return Span(starts[instruction.first - 1], starts[min(instruction.last, len(starts) - 1)])
