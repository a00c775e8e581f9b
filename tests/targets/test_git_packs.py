"""What is read from packs without git is what git reads; what is not as git writes it is left to git."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.targets.git.deltas import made, parts
from leaksweep.targets.git.objects import message
from leaksweep.targets.git.packs import BLOB, Store, store
from leaksweep.targets.git.versions import HELD, LARGEST, Families, Version
from support.repos import Repo

AROUND = 20
FORMS = {
    "deltas": (),
    "deep": ("-c", "pack.depth=200", "-c", "pack.window=250"),
    "reference": ("-c", "repack.useDeltaBaseOffset=false"),
    "no-deltas": ("-c", "pack.depth=0"),
}


def history_of(folder: Path, *options: str) -> Repo:
    """Forty versions of two files, a tag with a text, a large file, an empty one."""
    repo, random = Repo(folder, *options), Random(5)
    lines = [f"line {number} {random.random()}\n".encode() for number in range(200)]
    for number in range(40):
        at = random.randrange(len(lines))
        lines[at : at + random.randrange(3)] = [f"new {number}\n".encode()] * random.randrange(3)
        repo.commit(f"change {number}\n\nwhy", a__txt=b"".join(lines), b__txt=b"".join(lines[:90]), empty=b"")
    repo.commit("large", large__bin=random.randbytes(LARGEST + 1))
    repo.git("tag", "-a", "v1", "-m", "a tag")
    return repo


def opened(repo: Repo, width: int = 20) -> Store:
    there = store(os.path.join(repo.folder, ".git", "objects"), width)
    assert there is not None
    return there


def versions(there: Store) -> Iterator[tuple[str, Version]]:
    for pack in there.packs:
        families = Families(pack, AROUND)
        for version in families.of(families.roots):
            yield pack.name(version.number).hex(), version


def said(repo: Repo, name: str, kind: str) -> bytes:
    return repo.git("cat-file", kind, name).encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("hashed", ["sha1", "sha256"])
def test_contents_are_those_that_git_reads(tmp_path: Path, form: str, hashed: str) -> None:
    repo = history_of(tmp_path / "repo", f"--object-format={hashed}")
    repo.git(*FORMS[form], "repack", "-adfq")
    repo.git("prune-packed")
    lines = repo.git("cat-file", "--batch-all-objects", "--batch-check").splitlines()
    listed = {line.split()[0]: line.split()[1:] for line in lines}
    there = opened(repo, len(next(iter(listed))) // 2)
    read = dict(versions(there))
    for name, version in read.items():
        kind, size = listed[name]
        assert version.size == int(size)
        content = said(repo, name, kind)
        assert version.text.rstrip(b"\n") == (content if version.kind == BLOB else message(content))
    wanted = {name for name, (kind, size) in listed.items() if kind != "tree" and int(size) <= LARGEST}
    assert (wanted == set(read)) == (form != "reference")  # whose deltas only git resolves
    others = {pack.name(i).hex() for pack in there.packs for i in Families(pack, AROUND).members()} - set(read)
    assert wanted - set(read) <= others
    assert any(version.base >= 0 for version in read.values()) == (form in ("deltas", "deep"))
    there.close()


def test_loose_objects_and_several_packs(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    for number in range(3):
        repo.commit(f"c{number}", a__txt=b"%d\n" % number * 100)
        repo.git("repack", "-dq")
    repo.commit("loose", b__txt=b"loose\n")
    there = opened(repo)
    assert len(there.packs) == 3
    assert bytes.fromhex(repo.git("rev-parse", "HEAD:b.txt")) in there.loose
    assert bytes.fromhex(repo.git("rev-parse", "HEAD~1")) not in there.loose


def test_what_shares_objects_with_another_is_left_to_git(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit("c", a__txt=b"a\n")
    shared = repo.clone(tmp_path / "shared")
    assert store(os.path.join(shared.folder, ".git", "objects"), 20) is not None
    Repo(tmp_path, init=False).git("clone", "--quiet", "--shared", "repo", "borrows")
    assert store(os.path.join(tmp_path, "borrows", ".git", "objects"), 20) is None


@pytest.mark.parametrize("ending", [".pack", ".idx"])
@pytest.mark.parametrize("keep", [0, 7, 30, 3000, -30, -3])
def test_a_torn_pack_is_left_to_git_or_read_in_part(tmp_path: Path, ending: str, keep: int) -> None:
    repo = history_of(tmp_path / "repo")
    repo.pack()
    good = {name: version.text for name, version in versions(opened(repo))}
    for file in Path(repo.folder, ".git", "objects", "pack").glob(f"*{ending}"):
        size = file.stat().st_size
        file.chmod(0o600)
        os.truncate(file, size + keep if keep < 0 else keep)
    there = store(os.path.join(repo.folder, ".git", "objects"), 20)
    for name, version in versions(there) if there else ():
        assert good[name] == version.text


def test_a_damaged_pack_gives_no_other_content(tmp_path: Path) -> None:
    repo = history_of(tmp_path / "repo")
    repo.pack()
    good = {name: version.text for name, version in versions(opened(repo))}
    (file,) = Path(repo.folder, ".git", "objects", "pack").glob("*.pack")
    file.chmod(0o600)
    data, random = bytearray(file.read_bytes()), Random(1)
    for at in random.sample(range(12, 30_000), 200):
        data[at] ^= 1 << random.randrange(8)
    file.write_bytes(data)
    read = {name: version.text for name, version in versions(opened(repo))}
    assert 0 < len(read) < len(good)
    # A delta has no checksum of its own content; what is inflated has one. Nothing is made up of wrong sizes.
    assert sum(good[name] == text for name, text in read.items()) > 0.9 * len(read)


@pytest.mark.parametrize("count", [1, 4_000_000, 2**32 - 1])
def test_an_index_of_a_terabyte_is_left_to_git(tmp_path: Path, count: int) -> None:
    repo = history_of(tmp_path / "repo")
    repo.pack()
    (file,) = Path(repo.folder, ".git", "objects", "pack").glob("*.idx")
    file.chmod(0o600)
    with file.open("r+b") as index:
        index.seek(8 + 1020)
        index.write(count.to_bytes(4, "big"))
        index.truncate(1 << 40)
    assert store(os.path.join(repo.folder, ".git", "objects"), 20) is None


def test_offsets_beyond_two_gigabytes(tmp_path: Path) -> None:
    """The table of large offsets, in an index whose offsets are all written so."""
    repo = history_of(tmp_path / "repo")
    repo.git("-c", "pack.indexVersion=2", "repack", "-adfq")
    (file,) = Path(repo.folder, ".git", "objects", "pack").glob("*.idx")
    data = file.read_bytes()
    count = int.from_bytes(data[1028:1032], "big")
    at = 1032 + 24 * count
    offsets = [int.from_bytes(data[i : i + 4], "big") for i in range(at, at + 4 * count, 4)]
    small = b"".join((1 << 31 | number).to_bytes(4, "big") for number in range(count))
    large = b"".join(offset.to_bytes(8, "big") for offset in offsets)
    before = dict(versions(opened(repo)))
    file.chmod(0o600)
    file.write_bytes(data[:at] + small + large + data[at + 4 * count :])
    assert dict(versions(opened(repo))) == before


# ---------------------------------------------------------------- deltas


def number(size: int) -> bytes:
    """A size as deltas begin with it."""
    digits = [size & 127]
    while size := size >> 7:
        digits[-1] |= 128
        digits.append(size & 127)
    return bytes(digits)


def copy(start: int, length: int) -> bytes:
    """A step that copies; bytes of zero are left out, as git does."""
    fields = [*start.to_bytes(4, "little"), *(length & 0xFFFFFF if length != 65536 else 0).to_bytes(3, "little")]
    flags = sum(1 << bit for bit, byte in enumerate(fields) if byte)
    return bytes([128 | flags, *filter(None, fields)])


@st.composite
def deltas(draw: st.DrawFn) -> tuple[bytes, bytes, bytes]:
    """A base, a delta, and what it makes."""
    base = draw(st.binary(min_size=1, max_size=600)) * draw(st.sampled_from([1, 1, 300]))
    steps, content = b"", b""
    for _ in range(draw(st.integers(0, 8))):
        if draw(st.booleans()):
            start = draw(st.integers(0, len(base) - 1))
            length = draw(st.integers(1, min(len(base) - start, 70_000)))
            steps, content = steps + copy(start, length), content + base[start : start + length]
        else:
            text = draw(st.binary(min_size=1, max_size=127))
            steps, content = steps + bytes([len(text)]) + text, content + text
    return base, number(len(base)) + number(len(content)) + steps, content


@given(deltas(), st.integers(1, 40))
def test_between_the_parts_stands_what_stands_in_the_base(case: tuple[bytes, bytes, bytes], around: int) -> None:
    base, delta, wanted = case
    content, runs = made(delta, base, 1 << 24, 100)
    assert content == wanted
    for start, end, source in runs:
        assert start < end
        assert content[start:end] == base[source : source + end - start]
    differs = parts(runs, len(base), len(content), around)
    edges = [0, *(edge for part in differs for edge in part), len(content)]
    assert edges == sorted(edges)
    padded, whole = b"\0" + base + b"\1", b"\0" + content + b"\1"  # where a content begins and ends matters, too
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if start < end:
            low, high = (start - around + 1 if start else 0), (end + around + 1 if end < len(content) else end + 2)
            assert whole[low:high] in padded


@given(st.binary(max_size=60), st.binary(max_size=40))
def test_any_bytes_are_a_delta_or_none(delta: bytes, base: bytes) -> None:
    try:
        content, runs = made(delta, base, 1000, 1000)
    except ValueError:
        return
    assert len(content) <= 1000
    differs = parts(runs, len(base), len(content), 5)
    assert all(0 <= start <= end <= len(content) for start, end in differs)


def test_a_delta_that_makes_too_much(tmp_path: Path) -> None:
    base = b"x" * 65536
    bomb = number(len(base)) + number(65536 * 1000) + copy(0, 65536) * 1000
    with pytest.raises(ValueError, match="too large"):
        made(bomb, base, LARGEST, 2000)
    lies = number(len(base)) + number(10) + copy(0, 65536) * 1000
    with pytest.raises(ValueError, match="another size"):
        made(lies, base, LARGEST, 2000)
    long = number(len(base)) + number(3000) + b"\1x" * 3000
    with pytest.raises(ValueError, match="too long"):
        made(long, base, LARGEST, 2000)
    assert made(long, base, LARGEST, 3000) == (b"x" * 3000, [])
    assert parts([], len(base), 3000, 5) == [(0, 3000)]


def test_a_long_way_of_large_contents_is_cut(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    text = Random(2).randbytes(HELD // 12)
    for step in range(16):
        repo.commit(str(step), a__bin=text + b"%d" % step * 9)
    repo.git("-c", "pack.depth=100", "-c", "core.bigFileThreshold=1g", "repack", "-adfq")
    read = [version for _, version in versions(opened(repo)) if version.kind == BLOB]
    assert 1 < len(read) <= 16
