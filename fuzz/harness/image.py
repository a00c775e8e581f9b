r"""A saved image with documents of a stranger: an error, or every layer and field with a place that can be shown.

The input is a list of members, parted at ``\x1e``: a line with a name and the content. Without a name it is a blob
below its digest; ``@2`` in a later member stands for the digest of the third.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Hashable
from contextlib import nullcontext
from io import BytesIO
from xml.etree import ElementTree

from fuzz.harness import _tars
from fuzz.harness._rules import RULES, TOKEN
from leaksweep.errors import ScanError
from leaksweep.model import Blob, Confidence, Finding, LayerFile, Location, Place, Result, Seen, Skipped, Verdict
from leaksweep.redact import Secret
from leaksweep.reports import REPORTS, report
from leaksweep.targets.image.archive import Archive
from leaksweep.targets.image.catalog import Naming
from leaksweep.targets.image.made import Maker

WORDS = (
    *(b"\x1e", b"\n", b"index.json\n", b"manifest.json\n", b'"@0"', b'"@1"', b'"@2"', b'"layers":[', b'"config":{'),
    *(b'"digest":"@0"', b'"mediaType":"', b'"manifests":[', b'"annotations":{', b'"platform":{', b'"urls":["'),
    *(b'"vnd.docker.reference.type":"attestation-manifest"', b'"vnd.docker.reference.digest":"@0"', b"+encrypted"),
    *(b'"rootfs":{"diff_ids":[', b'"history":[', b'"created_by":"', b'"Env":[', b'"Cmd":', b'"Labels":{', b'"size":'),
    *(b'"Config":"', b'"Layers":[', b'"RepoTags":[', b"org.opencontainers.image.ref.name", b"oci-layout\n", b"\\ud800"),
)
LENGTH = 4096
MOST = 16  #: members
_DOCKERFILE = b"FROM a\nENV A=b\nRUN make\n"


def run(data: bytes) -> None:
    """Read the archive, and place everything in it."""
    archive = _archive(data)
    target = Archive(
        "x.tar", Naming("app", "app:1"), lambda: nullcontext(BytesIO(archive)), Maker("Dockerfile", _DOCKERFILE)
    )
    origins: set[Hashable] = set()
    size = 0
    try:
        for batch in target.batches():
            for item in batch:
                if isinstance(item, Blob):
                    origins.add(item.origin)
                    size += len(item.data)
                elif isinstance(item, Skipped):
                    assert item.what.isprintable(), item
    except ScanError as error:
        assert str(error)
        return
    _placed(target, origins)
    target.account(len(origins), size)


def _placed(target: Archive, origins: set[Hashable]) -> None:
    found = target.locate(origins)
    assert set(found) == origins
    if origins:
        _reported([place for places in found.values() for place in places])
    for places in found.values():
        for place in places:
            assert place.label.isprintable(), place
            assert place.uri.isascii(), place
            assert (
                not isinstance(place, LayerFile)
                or place.step is None
                or place.step.last <= _DOCKERFILE.count(b"\n") + 1
            )


def _reported(places: list[Place]) -> None:
    """A finding at each place, in the format that the number of places picks; those for programs can be read."""
    seen = tuple(Seen(place, Location(1, 1, 1, 21)) for place in places)
    secret = Secret(TOKEN)
    finding = Finding("0" * 32, RULES[0], secret, Verdict.NEW, Confidence.HIGH, (), (), Secret(b""), seen)
    name = REPORTS[len(places) % len(REPORTS)]
    written = report(name)(Result((finding,), (), ())).decode("utf-8")
    if name in ("sarif", "json", "gitlab", "codequality"):
        json.loads(written)
    elif name == "junit":
        ElementTree.fromstring(written)


def _archive(data: bytes) -> bytes:
    digests: list[bytes] = []
    members: list[bytes] = []
    for part in data.split(b"\x1e", MOST)[:MOST]:
        name, _, content = part.partition(b"\n")
        content = re.sub(rb"@(\d)", lambda found: _digest(digests, found), content)
        digest = hashlib.sha256(content).hexdigest().encode()
        digests.append(b"sha256:" + digest)
        members.append(_tars.member(name or b"blobs/sha256/" + digest, content))
    return b"".join(members) + bytes(1024)


def _digest(known: list[bytes], found: re.Match[bytes]) -> bytes:
    number = int(found[1])
    return known[number] if number < len(known) else found[0]
