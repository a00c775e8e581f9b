"""Layers replayed: what became of each file of the lowest layer, against a file system that is really kept.

Each two bytes of the input are one member: the first says what it is, the second which path, and what a link is to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from leaksweep.model import Gone
from leaksweep.targets.image.changes import FOLDER, HARD_LINK, Changes, gone
from leaksweep.unpack.tar import Member

PATHS = ("a", "b", "d", "d/a", "d/b", "d/d", "d/d/a", "d/d/b")
LENGTH = 128
FILE, DIRECTORY, WHITEOUT, OPAQUE, LINK, NEXT = range(6)


class Op(NamedTuple):
    """A member of a layer."""

    kind: int
    path: str
    other: str  #: what a link is one to


def run(data: bytes) -> None:
    """Build layers, and ask for each file of the first."""
    layers = list(_layers(data))
    if not layers or not (names := _first(layers[0])):
        return
    records = [_record(layer) for layer in layers]
    for path in {op.path for op in layers[0] if op.kind == FILE}:  # links have no content of their own
        expected = _fate(names, path, layers)
        assert gone(path, records) == expected, (layers, path, gone(path, records), expected)


def _layers(data: bytes) -> Iterator[list[Op]]:
    layer: list[Op] = []
    for what, paths in zip(data[::2], data[1::2], strict=False):
        kind, path, other = what % 6, PATHS[paths & 7], PATHS[paths >> 3 & 7]
        if kind == NEXT:
            yield layer
            layer = []
        else:
            layer.append(Op(kind, path, other))
    yield layer


def _first(layer: list[Op]) -> dict[str, int]:
    """The files of the lowest layer: names -> content. An input in which it contradicts itself is left alone."""
    content: dict[str, int] = {}
    folders: set[str] = set()
    for number, (kind, path, other) in enumerate(layer):
        if kind in (WHITEOUT, OPAQUE) or path in content or path in folders:
            return {}
        if any(above in content for above in _above(path)):
            return {}
        folders.update(_above(path))
        if kind == LINK:
            if other not in content:
                return {}
            content[path] = content[other]
        elif kind == DIRECTORY:
            folders.add(path)
        else:
            content[path] = number
    return content


def _record(layer: list[Op]) -> Changes:
    changes = Changes()
    for kind, path, other in layer:
        changes.add(_member(kind, path, other))
    return changes


def _member(kind: int, path: str, other: str) -> Member:
    folder, _, name = path.rpartition("/")
    if kind == WHITEOUT:
        return Member(f"./{folder}/.wh.{name}", "0", 0)
    if kind == OPAQUE:
        return Member(f"{path}/.wh..wh..opq", "0", 0)
    if kind == LINK:
        return Member(f"/{path}", HARD_LINK, 0, other)
    return Member(f"{path}/" if kind == DIRECTORY else f"./{path}", FOLDER if kind == DIRECTORY else "0", 1)


def _fate(names: dict[str, int], path: str, layers: list[list[Op]]) -> Gone | None:
    """When the last name of a file's content ends, and how."""
    ends = [_end(name, layers) for name, content in names.items() if content == names[path]]
    whole = [end for end in ends if end]
    if len(whole) < len(ends):
        return None
    return max(whole, key=lambda end: (end.layer, end.how))


def _end(path: str, layers: list[list[Op]]) -> Gone | None:
    for number, layer in enumerate(layers):
        if number and (how := _ended(path, layer)):
            return Gone(how, number)
    return None


def _ended(path: str, layer: list[Op]) -> str:
    """What one layer does to a file below it: it is there again, or it, or a folder that it lies in, is not."""
    if any(op.kind in (FILE, DIRECTORY, LINK) and op.path == path for op in layer):
        return "overwritten"
    gone_ = {op.path for op in layer if op.kind == WHITEOUT} & {path, *_above(path)}
    emptied = {op.path for op in layer if op.kind == OPAQUE} & set(_above(path))
    covered = {op.path for op in layer if op.kind in (FILE, LINK)} & set(_above(path))
    return "deleted" if gone_ or emptied or covered else ""


def _above(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
