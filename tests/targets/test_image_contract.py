"""One image, built by a real engine: the same secrets at the same places, whatever carries it."""

from __future__ import annotations

from pathlib import Path

import pytest

from leaksweep.engine import Engine
from leaksweep.model import ImageConfig, LayerFile
from leaksweep.targets.image import open_image
from leaksweep.workers import sweep
from support.carriers import COMMAND, DELETED, VARIABLE, carriers
from support.fakes import github
from support.images import build, docker, lab_access, read
from support.require import require


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The reference of each carrier of one image."""
    return carriers(tmp_path_factory.mktemp("image"))


CARRIERS = ["engine", "registry", "layout", "zstd", "saved", "saved and compressed", "oci-archive", "docker-archive"]


@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_carrier_shows_the_same_secrets_at_the_same_places(
    names: dict[str, str], carrier: str, engine: Engine
) -> None:
    target = open_image(names[carrier], lab_access())
    tally = sweep(target, engine)
    places = target.locate({s.origin for s in tally.sightings})
    found = set()
    for sighting in tally.sightings:
        for place in places[sighting.origin]:
            if isinstance(place, LayerFile):
                found.add((sighting.match.secret.reveal(), place.index, place.path))
            elif isinstance(place, ImageConfig):
                found.add((sighting.match.secret.reveal(), 0, place.field))
    wanted = {(DELETED, 2, "app/key"), (VARIABLE, 0, "env/API_KEY")}
    histories = {(secret, field.partition("/")[0]) for secret, index, field in found if field.startswith("history/")}
    assert wanted <= found
    assert {(VARIABLE, "history"), (COMMAND, "history")} == histories
    assert {DELETED, VARIABLE, COMMAND} == {secret for secret, _, _ in found}
    assert [] == tally.skipped


@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_carrier_reads_the_same_files(names: dict[str, str], carrier: str) -> None:
    def files(name: str) -> set[tuple[int, str, str, bytes]]:
        contents = read(names[name], lab_access()).contents
        places = [(place, c.data) for c in contents for place in c.places]
        return {(p.index, p.layer, p.path, data) for p, data in places if isinstance(p, LayerFile)}

    assert files("engine") == files(carrier)


def test_the_run_is_the_repository_wherever_the_name_is_known(names: dict[str, str]) -> None:
    (registry,) = require("REGISTRY")
    for carrier in ("engine", "registry", "saved", "saved and compressed"):
        assert f"image/{registry}/contract" == read(names[carrier], lab_access()).run
    assert "image/contract" == read(names["docker-archive"], lab_access()).run.replace("docker.io/library/", "")
    assert "image/layout" == read(names["layout"], lab_access()).run


def test_the_engine_finds_an_image_by_its_id(names: dict[str, str]) -> None:
    (registry,) = require("REGISTRY")
    identity = docker("inspect", "-f", "{{.Id}}", names["engine"]).decode().strip()
    for reference in (identity, identity.removeprefix("sha256:")[:12], f"docker-daemon:{identity}"):
        found = read(reference, lab_access())
        assert f"image/{registry}/contract" == found.run
        assert found.uris(DELETED) == [f"image/{registry.replace(':', '%3A')}/contract/app/key"]


def test_a_manifest_by_its_digest_is_read(names: dict[str, str]) -> None:
    (registry,) = require("REGISTRY")
    by_digest = docker("inspect", "-f", "{{index .RepoDigests 0}}", names["engine"]).decode().strip()
    assert 1 == len(read(f"docker://{by_digest}", lab_access()).labels(DELETED))
    assert f"image/{registry}/contract" == read(by_digest, lab_access()).run


def test_all_platforms_of_an_index_are_read_and_shared_layers_once(tmp_path: Path) -> None:
    (registry,) = require("REGISTRY")
    docker("version")
    name = f"{registry}/platforms:1"
    for platform in ("amd64", "arm64"):
        (tmp_path / "key").write_bytes(github(platform))
        build(tmp_path, f"FROM busybox\nLABEL for={platform}\nCOPY key /key\n", f"{name}-{platform}")
        docker("push", "-q", f"{name}-{platform}")
    docker("manifest", "create", "--insecure", "--amend", name, f"{name}-amd64", f"{name}-arm64")
    docker("manifest", "annotate", "--arch=arm64", name, f"{name}-arm64")
    docker("manifest", "push", "--insecure", name)
    found = read(f"docker://{name}", lab_access())
    assert [f"docker://{name} (linux/amd64) layer 2"] == [t[: t.index(" (sha")] for t in found.labels(github("amd64"))]
    assert [f"docker://{name} (linux/arm64) layer 2"] == [t[: t.index(" (sha")] for t in found.labels(github("arm64"))]
    busybox = [c for c in found.contents if any(p.uri.endswith("/bin/busybox") for p in c.places)]
    assert [2] == [len(c.places) for c in busybox]
