"""Layers as streams: compressions, tar formats, large and strange members, and every kind of damage."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import tarfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from leaksweep.errors import ScanError
from leaksweep.model import WINDOW, Blob
from leaksweep.targets.image.changes import Changes
from leaksweep.targets.image.layers import BATCH_BLOBS, BATCH_BYTES, layer
from leaksweep.targets.image.places import InLayer
from leaksweep.unpack.compression import decompressed
from leaksweep.unpack.streams import Buffer, Reader, verified
from support.fakes import github
from support.images import link, pack, tar
from support.require import require_program

KEY = github("layers")


def batches(data: bytes) -> list[list[Blob]]:
    return [*read(io.BytesIO(data))]


def read(raw: Reader) -> Iterator[list[Blob]]:
    """The batches of a layer in which nothing is left unopened."""
    for batch in layer("layer x", "key", raw, Changes()):
        yield [item for item in batch if isinstance(item, Blob)]
        assert len(batch) == sum(isinstance(item, Blob) for item in batch)


def blobs(data: bytes) -> dict[str | None, bytes]:
    """Path -> content, windows joined without their overlap."""
    found: dict[str | None, bytes] = {}
    for blob in (b for batch in batches(data) for b in batch):
        assert isinstance(blob.origin, InLayer)
        known = found.get(blob.origin.path, b"")
        found[blob.origin.path] = known[: blob.offset] + blob.data
    return found


@pytest.mark.parametrize("how", ["raw", "gzip", "zstd"])
def test_a_layer_is_read_whatever_its_compression(how: str) -> None:
    files = {"a": KEY, "dir/b": os.urandom(300_000), "empty": b"", "c": b"x" * 513}
    assert files == blobs(pack(tar(*files.items()), how))


def test_several_gzip_members_and_zeros_after_them_are_one_layer() -> None:
    data = tar(("a", KEY), ("b", b"b" * 5000))
    cut = [gzip.compress(data[i : i + 700]) for i in range(0, len(data), 700)]
    assert {"a": KEY, "b": b"b" * 5000} == blobs(b"".join(cut) + bytes(1000))


def test_several_zstd_frames_and_skippable_ones_are_one_layer() -> None:
    data = tar(("a", KEY), ("b", os.urandom(400_000)))
    skippable = b"\x5a\x2a\x4d\x18" + (7).to_bytes(4, "little") + b"skipped"
    half = len(data) // 2
    checked = zstandard.ZstdCompressor(write_checksum=True, write_content_size=False)
    frames = skippable + zstandard.compress(data[:half]) + skippable + checked.compress(data[half:]) + skippable
    assert KEY == blobs(frames)["a"]


@settings(max_examples=100, deadline=None)
@given(
    parts=st.lists(st.binary(max_size=300).map(lambda b: b * 1000), max_size=6),
    how=st.sampled_from(["gzip", "zstd"]),
    size=st.sampled_from([1000, 4096, 65536, 131072, 1 << 20]),
)
def test_parts_of_any_length_are_read_in_pieces_of_any_length(parts: list[bytes], how: str, size: int) -> None:
    """Also empty ones, and those that end where a piece does."""
    reader = decompressed(Buffer(io.BytesIO(b"".join(pack(part, how) for part in [b"", *parts, b""]))))
    found = b""
    while piece := reader.read(size):
        assert len(piece) <= size
        found += piece
    assert b"".join(parts) == found
    assert b"" == reader.read(size)


@pytest.mark.parametrize("how", ["gzip", "zstd"])
@pytest.mark.parametrize("cut", [1, 4, 9, 2000])
def test_a_torn_compression_is_an_error_that_names_the_layer(how: str, cut: int) -> None:
    data = pack(tar(("a", os.urandom(50_000))), how)
    with pytest.raises(ScanError, match=r"layer x: its .* data ends too early|layer x: it ends too early"):
        batches(data[:-cut])


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_a_corrupt_compression_is_an_error(how: str) -> None:
    good = tar(("a", os.urandom(50_000)))
    checked = zstandard.ZstdCompressor(write_checksum=True)
    data = bytearray(checked.compress(good) if how == "zstd" else gzip.compress(good))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(ScanError, match="layer x: "):
        batches(bytes(data))


@pytest.mark.parametrize("tail", [b"garbage", b"\0\0garbage"])
@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_garbage_after_a_compressed_stream_is_an_error(how: str, tail: bytes) -> None:
    with pytest.raises(ScanError, match=r"is followed by something else|ends too early"):
        batches(pack(tar(("a", KEY)), how) + tail)


@pytest.mark.parametrize("magic", [b"BZh91AY", b"\xfd7zXZ\0", b"\x04\x22\x4d\x18"])
def test_a_compression_that_no_image_has_is_an_error(magic: bytes) -> None:
    with pytest.raises(ScanError, match="compressed with"):
        batches(magic + bytes(1000))


def test_what_follows_the_end_of_the_archive_is_scanned_too() -> None:
    archive, following = tar(("a", b"a")), KEY * 100_000
    source = io.BytesIO(archive + bytes(512 * 9) + following)
    found = [b for batch in read(source) for b in batch]
    assert [InLayer("key", "a"), InLayer("key", None)] == [b.origin for b in found]
    assert found[1].data == following
    assert b"" == source.read()


def test_an_archive_that_ends_on_a_border_without_zeros_is_whole() -> None:
    data = tar(("a", KEY))
    assert {"a": KEY} == blobs(data[:1024])
    assert {"a": KEY} == blobs(data[:1536])
    assert {} == blobs(b"")
    assert {} == blobs(bytes(1024))


@pytest.mark.parametrize("end", [513, 600, 1023, 1025, 1100, 1535])
def test_a_torn_archive_is_an_error(end: int) -> None:
    with pytest.raises(ScanError, match="layer x: it ends too early"):
        batches(tar(("a", KEY), ("b", KEY))[:end])


def test_a_broken_header_in_the_middle_is_an_error_and_not_the_end() -> None:
    """tarfile takes it for the end of the archive, so that everything behind would look clean."""
    data = bytearray(tar(("a", b"a"), ("b", KEY)))
    data[1024 + 10] ^= 1
    with pytest.raises(ScanError, match="damaged header"):
        batches(bytes(data))
    one_zero_block = tar(("a", b"a"))[:1024] + bytes(512) + tar(("b", KEY))
    with pytest.raises(ScanError, match="damaged header"):
        batches(one_zero_block)


def test_a_content_that_is_no_archive_is_scanned_as_one() -> None:
    assert {None: b'{"key": "' + KEY + b'"}'} == blobs(b'{"key": "' + KEY + b'"}')


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_are_read_in_every_format(form: int) -> None:
    name = "/".join(["d" * 30] * 5) + "/" + "f" * 90
    assert {name: KEY} == blobs(tar((name, KEY), form=form))


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["new\nline", "bell\x07", "caf\udce9", "ünï", "../../x", "a/../b", "x " * 99, "-r"])
def test_strange_names_are_kept_as_they_are(name: str, form: int) -> None:
    assert {name: KEY} == blobs(tar((name, KEY), form=form))


def test_the_root_of_the_image_has_one_name() -> None:
    data = tar(("./etc/x", b""), ("/etc/x", b""), ("etc/x", b""), ("//.//etc/x", b""))
    found = [b.origin for batch in batches(data) for b in batch]
    assert found == [InLayer("key", "etc/x", at) for at in (0, 512, 1024, 1536)]


def test_only_members_with_content_are_blobs() -> None:
    hard = link("hard", "a", tarfile.LNKTYPE)
    folder, device, fifo = (tarfile.TarInfo(n) for n in ("dir", "dev", "fifo"))
    folder.type, device.type, fifo.type = tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE
    data = tar(("a", KEY), hard, link("soft", "/etc/passwd"), folder, device, fifo, (".wh.gone", b""), ("z", b"z"))
    assert {"a": KEY, ".wh.gone": b"", "z": b"z"} == blobs(data)


def test_a_type_that_nobody_knows_is_scanned() -> None:
    odd = tarfile.TarInfo("odd")
    odd.type, odd.size = b"Q", len(KEY)
    assert {"odd": KEY, "z": b"z"} == blobs(odd.tobuf() + KEY.ljust(512, b"\0") + tar(("z", b"z")))


def test_a_pax_size_overrules_the_header() -> None:
    record = b"%d size=%d\n" % (len(b"00 size=00\n"), len(KEY))
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, len(record)
    lying = tarfile.TarInfo("big")
    lying.size = 0
    data = header.tobuf() + record.ljust(512, b"\0") + lying.tobuf() + KEY.ljust(512, b"\0") + tar(("z", b"z"))
    assert {"big": KEY, "z": b"z"} == blobs(data)


def test_small_files_are_gathered_and_large_ones_stand_alone() -> None:
    small = [(f"s{i}", b"x" * 100) for i in range(600)]
    large = [(f"l{i}", b"x" * 600_000) for i in range(4)]
    found = batches(tar(*small, *large))
    assert all(len(batch) <= BATCH_BLOBS for batch in found)
    assert all(sum(len(b.data) for b in batch[:-1]) < BATCH_BYTES for batch in found)
    assert 604 == sum(map(len, found))
    assert len(found) < 8


class Zeros(io.RawIOBase):
    """A tar with one huge file of lines, made as it is read."""

    def __init__(self, size: int) -> None:
        info = tarfile.TarInfo("huge")
        info.size = size
        self._parts = self._make(info, size)
        self._left = b""

    def read(self, size: int = -1, /) -> bytes:
        self._left = self._left or next(self._parts, b"")
        data, self._left = self._left[:size], self._left[size:]
        return data

    @staticmethod
    def _make(info: tarfile.TarInfo, size: int) -> Iterator[bytes]:
        yield info.tobuf(tarfile.GNU_FORMAT)
        line = b"0123456789abcde\n" * 65536
        for _ in range(size // len(line) - 1):
            yield line
        yield line[: -len(KEY)] + KEY
        yield bytes(1024)


def test_a_huge_file_is_read_in_windows_and_never_held() -> None:
    size = 256 * 1024 * 1024
    tracemalloc.start()
    last = None
    count = 0
    for batch in read(Zeros(size)):
        count += len(batch)
        last = batch[-1]
        assert len(last.data) <= WINDOW + 65536
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert last is not None
    assert last.last and last.data.endswith(KEY)
    assert size == last.offset + len(last.data)
    assert (last.offset // 16) == last.line
    assert size // WINDOW == count
    assert peak < 10 * WINDOW


@pytest.mark.parametrize("form", ["gnu", "posix"])
@pytest.mark.parametrize("version", ["0.0", "0.1", "1.0"])
def test_sparse_files_are_read_without_their_holes(tmp_path: Path, form: str, version: str) -> None:
    """86 GB of nothing with some keys, by GNU tar in each of its formats."""
    program = require_program("tar")
    with open(tmp_path / "sparse", "wb") as file:
        for i in range(40):  # more segments than one header holds
            file.seek(i << 31)
            file.write(b"%d:" % i + KEY)
        file.truncate(100_000_000_000)
    (tmp_path / "after").write_bytes(b"after")
    data = subprocess.run(
        [program, "-c", "-S", f"--format={form}", f"--sparse-version={version}", "-C", tmp_path, "sparse", "after"],
        check=True,
        capture_output=True,
    ).stdout
    found = [b for batch in batches(data) for b in batch]
    assert {i << 31: b"%d:" % i + KEY for i in range(40)} == {
        b.offset: b.data.rstrip(b"\0") for b in found if b.origin == InLayer("key", "sparse", 0) and b.data.strip(b"\0")
    }
    assert b"after" == found[-1].data


@pytest.mark.parametrize(
    "map_",
    [b"2\n0\n512\n256\n512\n", b"1\n0\n9999\n", b"x\n", b"99999999\n0\n1\n", b"1\n-1\n3\n", b"1\n0\n"],
)
def test_a_lying_sparse_map_is_an_error(map_: bytes) -> None:
    records = b"".join(
        b"%d %s\n" % (len(r) + 4, r) for r in (b"GNU.sparse.major=1", b"GNU.sparse.minor=0", b"GNU.sparse.name=s")
    )
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, len(records)
    info = tarfile.TarInfo("s")
    info.size = 1536
    data = header.tobuf() + records.ljust(512, b"\0") + info.tobuf() + map_.ljust(512, b"\0") + bytes(2048)
    with pytest.raises(ScanError, match="layer x: its tar archive has a"):
        batches(data)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK])
def test_an_extension_header_of_many_gigabytes_is_an_error(kind: bytes) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, 50_000_000_000
    with pytest.raises(ScanError, match="beyond all measure"):
        batches(info.tobuf(tarfile.GNU_FORMAT) + bytes(100_000))


BAD_RECORDS = [b"5 a\n", b"a=b\n", b"99 path=x\n", b"0 a=b\n", b"8 size=x\n", b"11 path=xy", b" =\n"]


@pytest.mark.parametrize("record", BAD_RECORDS)
def test_damaged_pax_records_are_an_error(record: bytes) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, len(record)
    data = header.tobuf() + record.ljust(512, b"\0") + tar(("z", b"z"))
    with pytest.raises(ScanError, match="damaged"):
        batches(data)


def test_a_negative_size_is_an_error() -> None:
    raw = bytearray(tarfile.TarInfo("x").tobuf())
    raw[124:136] = b"\xff" * 12
    raw[148:156] = b"%06o\0 " % (sum(raw[:148]) + sum(raw[156:]) + 256)
    with pytest.raises(ScanError, match="negative size"):
        batches(bytes(raw) + bytes(1024))


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, 4095), byte=st.integers(0, 255), tail=st.binary(max_size=700))
def test_hostile_archives_give_blobs_or_one_clear_error(at: int, byte: int, tail: bytes) -> None:
    data = bytearray(tar(("a" * 150, KEY), ("b", b"b" * 600), form=tarfile.PAX_FORMAT) + tail)
    header = at // 512 * 512
    data[at] = byte
    if byte % 2:  # make the checksum right, so that what is behind it is reached
        raw = data[header : header + 512]
        data[header + 148 : header + 156] = b"%06o\0 " % ((sum(raw[:148]) + sum(raw[156:]) + 256) & 0o777777)
    try:
        batches(bytes(data))
    except ScanError as error:
        assert "\n" not in str(error)


@settings(max_examples=150, deadline=None)
@given(
    files=st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=200).filter(
            lambda n: not n.startswith(("/", "./")) and not n.endswith("/")
        ),
        st.binary(max_size=1500),
        max_size=6,
    ),
    form=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    how=st.sampled_from(["raw", "gzip", "zstd"]),
)
def test_what_tarfile_writes_is_what_is_read(files: dict[str, bytes], form: int, how: str) -> None:
    assert files == blobs(pack(tar(*files.items(), form=form), how))


def test_damage_on_the_way_is_told_as_another_digest() -> None:
    good = gzip.compress(tar(("a", os.urandom(10_000))))
    bad = bytearray(good)
    bad[5000] ^= 1
    with pytest.raises(ScanError, match="layer x: its content does not have the digest"):
        list(layer("layer x", "k", verified(io.BytesIO(bytes(bad)), "sha256:" + "0" * 64, "layer x"), Changes()))


def test_a_bomb_is_unpacked_in_bounded_memory() -> None:
    info = tarfile.TarInfo("bomb")
    info.size = 512 * 1024 * 1024
    for how in ("gzip", "zstd"):
        if how == "zstd":
            packer = zstandard.ZstdCompressor().compressobj()
            parts = [packer.compress(info.tobuf(tarfile.GNU_FORMAT))]
            parts += [packer.compress(bytes(1 << 20)) for _ in range(512)]
            parts += [packer.compress(bytes(1024)), packer.flush()]
            data = b"".join(parts)
        else:
            mib = gzip.compress(bytes(1 << 20))
            data = gzip.compress(info.tobuf(tarfile.GNU_FORMAT)) + mib * 512 + gzip.compress(bytes(1024))
        tracemalloc.start()
        total = sum(len(b.data) for batch in read(io.BytesIO(data)) for b in batch)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert total >= info.size
        assert peak < 10 * WINDOW
