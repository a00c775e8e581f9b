"""An entry of an image's history -> which kind of instruction wrote it, and what it says, whichever builder it was.

BuildKit writes ``RUN |1 A=b /bin/sh -c make # buildkit`` and ``ENV A=b``; the legacy builder and buildah
``|1 A=b /bin/sh -c make`` and ``/bin/sh -c #(nop)  ENV A=b``; kaniko the instruction as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import NamedTuple

from leaksweep.dockerfile.model import History

LENGTH = 16_384  #: characters of an entry, or of an instruction, that are read
_COMPARED = 8_192  #: characters of what they say that are compared
_NOP = re.compile(r"\S+(?: [-/]\S+)* #\(nop\)\s*")
_SHELL = re.compile(
    r"""(?:^|[ ])(?:/\S*/)?
    (?: (?:sh|bash|ash|dash|ksh|zsh)(?:[ ]-\w*o[ ]\w+|[ ]-\w+)*?[ ]-\w*c
      | cmd(?:\.exe)?(?:[ ]/[A-Za-z](?::\w+)?)+
      | (?:powershell|pwsh)(?:\.exe)?(?:[ ]-\w+(?:[ ]\w+)?)*?[ ]-[Cc]ommand
    )[ ]""",
    re.VERBOSE,
)
_ASSIGNED = re.compile(r"(?:^| )([A-Za-z_]\w*)=")
_TOLD = re.compile(r"\|\d+ ")
_HASHED = re.compile(r"((?:--\S+ )*)(?:(file|dir|multi):)?[0-9a-f]{64} in (.*)")
_COPY_FLAG = re.compile(r"(?:--[\w-]+(?:=\S*)? )+")
_TEST = re.compile(r'&\{\[(.*)\] "[^"]*" "')
_MARKS = str.maketrans(dict.fromkeys('[]",\\'))
_PORT_NOISE = re.compile(r"map\[|:\{\}|[\[\]\",]")
_PORTS = 256  #: ports of a range that are told apart


class Made(NamedTuple):
    """What an entry of the history says."""

    kind: str  #: a keyword; empty where none wrote it
    text: str
    arguments: tuple[tuple[str, str], ...] = ()  #: the build's arguments, where it tells them
    target: str = ""  #: where a copy went, if its sources are told as a hash
    sources: str = ""  #: then: ``file``, ``dir`` or ``multi``


def read(entry: History) -> Made:
    """What an entry says; see ``Made``."""
    said = entry.created_by[:LENGTH].strip()
    text = said.removesuffix("# buildkit").strip()
    if nop := _NOP.match(text):
        return _instruction(*_parted(text[nop.end() :]))
    kind, rest = _parted(text)
    if kind == "RUN" or text.startswith("|"):
        return _ran(rest if kind == "RUN" else text)
    if kind in _SHAPES and not _SHELL.match(text):
        return _instruction(kind, rest)
    return _ran(text) if text else Made("", "")


def _parted(text: str) -> tuple[str, str]:
    kind, rest, *_ = [*text.split(None, 1), "", ""]
    return kind.upper(), rest


def _ran(text: str) -> Made:
    if not _TOLD.match(text):
        return Made("RUN", command(text))
    text = text.split(" ", 1)[1]
    if shell := _SHELL.search(text):
        return Made("RUN", collapse(text[shell.end() :]), tuple(_assigned(text[: shell.start()])))
    rest = text
    while _ASSIGNED.match(rest):
        rest = rest.partition(" ")[2]
    return Made("RUN", collapse(rest), tuple(_assigned(text[: len(text) - len(rest)])))


def _instruction(kind: str, text: str) -> Made:
    if kind in {"COPY", "ADD"}:
        if hashed := _HASHED.fullmatch(text.strip()):
            return Made(kind, "", (), collapse(hashed[3]), hashed[2] or "file")
        flags = _COPY_FLAG.match(text)
        return Made(kind, collapse(text[flags.end() :] if flags else text))
    return Made(kind, _SHAPES[kind](text)) if kind in _SHAPES else Made("", "")


def collapse(text: str) -> str:
    """``text`` with single spaces, since builders join lines in their own ways."""
    return " ".join(text[:LENGTH].split())[:_COMPARED].rstrip()


def bare(text: str) -> str:
    """The words of a list without the marks round them, which each builder sets in its own way."""
    return collapse(text[:LENGTH].translate(_MARKS))


def command(text: str) -> str:
    """A command without the shell before it."""
    text = collapse(text)
    shell = _SHELL.match(text)
    return text[shell.end() :] if shell else text


def _assigned(text: str) -> list[tuple[str, str]]:
    """The pairs of ``A=b C=d e``, whose values may have spaces."""
    found = list(_ASSIGNED.finditer(text))
    ends = [at.start() for at in found[1:]]
    return [(at[1], text[at.end() : end].strip()) for at, end in zip_longest(found, ends)]


def ports(text: str) -> str:
    """Ports in one order, each with its protocol; ranges are spelled out."""
    found: list[str] = []
    for port in _PORT_NOISE.sub(" ", text[:LENGTH]).split():
        number, _, protocol = port.partition("/")
        first, _, last = number.partition("-")
        if last.isdecimal() and first.isdecimal() and len(number) < 12 and 0 <= int(last) - int(first) < _PORTS:
            found += [f"{at}/{protocol or 'tcp'}" for at in range(int(first), int(last) + 1)]
        else:
            found.append(f"{number}/{protocol or 'tcp'}")
    return " ".join(sorted(found))


def _started(text: str) -> str:
    return command(bare(text))


def _tested(text: str) -> str:
    test = _TEST.match(text)
    return bare(test[1] if test else text)


_SHAPES: Mapping[str, Callable[[str], str]] = {
    "RUN": command,
    "COPY": collapse,
    "ADD": collapse,
    "ENV": collapse,
    "LABEL": collapse,
    "ARG": collapse,
    "WORKDIR": collapse,
    "CMD": _started,
    "ENTRYPOINT": _started,
    "HEALTHCHECK": _tested,
    "SHELL": bare,
    "VOLUME": bare,
    "EXPOSE": ports,
    "USER": collapse,
    "STOPSIGNAL": collapse,
    "MAINTAINER": collapse,
    "ONBUILD": collapse,
}
