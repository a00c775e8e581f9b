"""What a builder writes into the history for each instruction, told from the Dockerfile: the expected texts.

There are several builders, so each instruction has several texts, the likeliest first; ``history.py`` brings what was
written into the same shape.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from leaksweep.dockerfile.history import LENGTH, bare, collapse, command, ports
from leaksweep.dockerfile.model import Dockerfile, Instruction
from leaksweep.dockerfile.words import UNKNOWN, exec_form, expand, pairs, words

_ROOM = 4_000_000  #: characters that all expanded texts of a Dockerfile may have, since variables can double each other

_NAMES = 64


class Form(NamedTuple):
    """An instruction and what its entry in the history may say."""

    instruction: Instruction
    texts: tuple[str, ...]
    names: tuple[str, ...] = ()  #: of the variables or labels that it sets, up to ``_NAMES``
    targets: tuple[str, ...] = ()  #: where a copy goes, for histories that do not tell its sources
    several: bool = False  #: it copies more than one source


class Scope:
    """What the instructions before have set: variables, shell and folder. ``given`` are arguments of the build."""

    def __init__(self, dockerfile: Dockerfile, given: Mapping[str, str]) -> None:
        self.escape = dockerfile.escape
        self.given = given
        self.values: dict[str, str] = {}
        self.shell = "/bin/sh -c"
        self.folder = UNKNOWN
        self.room = _ROOM
        self.defaults: dict[str, str] = {}
        for instruction in dockerfile.arguments:
            if instruction.keyword == "ARG":
                self.defaults |= self.defined(instruction, self.defaults | dict(given))

    def expand(self, text: str) -> str:
        """``text`` as the builder reads it here."""
        return self._expand(text, self.values)

    def _expand(self, text: str, values: Mapping[str, str]) -> str:
        if self.room < 0:
            return UNKNOWN
        found = expand(text[:LENGTH], values, self.escape)
        self.room -= len(found)
        return found

    def defined(self, instruction: Instruction, values: Mapping[str, str]) -> dict[str, str]:
        """The arguments that an ``ARG`` defines, as far as their values are known."""
        found: dict[str, str] = {}
        for word in words(instruction.text, self.escape):
            name, equals, default = word.partition("=")
            if name in self.given:
                found[name] = self.given[name]
            elif equals:
                found[name] = self._expand(default, values)
            elif name in self.defaults:
                found[name] = self.defaults[name]
        return found


def expected(instructions: Iterable[Instruction], scope: Scope) -> list[Form]:
    """A form for each instruction that can leave an entry in the history; ``scope`` is changed by what they set."""
    return [_FORMS[found.keyword](_cut(found), scope) for found in instructions if found.keyword in _FORMS]


def _cut(instruction: Instruction) -> Instruction:
    return instruction._replace(text=instruction.text[:LENGTH].replace(UNKNOWN, " "))


def leaves_entry(instruction: Instruction) -> bool:
    """Whether every builder writes an entry for it."""
    return instruction.keyword in _FORMS and instruction.keyword != "ONBUILD"  # BuildKit writes none for a trigger


def _run(instruction: Instruction, scope: Scope) -> Form:
    text = instruction.text
    if given := exec_form(text):
        return Form(instruction, (command(" ".join(given)), collapse(" ".join(given)), collapse(text)))
    if instruction.heredocs:
        below = "".join(f"{doc.body}{doc.name}\n" for doc in instruction.heredocs)
        return Form(instruction, (collapse(instruction.heredocs[0].body), collapse(f"{text}\n{below}"), collapse(text)))
    return Form(instruction, (collapse(text), collapse(f"{scope.shell} {text}")))


def _copy(instruction: Instruction, scope: Scope) -> Form:
    given = exec_form(instruction.text)
    raw = list(given or instruction.text.split())
    seen = [scope.expand(word) for word in raw]
    targets = _texts(*seen[-1:], *raw[-1:])
    return Form(instruction, _texts(" ".join(seen), " ".join(raw)), (), targets, len(raw) > 2)


def _set(instruction: Instruction, scope: Scope) -> Form:
    found = pairs(instruction.text, scope.escape)
    seen = [(scope.expand(name), scope.expand(value)) for name, value in found]
    if instruction.keyword == "ENV":
        scope.values |= dict(seen)
    text = " ".join(f"{name}={value}" for name, value in seen)
    return Form(instruction, _texts(text, instruction.text), tuple(collapse(name) for name, _ in seen[:_NAMES]))


def _arg(instruction: Instruction, scope: Scope) -> Form:
    parts = [word.partition("=") for word in words(instruction.text, scope.escape)]
    text = " ".join(name + equals + scope.expand(value) for name, equals, value in parts)
    scope.values |= scope.defined(instruction, scope.values)
    set_now = " ".join(f"{name}={scope.values[name]}" if name in scope.values else name for name, _, _ in parts)
    return Form(instruction, _texts(text, set_now, instruction.text), tuple(name for name, _, _ in parts[:_NAMES]))


def _folder(instruction: Instruction, scope: Scope) -> Form:
    path = scope.expand(instruction.text)
    if not path.startswith("/") and not path.startswith(UNKNOWN):
        path = posixpath.join(scope.folder, path)
    path = posixpath.normpath(path)[:LENGTH]
    scope.folder = path
    return Form(instruction, _texts(path, instruction.text))


def _started(instruction: Instruction, scope: Scope) -> Form:
    given = exec_form(instruction.text)
    text = " ".join(given) if given is not None else f"{scope.shell} {instruction.text}"
    return Form(instruction, (command(bare(text)), bare(instruction.text)))


def _health(instruction: Instruction, _scope: Scope) -> Form:
    kind, _, rest = instruction.text.partition(" ")
    given = exec_form(rest.strip())
    text = " ".join(("CMD", *given)) if given is not None else f"CMD-SHELL {rest}"
    flags = "".join(f"--{name}={value} " for name, value in instruction.flags)
    text = "NONE" if kind.upper() == "NONE" else text
    return Form(instruction, (bare(text), bare(flags + instruction.text)))


def _shell(instruction: Instruction, scope: Scope) -> Form:
    given = exec_form(instruction.text)
    scope.shell = " ".join(given or ())[:LENGTH] or scope.shell
    return Form(instruction, (bare(scope.shell), bare(instruction.text)))


def _volumes(instruction: Instruction, scope: Scope) -> Form:
    given = exec_form(instruction.text)
    text = " ".join(scope.expand(word) for word in given or instruction.text.split())
    return Form(instruction, (bare(text), bare(instruction.text)))


def _ports(instruction: Instruction, scope: Scope) -> Form:
    return Form(instruction, (ports(scope.expand(instruction.text)), ports(instruction.text)))


def _plain(instruction: Instruction, scope: Scope) -> Form:
    return Form(instruction, _texts(scope.expand(instruction.text), instruction.text))


def _verbatim(instruction: Instruction, _scope: Scope) -> Form:
    return Form(instruction, (collapse(instruction.text),))


def _texts(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(collapse(text) for text in texts))


_FORMS: Mapping[str, Callable[[Instruction, Scope], Form]] = {
    "RUN": _run,
    "COPY": _copy,
    "ADD": _copy,
    "ENV": _set,
    "LABEL": _set,
    "ARG": _arg,
    "WORKDIR": _folder,
    "CMD": _started,
    "ENTRYPOINT": _started,
    "HEALTHCHECK": _health,
    "SHELL": _shell,
    "VOLUME": _volumes,
    "EXPOSE": _ports,
    "USER": _plain,
    "STOPSIGNAL": _plain,
    "MAINTAINER": _plain,
    "ONBUILD": _verbatim,
}
