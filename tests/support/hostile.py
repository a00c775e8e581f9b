"""Hostile inputs for any scanner: each maker fills a folder and hides one secret in it, where that can be found.

They are made anew each time, the same bytes each time, and need little space on the disk. ``bench/robustness.py`` runs
leaksweep and others over them, ``tests/hostile`` the real program.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import sqlite3
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from leaksweep.rules.expand import expand

MAKERS: dict[str, Input] = {}
MIB = 1 << 20


class Input(NamedTuple):
    """What it is for people, how it is made, the exit codes that are right, and whether its secret can be found."""

    what: str
    make: Callable[[Path], None]
    codes: tuple[int, ...]
    found: bool = True


def token(seed: str = "hostile") -> bytes:
    """A GitHub token that is made here."""
    return expand("{crc32:ghp_:30}", seed).text


def hostile(what: str, *codes: int, found: bool = True) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    """Add a maker to the table. A secret that is found is exit 1 whatever else is missing."""

    def add(make: Callable[[Path], None]) -> Callable[[Path], None]:
        MAKERS[make.__name__.replace("_", "-")] = Input(what, make, codes or (1,), found)
        return make

    return add


def _beside(folder: Path) -> None:
    (folder / "beside.txt").write_bytes(b"token = " + token() + b"\n")


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_member(name), data)
    return out.getvalue()


@hostile("zip bomb: 1 GiB of zeros in 1 MiB, and a secret beside it")
def zip_bomb(folder: Path) -> None:
    with (
        zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(_member("zeros"), "w", force_zip64=True) as member,
    ):
        for _ in range(64):
            member.write(bytes(16 * MIB))
    _beside(folder)


def _nested(depth: int) -> bytes:
    data = token()
    for number in range(depth):
        data = _zipped(f"{number}.zip" if number else "secret.txt", data)
    return data


@hostile("zip of zips of zips, twenty deep, the secret in the innermost")
def nested_zips(folder: Path) -> None:
    (folder / "nested.zip").write_bytes(_nested(20))


@hostile("the same a hundred deep", 3, found=False)
def deeply_nested_zips(folder: Path) -> None:
    (folder / "nested.zip").write_bytes(_nested(100))


@hostile("42 in small: a zip of 16 zips of 16 zips …, five deep, of 16 MiB of zeros each", 1)
def branching_zips(folder: Path) -> None:
    data = _zipped("zeros", bytes(16 * MIB))
    for _ in range(4):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(16):
                archive.writestr(_member(f"{number}.zip"), data)
        data = out.getvalue()
    (folder / "42.zip").write_bytes(data)
    _beside(folder)


@hostile("overlapping zip: a thousand names for the same compressed megabytes")
def overlapping_zip(folder: Path) -> None:
    data, name = zlib.compress(bytes(8 * MIB), 9)[2:-4], b"same"
    crc = zlib.crc32(bytes(8 * MIB))
    header = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(data), 8 * MIB, 4, 0) + name
    entry = (
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(data), 8 * MIB, 4, 0, 0, 0, 0, 0, 0) + name
    )
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1000, 1000, 1000 * len(entry), len(header) + len(data), 0)
    (folder / "overlap.zip").write_bytes(header + data + entry * 1000 + end)
    _beside(folder)


@hostile("gzip bomb: 1 GiB of zeros in gzip in gzip")
def gzip_bomb(folder: Path) -> None:
    inner = io.BytesIO()
    with gzip.GzipFile(fileobj=inner, mode="wb", mtime=0) as stream:
        for _ in range(64):
            stream.write(bytes(16 * MIB))
    (folder / "bomb.gz").write_bytes(gzip.compress(inner.getvalue(), mtime=0))
    _beside(folder)


@hostile("gzip that is cut off in the middle, the secret before the cut")
def torn_gzip(folder: Path) -> None:
    data = gzip.compress(b"x = " + token() + b"\n" + os.urandom(0) + bytes(range(256)) * 4096, mtime=0)
    (folder / "torn.gz").write_bytes(data[: len(data) - 200])


@hostile("tar that claims a file of 16 GB and holds none", 1, 3)
def lying_tar(folder: Path) -> None:
    info = tarfile.TarInfo("huge")
    info.size = 16 << 30
    (folder / "lying.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(512))
    _beside(folder)


@hostile("tar with names that lead out, links in a circle, a device and a FIFO")
def tar_with_odd_members(folder: Path) -> None:
    with tarfile.open(folder / "odd.tar", "w") as archive:
        for name, kind, target in (
            ("../../etc/out", tarfile.REGTYPE, ""),
            ("/absolute", tarfile.REGTYPE, ""),
            ("loop-a", tarfile.SYMTYPE, "loop-b"),
            ("loop-b", tarfile.SYMTYPE, "loop-a"),
            ("self", tarfile.LNKTYPE, "self"),
            ("disk", tarfile.BLKTYPE, ""),
            ("pipe", tarfile.FIFOTYPE, ""),
            ("a\nb\x1b[2J::error::x", tarfile.REGTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            data = b"token = " + token() + b"\n" if kind == tarfile.REGTYPE else b""
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


@hostile("tar with a negative size and a size of letters", 1, 3)
def tar_with_broken_sizes(folder: Path) -> None:
    for number, size in enumerate((b"\xff" * 12, b"not octal!!\0")):
        header = bytearray(tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT)[:512])
        header[124:136] = size
        header[148:156] = b"        "
        header[148:156] = b"%06o\0 " % sum(header)
        (folder / f"{number}.tar").write_bytes(bytes(header) + bytes(1024))
    _beside(folder)


@hostile("a sparse file of a terabyte, the secret at its end")
def sparse_terabyte(folder: Path) -> None:
    with open(folder / "sparse", "wb") as stream:
        stream.seek(1 << 40)
        stream.write(b"\ntoken = " + token() + b"\n")


@hostile("one line of 64 MiB, the secret at its end")
def endless_line(folder: Path) -> None:
    (folder / "line.js").write_bytes(b"var a = [" + b"1234567, " * (64 * MIB // 9) + b"]; t='" + token() + b"'")


@hostile("3 MB of what almost matches: `password = ` 300,000 times", 0, 1)
def near_matches(folder: Path) -> None:
    (folder / "near.txt").write_bytes(b"password = " * 300_000)
    _beside(folder)


@hostile("20,000 times the same secret in one file")
def repeated_secret(folder: Path) -> None:
    (folder / "same.txt").write_bytes((b"token = " + token() + b"\n") * 20_000)


@hostile("names with a newline, an escape, `::`, bytes that are no UTF-8")
def odd_names(folder: Path) -> None:
    for name in (b"a\nb", b"\x1b[2J", b"::error::x", b"\xff\xfe", b" ", b"-rf", "e\u202eexe".encode()):
        with open(os.fsencode(folder) + b"/" + name, "wb") as stream:
            stream.write(b"token = " + token(name.hex()) + b"\n")


@hostile("a path of 4,000 bytes")
def deep_path(folder: Path) -> None:
    here = os.open(folder, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 200, dir_fd=here)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    with open(os.open("f", os.O_WRONLY | os.O_CREAT, dir_fd=here), "wb") as stream:
        stream.write(b"token = " + token() + b"\n")
    os.close(here)


@hostile("a FIFO, a socket, links in a circle, a link to /proc and one to nothing")
def special_files(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.fspath(folder / "s"))
    (folder / "loop").symlink_to(folder)
    (folder / "proc").symlink_to("/proc/self/mem")
    (folder / "nowhere").symlink_to("/no/such/file")
    _beside(folder)


@hostile("JSON that is nested 100,000 deep, as a notebook and as a token's claims")
def nested_json(folder: Path) -> None:
    import base64

    deep = b"[" * 100_000 + b"]" * 100_000
    (folder / "deep.ipynb").write_bytes(b'{"cells": ' + deep + b"}")
    claims = base64.urlsafe_b64encode(b'{"a":' + deep + b"}").rstrip(b"=")
    (folder / "jwt.txt").write_bytes(b"eyJhbGciOiJIUzI1NiJ9." + claims[:30_000] + b"." + b"A" * 43 + b"\n")
    _beside(folder)


@hostile("private keys with lengths of gigabytes, and an RSA number of a million bits", 0, 1)
def hostile_keys(folder: Path) -> None:
    import base64

    def pem(label: str, data: bytes) -> bytes:
        lines = base64.encodebytes(data)
        return f"-----BEGIN {label}-----\n".encode() + lines + f"-----END {label}-----\n".encode()

    number = b"\x02\x83\x01\xe8\x48" + b"\x7f" * 125_000
    (folder / "huge.pem").write_bytes(pem("RSA PRIVATE KEY", b"\x30\x83\x0f\xff\xff\x02\x01\x00" + number * 3))
    (folder / "lying.pem").write_bytes(pem("PRIVATE KEY", b"\x30\x84\xff\xff\xff\xff\x02\x01\x00" + bytes(500)))
    _beside(folder)


@hostile("an SQLite file whose rows hold the secret, and one that is cut off", 1)
def databases(folder: Path) -> None:
    file = folder / "a.db"
    with sqlite3.connect(file) as database:
        database.execute("create table t (v text)")
        database.executemany("insert into t values (?)", [("x" * 3000,)] * 200 + [(token().decode(),)])
    database.close()
    (folder / "torn.db").write_bytes(file.read_bytes()[:5000])


@hostile("a repository whose settings would run a program")
def git_that_runs_code(folder: Path) -> None:
    import subprocess

    subprocess.run(["git", "init", "--quiet", folder], check=True)
    with open(folder / ".git" / "config", "a") as config:
        config.writelines(
            f"{line}\n"
            for line in (
                "[core]",
                "\tfsmonitor = touch ran; false",
                "\tpager = touch ran",
                '[filter "x"]',
                "\tclean = touch ran",
            )
        )
    (folder / ".gitattributes").write_text("* filter=x diff=x\n")
    _beside(folder)


@hostile("a saved image whose manifest names layers that are not in it", 1, 3)
def image_without_its_layers(folder: Path) -> None:
    manifest = [{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["gone/layer.tar"]}]
    with tarfile.open(folder / "image.tar", "w") as archive:
        for name, data in (("manifest.json", json.dumps(manifest).encode()), ("c.json", b"{}")):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    _beside(folder)
