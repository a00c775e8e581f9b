"""A line of a dotenv file is emptied; what it was called is written down where it may be committed."""

from __future__ import annotations

import re

from leaksweep.fix.spans import Cannot, line_at, newline
from leaksweep.model import Span

_FILE = re.compile(r"(?:^|/)(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env)$")
_EXAMPLE = re.compile(r"(?:example|sample|template|dist)$")
_LINE = re.compile(rb"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=")


def is_dotenv(path: str) -> bool:
    """Whether a file's name says that it holds variables."""
    return bool(_FILE.search(path))


def is_example(path: str) -> bool:
    """Whether such a file shows which variables there are, and no values."""
    return bool(_EXAMPLE.search(path))


def name_at(data: bytes, span: Span) -> str:
    """The variable of a line; empty where it has none."""
    found = _LINE.match(data, line_at(data, span.start).start)
    return found[1].decode() if found and found.end() <= span.start else ""


def change(data: bytes, span: Span) -> bytes:
    """``data`` without the value of the line, or of the lines, that hold the secret.

    Raises:
        Cannot: the line gives no variable a value.
    """
    line = line_at(data, span.start)
    found = _LINE.match(data, line.start)
    if not found or found.end() > span.start:
        if data[line.start : line.end].lstrip()[:1] == b"#":
            return data[: span.start] + data[span.end :]
        raise Cannot("no variable has it as its value: take it out by hand")
    end = line_at(data, span.end - 1).end
    rest = data[span.end : end]
    # What follows the secret in its value (a quote, the rest of a URL) goes too; a comment stays.
    comment = re.search(rb"[ \t]#[^\n\r]*", rest)
    kept = comment[0] if comment else b""
    return data[: found.end()] + kept + (newline(data) if data[end - 1 : end] == b"\n" else b"") + data[end:]


def example(old: bytes, names: list[str]) -> bytes:
    """``.env.example`` with these variables, empty; those that it has are left alone."""
    have = {m[1].decode() for line in old.split(b"\n") if (m := _LINE.match(line))}
    end = newline(old)
    lines = b"".join(name.encode() + b"=" + end for name in dict.fromkeys(names) if name not in have)
    return old + (end if old and lines and not old.endswith(b"\n") else b"") + lines


def ignored(old: bytes, name: str) -> bytes:
    """``.gitignore`` with a dotenv file in it."""
    end = newline(old)
    lines = {line.strip() for line in old.split(b"\n")}
    if lines & {name.encode(), b"/" + name.encode(), b".env*", b"*.env", b"**/" + name.encode()}:
        return old
    return old + (end if old and not old.endswith(b"\n") else b"") + name.encode() + end
