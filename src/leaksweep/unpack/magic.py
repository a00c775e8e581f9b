"""Which contents can be unpacked: by their first bytes, cheaply, since every file is asked."""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

HEAD = 512  #: bytes that tell what a content is
GZIP, ZSTD, ZIP, BZIP2, XZ = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\0"
_FIRST = frozenset(magic[:1] for magic in (GZIP, ZSTD, ZIP, BZIP2, XZ))
_ZIP_END = b"PK\x05\x06"  #: of the directory; 18 bytes follow, and a comment that such files do not have
_PROGRAMS = (b"#!", b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe")  #: of Unix, Linux, Windows, macOS
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")  #: what follows a bzip2 header: a block, or the end
HELD = 64 * 1024 * 1024  #: bytes of a zip archive that is unpacked in memory; a larger one is as it passes
DICTIONARY = 128 * 1024 * 1024  #: bytes of memory that an xz or zstd stream may ask for


class Gap(NamedTuple):
    """Something inside that was not unpacked, and why."""

    path: str
    why: str


def is_held(size: int, head: bytes) -> bool:
    """Whether a content of ``size`` bytes that begins with ``head`` is better in memory as a whole to be unpacked. No
    script has megabytes: what begins like one may end as a zip.
    """
    return size <= HELD and head.startswith((ZIP, b"#!"))


def ends_as_zip(data: bytes) -> bool:
    """Whether a whole content is a program or a script with a zip behind it: pyz, pex, jars that can be executed."""
    return data.startswith(_PROGRAMS) and data.startswith(_ZIP_END, max(0, len(data) - 22))


def is_packed(head: bytes) -> bool:
    """Whether a content that begins with ``head`` (``HEAD`` bytes) can be unpacked."""
    if head[:1] in _FIRST and (head.startswith(ZIP) or is_compressed(head)):
        return True
    if len(head) < HEAD or not head[148:154].strip(b" \0").isdigit():  # no checksum of a tar header
        return False
    from leaksweep.unpack.tar import is_tar

    return is_tar(head)


def is_compressed(head: bytes) -> bool:
    """Whether a content that begins with ``head`` is one compressed stream."""
    if head.startswith(GZIP):
        return not head[3:4] or head[3] < 0x20  # the flags that are reserved are zero
    return head.startswith((ZSTD, XZ)) or (head.startswith(BZIP2) and head[4:10] in _BZIP2_BLOCKS)


def is_surely_compressed(head: bytes) -> bool:
    """Whether chance made no such beginning, so that what does not come out is missing. Of gzip the fields for effort
    and system have few values (RFC 1952), of zstd one bit is zero (RFC 8878); an xz header has a checksum.
    """
    if head.startswith(GZIP):
        return head[8:9] in (b"\0", b"\2", b"\4") and (head[9:10] <= b"\x0d" or head[9:10] == b"\xff")
    if head.startswith(ZSTD):
        return len(head) > 4 and not head[4] & 0x08
    if head.startswith(XZ):
        return head[8:12] == crc32(head[6:8]).to_bytes(4, "little")
    return is_compressed(head)
