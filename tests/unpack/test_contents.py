from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import os
import random
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from leaksweep.engine import Engine
from leaksweep.model import File, Result, Skipped
from leaksweep.reports import json, sarif, summary
from leaksweep.scan import Policy, scan
from leaksweep.tally import Tally
from leaksweep.targets.image.changes import Changes
from leaksweep.targets.image.layers import layer
from leaksweep.targets.workspace import Workspace
from leaksweep.unpack import contents as module
from leaksweep.unpack.contents import contents
from leaksweep.unpack.magic import Gap
from leaksweep.unpack.parts import Part
from leaksweep.unpack.streams import Pieces
from support.fakes import github
from support.images import zipped

SECRET = b"# one\n# two\ntoken=" + github() + b"\n"


def tarred(*members: tuple[str, bytes], mode: str = "w") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def read(data: bytes) -> tuple[dict[str, bytes], list[Gap]]:
    """Every inner content by its path, and the gaps."""
    found: dict[str, bytes] = {}
    gaps = []
    for item in contents(data):
        if isinstance(item, Gap):
            gaps.append(item)
        else:
            assert len(found.get(item.path, b"")) == item.offset
            found[item.path] = found.get(item.path, b"") + item.data
    return found, gaps


def swept(engine: Engine, folder: Path, **files: bytes) -> Result:
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    return scan([Workspace(str(folder))], engine, Policy(b"k", None, False))


NOISE = random.Random(1).randbytes(5000)
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.compress,
    "two members": lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:]),
    "two bzip2 streams": lambda data: bz2.compress(data[:5]) + bz2.compress(data[5:]),
}


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_compressions(name: str) -> None:
    packed = COMPRESSIONS[name](SECRET)
    assert ({"content": SECRET}, []) == read(packed)
    assert ({"content": SECRET}, []) == read(packed + b"\0" * 20)
    assert ({"content": SECRET}, []) == read(packed + b"something else")


@pytest.mark.parametrize("name", COMPRESSIONS)
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_a_torn_compression_is_a_gap_or_nothing(name: str, data: st.DataObject) -> None:
    packed = COMPRESSIONS[name](NOISE)
    cut = data.draw(st.integers(6, len(packed) - 1))
    found, gaps = read(packed[:cut])
    assert not found or len(gaps) == 1 or name.startswith("two")


def test_what_came_before_the_damage_is_read() -> None:
    noise = os.urandom(100_000)
    found, gaps = read(gzip.compress(SECRET + noise)[:60_000])
    assert found["content"].startswith(SECRET)
    assert ["cannot be unpacked to its end: its gzip data ends too early"] == [gap.why for gap in gaps]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tars(mode: str) -> None:
    made = tarred(("./etc/app.conf", SECRET), ("empty", b""), ("/b", b"x"), mode=mode)
    assert ({"etc/app.conf": SECRET, "b": b"x"}, []) == read(made)


def test_archives_in_archives() -> None:
    inner = zipped(("config.properties", SECRET))
    found, gaps = read(zipped(("lib/t.tar.gz", tarred(("a/b.zip", inner), mode="w:gz")), ("x", b"y")))
    assert [] == gaps
    assert SECRET == found["lib/t.tar.gz!/a/b.zip!/config.properties"]
    assert {"lib/t.tar.gz", "lib/t.tar.gz!/a/b.zip", "lib/t.tar.gz!/a/b.zip!/config.properties", "x"} == set(found)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_methods(method: int) -> None:
    assert ({"a": SECRET, "b": b"x"}, []) == read(zipped(("a", SECRET), ("dir/", b""), ("b", b"x"), method=method))


def test_names_are_kept_as_they_are() -> None:
    names = ("../../etc/passwd", "a\nb", "ä", "x!/y", "::error::z")
    assert set(names) == set(read(zipped(*((name, b"x") for name in names)))[0])
    assert set(names) == set(read(tarred(*((name, b"x") for name in names)))[0])
    odd = tarred(("a\udcffb", b"x"))
    assert {"a\udcffb"} == set(read(odd)[0])


def test_members_of_one_name_are_all_read() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        made = zipped(("a", b"one"), ("a", SECRET))
    assert [b"one", SECRET] == [item.data for item in contents(made) if isinstance(item, Part)]


def test_encrypted_members_are_one_gap() -> None:
    made = bytearray(zipped(("a", b"one"), ("b", SECRET), ("c", SECRET)))
    for sign, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = made.find(sign)
        while (at := made.find(sign, at + 1)) >= 0:
            made[at + flags] |= 1
    found, gaps = read(bytes(made))
    assert {"a": b"one"} == found
    assert [Gap("", "is encrypted (2 members)")] == gaps


def test_a_wrong_checksum_hides_nothing() -> None:
    made = zipped(("a", SECRET))
    crc = zlib.crc32(SECRET).to_bytes(4, "little")
    assert ({"a": SECRET}, []) == read(made.replace(crc, b"\0\1\2\3"))


METHODS = [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("claimed", [0, 5, 1 << 31])
def test_a_size_that_the_directory_claims_hides_nothing(method: int, claimed: int) -> None:
    """The standard library ends a member there, and so was clean what others unpack."""
    data = bytearray(zipped(("a", SECRET), method=method))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = claimed.to_bytes(4, "little")
    assert ({"a": SECRET}, []) == read(bytes(data))


@pytest.mark.parametrize("method", METHODS)
def test_a_packed_size_that_is_too_small_is_a_gap(method: int) -> None:
    data = bytearray(zipped(("a", SECRET * 9), method=method))
    at = data.index(b"PK\x01\x02")
    data[at + 20 : at + 24] = (11).to_bytes(4, "little")
    assert [Gap("a", "cannot be unpacked to its end: its compressed data ends too early")] == read(bytes(data))[1]


def _xz_of(dictionary: int) -> bytes:
    """As ``xz`` writes it for a machine with much memory; the dictionary is given as its header does."""
    data = bytearray(lzma.compress(SECRET))
    size = (data[12] + 1) * 4
    data[16] = dictionary
    data[8 + size : 12 + size] = zlib.crc32(data[12 : 8 + size]).to_bytes(4, "little")
    return bytes(data)


def test_what_needs_too_much_memory_is_a_gap() -> None:
    """It was clean: no byte came, as from what only looks like an archive."""
    assert {"content": SECRET} == read(_xz_of(20))[0]
    for dictionary in (37, 40):  # 1.5 and 4 GiB
        assert ({}, [Gap("", "needs more than 128 MiB of memory to be unpacked")]) == read(_xz_of(dictionary))
    wide = zstandard.ZstdCompressionParameters.from_level(1, window_log=30)
    data = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    why = "cannot be unpacked to its end: its zstd data needs more than 128 MiB of memory"
    assert ({}, [Gap("", why)]) == read(data.compress(SECRET) + data.flush())


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_what_is_compressed_and_gives_no_byte_is_a_gap(pack: Callable[[bytes], bytes]) -> None:
    data = pack(random.Random(1).randbytes(200))
    assert ({}, []) != read(data[:40])
    assert 1 == len(read(data[:40])[1])


def test_a_dictionary_that_is_not_there_is_a_gap() -> None:
    words = zstandard.ZstdCompressionDict(b"token password secret " * 40)
    data = zstandard.ZstdCompressor(dict_data=words).compress(SECRET * 3)
    assert 1 == len(read(data)[1])


def test_a_method_that_is_not_known_is_a_gap() -> None:
    made = bytearray(zipped(("a", SECRET)))
    made[8:10] = b"\x0c\x7f"
    at = made.find(b"PK\x01\x02")
    made[at + 10 : at + 12] = b"\x09\x00"
    assert ({}, [Gap("a", "is packed by a method that only few programs know")]) == read(bytes(made))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_without_its_end_is_read_by_its_members(method: int) -> None:
    made = zipped(("a", SECRET), ("b", b"x" * 50), method=method)
    directory = made.find(b"PK\x01\x02")
    assert ({"a": SECRET, "b": b"x" * 50}, []) == read(made[: directory + 8])
    found, gaps = read(made[: made.find(b"PK\x03\x04", 4) + 9])
    assert ({"a": SECRET}, [Gap("", "is a zip archive without its end")]) == (found, gaps)


def test_a_streamed_zip_without_its_end_is_read_by_its_members() -> None:
    class Pipe(io.RawIOBase):
        made = b""

        def writable(self) -> bool:
            return True

        def write(self, data: object, /) -> int:
            self.made += bytes(data)  # type: ignore[call-overload]
            return len(bytes(data))  # type: ignore[call-overload]

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", SECRET)
        archive.writestr("b", b"y" * 50)
    assert {"a": SECRET, "b": b"y" * 50} == read(pipe.made)[0]
    assert {"a": SECRET, "b": b"y" * 50} == read(pipe.made[: pipe.made.find(b"PK\x01\x02") + 5])[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"PK\x03\x04 is how a zip begins, says this text, which is long enough to hold a header",
        b"\x1f\x8b\x08 and more",
        b"BZh is not a bzip2 header",
        b"\xfd7zXZ\0 is not an xz header",
        b"\x28\xb5\x2f\xfdhere a bit is set that must not be",
        b"\0" * 2048,
    ],
)
def test_what_only_looks_like_an_archive_is_no_gap(data: bytes) -> None:
    assert ({}, []) == read(data)


def test_a_tar_that_claims_too_much_ends_quickly() -> None:
    info = tarfile.TarInfo("16gig.txt")
    info.size = 1 << 34
    start = time.monotonic()
    found, gaps = read(info.tobuf() + SECRET.ljust(1024, b"\0"))
    assert [] == gaps  # nothing of it is packed: its own bytes are scanned
    assert found["16gig.txt"].startswith(SECRET)
    assert time.monotonic() - start < 5


def test_after_damage_the_rest_of_a_compressed_tar_is_read_as_it_is() -> None:
    made = bytearray(tarred(("a", b"x" * 600), ("b", SECRET)))
    made[1536 + 148] ^= 0xFF
    found, gaps = read(gzip.compress(bytes(made)))
    assert [] == gaps
    assert any(SECRET in data for data in found.values())


@pytest.mark.parametrize("second", [SECRET.ljust(512, b"x"), SECRET.ljust(512, b"\0")], ids=["text", "zeros"])
def test_a_block_that_is_no_header_is_read_too(second: bytes) -> None:
    found, gaps = read(gzip.compress(tarfile.TarInfo("a").tobuf() + second))
    assert [] == gaps
    assert any(SECRET in data for data in found.values())


def test_what_sums_up_to_minus_one_is_no_header() -> None:
    """The sum of signed bytes was compared with the -1 that stood for a checksum that is none."""
    head = SECRET.ljust(300, b"\0")
    missing = -1 - 256 - sum(head)
    data = head + b"\xff" * (-missing % 128) + b"\x80" * (-missing // 128)
    found, gaps = read(gzip.compress(data.ljust(600, b"\0")))
    assert [] == gaps
    assert any(SECRET in data for data in found.values())


def test_what_follows_the_end_of_a_compressed_tar_is_read_too() -> None:
    found, gaps = read(gzip.compress(tarred(("a", b"x")) + tarred(("b", SECRET))))
    assert [] == gaps
    assert any(SECRET in data and "b" in path for path, data in found.items())


def test_a_bomb_ends_at_its_bound() -> None:
    bomb = gzip.compress(bytes(300 << 20), 1)
    tracemalloc.start()
    _, gaps = read_sizes(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 1 == len(gaps)
    assert "the rest of which was not scanned" in gaps[0].why
    assert peak < 100 << 20


def read_sizes(data: bytes) -> tuple[int, list[Gap]]:
    total, gaps = 0, []
    for item in contents(data):
        if isinstance(item, Gap):
            gaps.append(item)
        else:
            total += len(item.data)
    return total, gaps


def test_overlapping_members_share_one_bound() -> None:
    """All entries of the central directory point to the same data."""
    made = zipped(("a", bytes(8 << 20)))
    at, end = made.find(b"PK\x01\x02"), made.find(b"PK\x05\x06")
    entry, count = made[at:end], 500
    tail = made[end : end + 8] + count.to_bytes(2, "little") * 2 + (len(entry) * count).to_bytes(4, "little")
    total, gaps = read_sizes(made[:at] + entry * count + tail + made[end + 16 :])
    assert total <= module.LEAST
    assert gaps


def test_bombs_in_layers_share_one_bound() -> None:
    inner = zipped(("a", bytes(20 << 20)))
    middle = zipped(*((f"{i}.zip", inner) for i in range(20)))
    total, gaps = read_sizes(zipped(*((f"{i}.zip", middle) for i in range(20))))
    assert total <= module.LEAST + (1 << 20)
    assert gaps


def test_many_members_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEMBERS", 5)
    many = [(str(i), b"x") for i in range(9)]
    for made in (zipped(*many), tarred(*many)):
        found, gaps = read(made)
        assert len(found) <= 5
        assert ["more than 5 members" in gap.why for gap in gaps] == [True]


def test_depth_is_bounded() -> None:
    data = SECRET
    for _ in range(module.DEPTH):
        data = gzip.compress(data)
    assert [] == read(data)[1]
    found, gaps = read(gzip.compress(data))
    assert SECRET not in found.values()
    assert [True] == ["deep" in gap.why for gap in gaps]


def test_a_quine_ends() -> None:
    """Russ Cox's gzip that unpacks to itself is stood for by its effect: an archive that always holds another one."""
    data = zipped(("r/r.zip", b"x"))
    for _ in range(40):
        data = zipped(("r/r.zip", data))
    assert 1 == len(read(data)[1])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([*sorted(COMPRESSIONS), "zip", "tar"]), st.lists(st.tuples(st.integers(0), st.integers(0, 255))))
def test_damage_never_raises(name: str, damage: list[tuple[int, int]]) -> None:
    inner = zipped(("b", SECRET))
    packed = COMPRESSIONS[name](inner) if name in COMPRESSIONS else (zipped if name == "zip" else tarred)(("a", inner))
    data = bytearray(packed)
    for where, value in damage:
        data[where % len(data)] = value
    assert list(contents(bytes(data))) == list(contents(bytes(data)))


# ---------------------------------------------------------------- through the whole pipeline


def test_the_place_names_the_path_inside(engine: Engine, tmp_path: Path) -> None:
    result = swept(engine, tmp_path, app__jar=zipped(("config.properties", SECRET)))
    (finding,) = result.findings
    assert File("app.jar", "config.properties") == finding.best.place
    assert "app.jar!/config.properties" == finding.best.place.label
    assert ("app.jar", 3, 7, "") == (finding.best.place.uri, *finding.best.location[:2], finding.best.line_hash)
    assert b"app.jar!/config.properties:3:7" in summary.render(result)
    assert b'"inside": "config.properties"' in json.render(result)
    assert b'"name": "config.properties:3"' in sarif.render(result)
    assert b'"startLine": 3' not in sarif.render(result)


@pytest.mark.parametrize("name", ["word/document.xml", "pkg/__init__.py", "../x", "a\n::error::b"])
def test_office_files_and_wheels_are_zips(engine: Engine, tmp_path: Path, name: str) -> None:
    (finding,) = swept(engine, tmp_path, x=zipped((name, b"<w:t>" + github() + b"</w:t>"))).findings
    assert name == finding.best.place.inside
    assert "\n" not in finding.best.place.label


def test_plain_encoded_and_packed_are_one_finding(engine: Engine, tmp_path: Path) -> None:
    files = {"a__env": SECRET, "b__zip": zipped(("x", SECRET)), "c__gz": gzip.compress(base64.b64encode(SECRET))}
    (finding,) = swept(engine, tmp_path, **files).findings
    assert ["a.env", "b.zip!/x", "c.gz!/content"] == [seen.place.label for seen in finding.places]


def test_what_is_packed_without_compression_has_one_place(engine: Engine, tmp_path: Path) -> None:
    (finding,) = swept(engine, tmp_path, x__tar=tarred(("etc/y", SECRET))).findings
    assert ["x.tar!/etc/y"] == [seen.place.label for seen in finding.places]


def test_what_is_packed_without_compression_in_each_other_has_one_place(engine: Engine, tmp_path: Path) -> None:
    inner = tarred(("b.tar", tarred(("c", SECRET))), ("d", SECRET))
    (finding,) = swept(engine, tmp_path, x__tar=tarred(("a.tar", inner))).findings
    assert ["x.tar!/a.tar!/b.tar!/c", "x.tar!/a.tar!/d"] == [seen.place.label for seen in finding.places]


def test_a_gap_inside_makes_the_scan_incomplete(engine: Engine, tmp_path: Path) -> None:
    torn = gzip.compress(os.urandom(9000))[:5000]
    result = swept(engine, tmp_path, x__zip=zipped(("a.gz", torn)))
    assert (Skipped("x.zip!/a.gz", "cannot be unpacked to its end: its gzip data ends too early"),) == result.skipped
    assert not result.complete


def test_large_inner_contents_are_read_in_windows(engine: Engine, tmp_path: Path) -> None:
    line = b"#" * 63 + b"\n"
    large = line * (1 << 18) + b"T=" + github() + b"\n" + line * 10
    (finding,) = swept(engine, tmp_path, x__gz=gzip.compress(large, 1)).findings
    assert ((1 << 18) + 1, 3) == finding.best.location[:2]


def test_a_large_archive_is_unpacked(engine: Engine, tmp_path: Path) -> None:
    made = zipped(("noise", os.urandom(9 << 20)), ("a", SECRET))
    (finding,) = swept(engine, tmp_path, x__jar=made).findings
    assert "x.jar!/a" == finding.best.place.label


SHEBANG = b"#!/bin/sh\nexec java -jar $0\n"


@pytest.mark.parametrize("head", [SHEBANG, b"\x7fELF" + bytes(3000)])
def test_a_zip_behind_a_program_is_read(engine: Engine, tmp_path: Path, head: bytes) -> None:
    """Such are pyz, pex, jars that can be executed, and what unpacks itself."""
    program = head + zipped(("a", SECRET))
    assert ({"a": SECRET}, []) == read(program)
    inner = read(zipped(("bin/x.pyz", program)))[0]
    assert {"bin/x.pyz": program, "bin/x.pyz!/a": SECRET} == inner
    (finding,) = swept(engine, tmp_path, x__pyz=program).findings
    assert "x.pyz!/a" == finding.best.place.label
    assert ({}, []) == read(head + b"PK\5\6" + bytes(18))
    assert ({}, []) == read(b"PK\5\6" + bytes(18))


def test_a_large_jar_that_can_be_executed_is_unpacked(engine: Engine, tmp_path: Path) -> None:
    (finding,) = swept(
        engine, tmp_path, x__jar=SHEBANG + zipped(("noise", os.urandom(9 << 20)), ("a", SECRET))
    ).findings
    assert "x.jar!/a" == finding.best.place.label


def test_an_archive_in_a_layer(engine: Engine, tmp_path: Path) -> None:

    large = zipped(("noise", os.urandom(9 << 20)), ("WEB-INF/a.properties", SECRET))
    raw = tarred(("srv/app.war", large), ("srv/app.jar", SHEBANG + large), ("srv/b.zip", zipped(("b", SECRET))))
    tally = Tally()
    for batch in layer("x", "x", Pieces(iter([raw])), Changes()):
        tally.search(tally.noted(batch), engine)
    assert ["WEB-INF/a.properties", "WEB-INF/a.properties", "b"] == [sighting.inside for sighting in tally.sightings]
