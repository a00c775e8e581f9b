"""Tar archives with right checksums, without which nothing behind the header would be reached."""

from __future__ import annotations

BLOCK = 512
WORDS = (
    b"ustar\x0000",
    b"ustar  \0",
    b"GNU.sparse.map=",
    b"GNU.sparse.major=1",
    b"GNU.sparse.minor=0",
    b"GNU.sparse.name=",
    b"GNU.sparse.offset=",
    b"GNU.sparse.numbytes=",
    b"GNU.sparse.realsize=",
    b"path=",
    b"linkpath=",
    b"size=",
    b"././@LongLink",
    b"\x80\0\0\0\0\0\0\0\0\0\x02\0",
    b"00000001000\0",
    b".wh.",
    b".wh..wh..opq",
)


def repair(data: bytes) -> bytes:
    """``data`` with a right checksum in each block that says that it is a header."""
    blocks = [data[at : at + BLOCK] for at in range(0, len(data), BLOCK)]
    return b"".join(_summed(block) if block[257:262] == b"ustar" and len(block) == BLOCK else block for block in blocks)


def member(name: bytes, content: bytes) -> bytes:
    """A file as a member of an archive, padded to whole blocks."""
    size = b"%011o\0" % len(content)
    header = name[:100].ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + size + b"00000000000\0" + b" " * 8 + b"0"
    header = header.ljust(257, b"\0") + b"ustar\x0000"
    return _summed(header.ljust(BLOCK, b"\0")) + content + bytes(-len(content) % BLOCK)


def _summed(header: bytes) -> bytes:
    total = sum(header) - sum(header[148:156]) + 8 * 0x20
    return header[:148] + b"%06o\0 " % total + header[156:]
