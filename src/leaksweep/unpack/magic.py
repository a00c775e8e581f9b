"""Which contents can be unpacked: by their first bytes, cheaply, since every file is asked."""

from __future__ import annotations

from typing import NamedTuple

HEAD = 512  #: bytes that tell what a content is
GZIP, ZSTD, ZIP, BZIP2, XZ = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\0"
PACKED = (ZIP, GZIP, ZSTD, BZIP2, XZ)
HELD = 128 * 1024 * 1024  #: bytes of an archive, which must be in memory to be unpacked


class Gap(NamedTuple):
    """Something inside that was not unpacked, and why."""

    path: str
    why: str


def is_packed(head: bytes) -> bool:
    """Whether a content that begins with ``head`` (``HEAD`` bytes) can be unpacked."""
    if head.startswith(PACKED):
        return True
    if len(head) < HEAD or not head[148:154].strip(b" \0").isdigit():  # no checksum of a tar header
        return False
    from leaksweep.unpack.tar import is_tar

    return is_tar(head)
