"""What became of a file of a layer in the layers above it."""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaksweep.model import Gone
from leaksweep.targets.image.changes import Changes, gone, inner
from leaksweep.unpack.streams import Buffer
from leaksweep.unpack.tar import Tar
from support.images import link, tar

Members = Sequence[tuple[str, bytes] | tarfile.TarInfo]


def folder(name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = tarfile.DIRTYPE
    return info


def hard(name: str, target: str) -> tarfile.TarInfo:
    return link(name, target, tarfile.LNKTYPE)


def changes(*members: tuple[str, bytes] | tarfile.TarInfo) -> Changes:
    record, archive = Changes(), Tar(Buffer(io.BytesIO(tar(*members))))
    while member := archive.next():
        record.add(member)
    return record


KEY = ("app/key", b"1")
NOTHING: Members = ()
CASES: list[tuple[str, list[Members], Gone | None]] = [
    ("alone", [[KEY]], None),
    ("untouched", [[KEY], [("app/other", b"")], [folder("app"), folder("app/sub")]], None),
    ("written again", [[KEY], NOTHING, [("app/key", b"2")]], Gone("overwritten", 2)),
    ("written again with a dot", [[KEY], [("./app/key", b"2")]], Gone("overwritten", 1)),
    ("now a link", [[KEY], [link("app/key", "/run/secrets/key")]], Gone("overwritten", 1)),
    ("now a folder", [[KEY], [folder("app/key")]], Gone("overwritten", 1)),
    ("deleted", [[KEY], [("app/.wh.key", b"")]], Gone("deleted", 1)),
    ("deleted with its folder", [[KEY], NOTHING, [(".wh.app", b"")]], Gone("deleted", 2)),
    ("its folder is opaque", [[KEY], [folder("app"), ("app/.wh..wh..opq", b"")]], Gone("deleted", 1)),
    ("the root is opaque", [[KEY], [(".wh..wh..opq", b"")]], Gone("deleted", 1)),
    ("its folder is a file now", [[KEY], [("app", b"")]], Gone("deleted", 1)),
    ("opaque and written again", [[KEY], [("app/.wh..wh..opq", b""), ("app/key", b"2")]], Gone("overwritten", 1)),
    ("deleted twice", [[KEY], [("app/.wh.key", b"")], [(".wh.app", b"")]], Gone("deleted", 1)),
    ("a namesake deleted", [[KEY], [(".wh.key", b""), ("app/.wh.keys", b""), ("ap/.wh.key", b"")]], None),
    ("whiteout in its own layer", [[(".wh.app", b""), KEY]], None),
    ("another name stays", [[KEY, hard("h/b", "app/key"), hard("h/c", "app/key")], [(".wh.app", b"")]], None),
    (
        "every name goes",
        [[KEY, hard("h/b", "app/key")], [("app/.wh.key", b"")], [("h/b", b"2")]],
        Gone("overwritten", 2),
    ),
    (
        "a name of a name stays",
        [[KEY, hard("b", "./app/key"), hard("c", "b")], [(".wh.app", b""), (".wh.b", b"")]],
        None,
    ),
]


@pytest.mark.parametrize(("layers", "end"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_end_of_a_file(layers: list[Members], end: Gone | None) -> None:
    assert end == gone("app/key", [changes(*members) for members in layers])


def test_what_people_read() -> None:
    assert Gone("deleted", 4).label == "deleted in layer 4, still downloadable"
    assert Gone("overwritten", 4).label == "overwritten in layer 4"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a/b", "a/b"),
        ("./a/b", "a/b"),
        ("/a/b/", "a/b"),
        ("a//b", "a/b"),
        ("a/./b", "a/b"),
        ("a/../b", "b"),
        ("../a", "a"),
    ],
)
def test_names_are_paths_below_the_root(name: str, path: str) -> None:
    assert path == inner(name)


# Not below "a/b": a layer that puts something there has "a/b" itself as a folder.
NAMES = st.sampled_from(["a", "a/b", "a/c", "a/c/a", "b", "b/a", "c"])
STEPS = st.lists(st.tuples(st.sampled_from(["write", "remove", "empty"]), NAMES), max_size=4)


def under(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{folder}/")


@given(st.lists(STEPS, max_size=4))
@settings(deadline=None)
def test_it_is_what_a_replay_of_all_layers_shows(layers: list[list[tuple[str, str]]]) -> None:
    """A model of the whole file system, layer by layer, agrees on whether the first file is there in the end."""
    records, there = [changes(("a/b", b"1"))], True
    for steps in layers:
        written: list[str] = []
        members: list[tuple[str, bytes]] = []
        for how, path in steps:
            head, name = posixpath.split(path)
            if how == "write" and not any(under(path, other) or under(other, path) for other in written):
                written.append(path)
                members.append((path, b""))
                there = there and not under("a/b", path)
            elif how == "remove":
                members.append((posixpath.join(head, f".wh.{name}"), b""))
                there = there and not under("a/b", path)
            elif how == "empty":
                members.append((f"{path}/.wh..wh..opq", b""))
                there = there and path != "a"
        records.append(changes(*members))
    assert there == (gone("a/b", records) is None)
