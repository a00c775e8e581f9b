"""Archives too large for memory are unpacked as they pass: what is inside is what is inside of small ones."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import random
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from leaksweep.engine import Engine
from leaksweep.errors import ScanError
from leaksweep.model import WINDOW, Blob, Result, Unopened
from leaksweep.scan import scan
from leaksweep.tally import Tally
from leaksweep.targets.image.changes import Changes
from leaksweep.targets.image.layers import layer
from leaksweep.targets.workspace import Workspace
from leaksweep.unpack import contents as module
from leaksweep.unpack.contents import LEAST, large
from leaksweep.unpack.magic import HELD
from leaksweep.unpack.streams import DamageError
from support.fakes import github
from support.gitscan import POLICY, scan_history
from support.images import tar, zipped
from support.repos import Repo
from unpack.test_contents import COMPRESSIONS, SECRET, read, tarred

NOISE = random.Random(3).randbytes(20_000)
STEPS = (700, 4096, 9000)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is large begins at two kilobytes."""
    monkeypatch.setattr(module, "WINDOW", 2048)


def pieces(data: bytes, step: int) -> Iterator[tuple[int, bytes]]:
    return ((at, data[at : at + step]) for at in range(0, len(data), step))


def passed(data: bytes, step: int) -> tuple[bytes, dict[str, bytes], list[tuple[str, str]]]:
    """The own bytes of a content that came in pieces, every inner one by its path, and the gaps."""
    found: dict[str, bytes] = {}
    gaps = []
    for item in large("x", len(data), pieces(data, step)):
        if isinstance(item, Unopened):
            gaps.append((item.inside, item.why))
            continue
        before = found.get(item.inside, b"")
        assert len(before) == item.offset + item.overlap or item.first
        assert before[item.offset :] == item.data[: item.overlap]
        found[item.inside] = before + item.data[item.overlap :]
    return found.pop(""), found, gaps


INNER = zipped(("config.properties", SECRET), ("noise", NOISE))
LARGE = {
    **{name: pack(SECRET + NOISE) for name, pack in COMPRESSIONS.items()},
    **{mode: tarred(("./a", SECRET), ("n", NOISE), ("/b", b"x"), mode=mode) for mode in ("w", "w:gz", "w:bz2", "w:xz")},
    "zip": zipped(("a", SECRET), ("dir/", b""), ("noise", NOISE), ("b", SECRET)),
    "stored": zipped(("a", SECRET), ("noise", NOISE), ("b", SECRET), method=zipfile.ZIP_STORED),
    "in each other": tarred(("a.zip", INNER), ("b.tar.gz", tarred(("n", NOISE), ("c.jar", INNER), mode="w:gz"))),
    "gzip of gzip": gzip.compress(gzip.compress(NOISE + SECRET)),
    "no name": tarred(("", NOISE), ("n", tarred(("", NOISE)))),
    "no archive": NOISE + SECRET,
    "no gzip": b"\x1f\x8b\x08" + NOISE,
    "no zip": b"PK\x03\x04" + NOISE,
    "torn": tarred(("n", NOISE), ("a", SECRET), mode="w:gz")[:-700],
    "followed": gzip.compress(tarred(("n", NOISE)) + SECRET * 300),
}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", LARGE)
def test_what_is_inside_is_what_is_inside_in_memory(name: str, step: int) -> None:
    data = LARGE[name]
    own, found, gaps = passed(data, step)
    assert own == data
    expected, missing = read(data)
    assert found == expected
    assert gaps == [tuple(gap) for gap in missing]


@pytest.mark.usefixtures("small")
def test_members_of_one_name_are_all_read() -> None:
    data = tarred(("n", NOISE), ("n", NOISE + SECRET), ("n", b"x"))
    begun = [item for item in large("x", len(data), pieces(data, 1000)) if isinstance(item, Blob) and not item.own]
    assert [item.inside for item in begun if item.first] == ["n"] * 3
    assert sum(item.last for item in begun) == 3


class Pipe(io.RawIOBase):
    """Where a zip archive is written that cannot go back: sizes follow the members."""

    def __init__(self) -> None:
        self.made = b""

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        self.made += bytes(data)  # type: ignore[call-overload]
        return len(data)  # type: ignore[arg-type]


@pytest.mark.usefixtures("small")
def test_a_zip_that_was_streamed() -> None:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("noise", NOISE)
        archive.writestr("a", SECRET)
    assert passed(pipe.made, 1000) == (pipe.made, {"noise": NOISE, "a": SECRET}, [])
    stored = Pipe()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a", SECRET)
    assert passed(stored.made * 30, 1000)[1:] == ({}, [("", "is a zip archive without its end")])


@pytest.mark.usefixtures("small")
def test_members_that_cannot_be_read_are_passed_over() -> None:
    made = bytearray(zipped(("a", SECRET), ("b", NOISE), ("c", NOISE), ("d", SECRET)))
    second = made.find(b"PK\x03\x04", 4)
    third = made.find(b"PK\x03\x04", second + 4)
    made[second + 6] |= 1
    made[third + 8] = 9
    _, found, gaps = passed(bytes(made), 1000)
    assert found == {"a": SECRET, "d": SECRET}
    assert gaps == [("c", "is packed by a method that only few programs know"), ("", "is encrypted (1 member)")]


def test_sizes_of_64_bits() -> None:
    extra = struct.pack("<HHHHQQ", 99, 0, 1, 16, len(NOISE), len(NOISE))
    head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 45, 0, 0, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, 1, len(extra))
    made = head + b"n" + extra + NOISE + zipped(("a", SECRET))
    assert passed(made, 1000)[1:] == ({"n": NOISE, "a": SECRET}, [])
    wrong = head.replace(b"\xff" * 8, b"\xfe" + b"\xff" * 7) + b"n" + extra + NOISE
    assert passed(wrong, 1000)[2][0] == ("n", "cannot be unpacked to its end: it ends too early")


def test_a_hole_in_the_header_of_a_member() -> None:
    made = zipped(("a", SECRET), ("n" * 3000, NOISE))
    cut = made.find(b"PK\x03\x04", 4) + 1500
    items = list(large("x", len(made), iter([(0, made[:cut]), (cut + 4096, made[cut:])])))
    assert ("", "is a zip archive without its end") in {item[1:] for item in items if isinstance(item, Unopened)}
    assert ("a", SECRET) in {(item.inside, item.data) for item in items if isinstance(item, Blob)}


def test_holes_end_what_is_packed() -> None:
    data = gzip.compress(tarred(("n", NOISE), ("a", SECRET)))
    holes = [(at + 4096 * (at > 8000), piece) for at, piece in pieces(data, 1000)]
    items = list(large("x", len(data) + 4096, iter(holes)))
    assert ("", "cannot be unpacked to its end: it has holes") in {i[1:] for i in items if isinstance(i, Unopened)}
    own = [item for item in items if isinstance(item, Blob) and item.own]
    assert own[-1].offset + len(own[-1].data) == len(data) + 4096


def test_what_troubles_the_pieces_is_not_taken_for_their_end() -> None:
    def torn() -> Iterator[tuple[int, bytes]]:
        yield from pieces(gzip.compress(tarred(("n", NOISE), ("a", SECRET))), 5000)
        raise DamageError("it is torn outside")

    with pytest.raises(DamageError, match="torn outside"):
        list(large("x", 1, torn()))


def test_bombs_are_bounded() -> None:
    bomb = lzma.compress(bytes(LEAST + (9 << 20)), preset=0)
    tracemalloc.start()
    total, gaps = 0, []
    for item in large("x", len(bomb), pieces(bomb, 4096)):
        if isinstance(item, Unopened):
            gaps.append(item)
        else:
            total += len(item.data) - item.overlap
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [gap.why for gap in gaps] == ["unpacks to more than 64 MiB, the rest of which was not scanned"]
    assert LEAST - WINDOW <= total - len(bomb) <= LEAST
    assert peak < 10 * WINDOW


def test_a_tar_larger_than_any_bound_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST", 1000)
    monkeypatch.setattr(module, "MOST", 1000)
    monkeypatch.setattr(module, "TIMES", 0)
    monkeypatch.setattr(module, "MEMBERS", 2)
    members = [(f"n{number}", NOISE) for number in range(20)]
    assert passed(tarred(*members, ("a", SECRET)), 5000)[1:] == ({**dict(members), "a": SECRET}, [])
    gaps = passed(gzip.compress(tarred(*members)), 5000)[2]
    assert gaps == [("", "unpacks to more than 0 MiB, the rest of which was not scanned")]


@pytest.mark.usefixtures("small")
@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(LARGE)),
    st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 255)), max_size=4),
    st.integers(1, 30_000),
    st.sampled_from(STEPS),
)
def test_damage_never_raises_and_hides_no_own_byte(
    name: str, damage: list[tuple[int, int]], length: int, step: int
) -> None:
    data = bytearray(LARGE[name])
    for at, value in damage:
        data[at % len(data)] = value
    data = data[:length] or data
    assert passed(bytes(data), step)[0] == data


# ---------------------------------------------------------------- in targets


def jar(size: int) -> bytes:
    return zipped(("noise", os.urandom(size)), ("WEB-INF/a.properties", SECRET))


def swept(engine: Engine, folder: Path) -> Result:
    return scan([Workspace(str(folder))], engine, POLICY)


@pytest.mark.parametrize("kind", ["jar", "tar", "tar.gz", "tar.zst"])
def test_a_large_archive_in_a_folder(engine: Engine, tmp_path: Path, kind: str) -> None:
    noise = os.urandom(WINDOW + 5000)
    plain = tarred(("noise", noise), ("a", SECRET), ("in.zip", zipped(("b", SECRET))))
    made = {
        "jar": jar(HELD + 1000),
        "tar": plain,
        "tar.gz": gzip.compress(plain, 1),
        "tar.zst": zstandard.compress(plain),
    }[kind]
    (tmp_path / f"x.{kind}").write_bytes(made)
    result = swept(engine, tmp_path)
    assert result.complete
    (finding,) = result.findings
    inside = ["WEB-INF/a.properties"] if kind == "jar" else ["a", "in.zip!/b"]
    assert [seen.place.label for seen in finding.places] == [f"x.{kind}!/{path}" for path in inside]
    assert [seen.location[:2] for seen in finding.places] == [(3, 7)] * len(inside)
    assert (result.coverage[0].blobs, result.coverage[0].bytes >= len(made)) == (1, True)


def test_a_large_program_with_a_zip_behind_it_is_a_gap(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "run").write_bytes(b"\x7fELF" + os.urandom(WINDOW) + zipped(("a", SECRET)))
    result = swept(engine, tmp_path)
    why = "is a program of more than 8 MiB with a zip archive behind it"
    assert [(skipped.what, skipped.why) for skipped in result.skipped] == [("run", why)]


def test_a_sparse_archive(engine: Engine, tmp_path: Path) -> None:
    made = tarred(("noise", os.urandom(WINDOW + 5000)), ("a", SECRET))
    with (tmp_path / "x.tar").open("wb") as file:
        file.write(made[: WINDOW // 2])
        file.seek(WINDOW * 4)
        file.write(b"T=" + github() + b"\n")
    result = swept(engine, tmp_path)
    assert [seen.place.label for finding in result.findings for seen in finding.places] == ["x.tar"]
    assert result.complete  # all that was there was searched


def test_a_large_archive_in_a_history(engine: Engine, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    made = tarred(("noise", os.urandom(WINDOW + 5000)), ("a", SECRET))
    repo.commit("one", x__tar=made, y__txt=b"nothing\n")
    result = scan_history(repo, engine)
    (finding,) = result.findings
    assert [seen.place.label.partition("@")[0] for seen in finding.places] == ["x.tar!/a"]
    assert result.complete
    sizes = repo.git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectsize)").splitlines()
    assert result.coverage[0].bytes >= sum(int(line.split()[1]) for line in sizes if "tree" not in line)


def test_a_large_archive_in_a_layer(engine: Engine) -> None:
    plain = tarred(("noise", os.urandom(WINDOW + 5000)), ("a", SECRET))
    raw = tar(("srv/x.tgz", gzip.compress(plain, 1)), ("srv/x.tar", plain), ("b", SECRET))
    tally = Tally()
    for batch in layer("x", "x", io.BytesIO(raw), Changes()):
        tally.search(tally.noted(batch), engine)
    assert ["a", "a", ""] == [sighting.inside for sighting in tally.sightings]
    assert 3 == tally.blobs
    with pytest.raises(ScanError, match="ends too early"):
        list(layer("x", "x", io.BytesIO(raw[: len(raw) // 2]), Changes()))


def test_a_layer_that_is_no_tar_is_unpacked(engine: Engine) -> None:
    tally = Tally()
    for batch in layer("x", "x", io.BytesIO(jar(WINDOW + 5000)), Changes()):
        tally.search(tally.noted(batch), engine)
    assert ["WEB-INF/a.properties"] == [sighting.inside for sighting in tally.sightings]
    assert [] == tally.unopened


LONG = 256 << 20


def encrypted() -> bytes:
    """The header of a long member that nobody can read."""
    return struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 1, 0, 0, 0, 0, LONG, LONG, 1, 0) + b"n"


def comments() -> bytes:
    """The header of a long member that is no file."""
    info = tarfile.TarInfo("pax_global_header")
    info.type, info.size = tarfile.XGLTYPE, LONG
    return info.tobuf(tarfile.USTAR_FORMAT)


@pytest.mark.parametrize("head", [encrypted(), comments()])
def test_what_is_passed_over_is_not_held(head: bytes) -> None:
    """Its own bytes are searched, too, so they are given on the way."""

    def zeros() -> Iterator[tuple[int, bytes]]:
        yield 0, head
        for at in range(0, LONG, 1 << 20):
            yield len(head) + at, bytes(1 << 20)

    tracemalloc.start()
    total = sum(len(b.data) - b.overlap for b in large("x", LONG, zeros()) if isinstance(b, Blob) and b.own)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == LONG + len(head)
    assert peak < 5 * WINDOW


@pytest.mark.parametrize("empty", [gzip.compress(b"", mtime=0), struct.pack("<II", 0x184D2A50, 1000) + bytes(1000)])
def test_what_gives_nothing_for_long_is_a_gap(empty: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as gzip members without content, and frames of zstd that are to be skipped."""
    monkeypatch.setattr("leaksweep.unpack.parts.MOST", 4 << 20)
    begin = gzip.compress(SECRET) if empty.startswith(b"\x1f") else zstandard.compress(SECRET)
    piece = empty * ((1 << 20) // len(empty))
    tracemalloc.start()
    chunks = (begin, *[piece] * 64)
    starts = [sum(map(len, chunks[:number])) for number in range(len(chunks))]
    own, gaps, came = 0, [], b""
    for item in large("x", LONG, zip(starts, chunks, strict=True)):
        if isinstance(item, Unopened):
            gaps.append(item.why)
        elif item.own:
            own += len(item.data) - item.overlap
        else:
            came += item.data
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (own, came) == (sum(map(len, chunks)), SECRET)
    assert gaps == ["cannot be unpacked to its end: nothing comes out of 4 MiB"]
    assert peak < 20 << 20


def test_what_comes_out_is_not_held(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        info = tarfile.TarInfo("zeros")
        info.size = 256 << 20
        with (tmp_path / "zeros").open("wb") as file:
            file.truncate(info.size)
        with (tmp_path / "zeros").open("rb") as file:
            archive.addfile(info, file)
    tracemalloc.start()
    total = 0
    for item in large("x", info.size, _file(tmp_path / "x.tar")):
        assert isinstance(item, Blob)
        total += 0 if item.own else len(item.data) - item.overlap
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == info.size
    assert peak < 12 * WINDOW


def _file(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        at = 0
        while piece := file.read(WINDOW):
            yield at, piece
            at += len(piece)
