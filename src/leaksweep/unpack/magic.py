"""Which contents can be unpacked: by their first bytes, cheaply, since every file is asked."""

from __future__ import annotations

from typing import NamedTuple

HEAD = 512  #: bytes that tell what a content is
GZIP, ZSTD, ZIP, BZIP2, XZ = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\0"
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")  #: what follows a bzip2 header: a block, or the end
HELD = 128 * 1024 * 1024  #: bytes of an archive, which must be in memory to be unpacked


class Gap(NamedTuple):
    """Something inside that was not unpacked, and why."""

    path: str
    why: str


def is_packed(head: bytes) -> bool:
    """Whether a content that begins with ``head`` (``HEAD`` bytes) can be unpacked."""
    if head.startswith(ZIP) or is_compressed(head):
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
