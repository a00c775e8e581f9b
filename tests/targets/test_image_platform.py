"""Only the platforms of an index that the user asks for are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from leaksweep.errors import UsageError
from leaksweep.targets.image import Access
from support.images import Oci, read, tar

AMD, ARM, ARM7 = "linux/amd64", "linux/arm64", "linux/arm/v7"


def about(platform: str, image: dict[str, object]) -> dict[str, object]:
    system, architecture, *variant = platform.split("/")
    return image | {
        "platform": {"os": system, "architecture": architecture} | ({"variant": variant[0]} if variant else {})
    }


@pytest.fixture
def layout(tmp_path: Path) -> str:
    """An index with an image for each of three platforms, and an attestation of the second."""
    oci = Oci()
    images = [about(name, oci.image(tar(("platform", name.encode())))) for name in (AMD, ARM, ARM7)]
    notes = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": images[1]["digest"]}
    statement = oci.add(b'{"predicate": "about arm64"}', "application/vnd.in-toto+json")
    proof = oci.manifest(oci.add({}), [statement], annotations=notes)
    oci.roots.append(oci.index(*images, about("unknown/unknown", proof)))
    return oci.write(tmp_path / "layout")


def contents(layout: str, *platforms: str) -> set[bytes]:
    found = read(f"oci:{layout}", Access(platforms=platforms)).contents
    return {c.data for c in found if c.data.startswith((b"linux/", b'{"predicate"'))}


ALL = {AMD.encode(), ARM.encode(), ARM7.encode(), b'{"predicate": "about arm64"}'}


def test_all_platforms_are_read_by_default(layout: str) -> None:
    assert ALL == contents(layout)


def test_one_platform_is_read_with_what_is_attested_of_it(layout: str) -> None:
    assert {b"linux/amd64"} == contents(layout, AMD)
    assert {b"linux/arm64", b'{"predicate": "about arm64"}'} == contents(layout, ARM)
    assert {b"linux/arm/v7", b"linux/amd64"} == contents(layout, "linux/arm", AMD)


def test_a_platform_that_is_not_there_is_told_with_those_that_are(layout: str) -> None:
    with pytest.raises(
        UsageError, match=r"--platform linux/s390x: .* has no such image; use one of linux/amd64, linux/arm"
    ):
        contents(layout, "linux/s390x")
