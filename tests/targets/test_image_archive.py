"""Archives of images, made by hand: every layout of ``docker save``, what is missing, and what is damaged."""

from __future__ import annotations

import gzip
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from leaksweep.errors import ScanError, UsageError
from leaksweep.model import ImageConfig, Skipped
from leaksweep.targets.image import Access, open_image
from support.fakes import github
from support.images import Oci, config_json, digest, link, pack, read, tar

KEY, OTHER = github("archive"), github("other")
BASE, TOP = tar(("base", b"b")), tar(("./etc/key", KEY))


def saved(path: Path, *members: tuple[str, bytes] | tarfile.TarInfo, manifest: Any = None) -> str:
    """A ``docker save`` archive of the old layout; its manifest comes last."""
    last = () if manifest is None else (("manifest.json", json.dumps(manifest).encode()),)
    path.write_bytes(tar(*members, *last))
    return str(path)


def entry(layers: list[str], config: str = "config.json", tags: list[str] | None = None) -> dict[str, Any]:
    return {"Config": config, "RepoTags": ["app:1"] if tags is None else tags, "Layers": layers}


def test_the_old_layout_with_a_layer_that_occurs_twice_as_a_link(tmp_path: Path) -> None:
    config = config_json([BASE, TOP, TOP])
    file = saved(
        tmp_path / "x.tar",
        ("aaa/VERSION", b"1.0"),
        ("aaa/layer.tar", BASE),
        link("bbb/layer.tar", "../ccc/layer.tar"),
        ("ccc/layer.tar", TOP),
        ("config.json", config),
        ("repositories", b"{}"),
        manifest=[entry(["aaa/layer.tar", "bbb/layer.tar", "ccc/layer.tar"])],
    )
    found = read(file)
    short = digest(TOP)[:19]
    places = [f"app:1 layer {n} ({short}{end}): /etc/key" for n, end in ((2, ", overwritten in layer 3"), (3, ""))]
    assert sorted(places) == sorted(found.labels(KEY))
    assert ["image/app/etc/key"] == found.uris(KEY)
    assert "image/app" == found.run


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_compressed_layers_of_the_old_layout_have_the_digest_of_their_content(tmp_path: Path, how: str) -> None:
    members = (("l.tar", pack(TOP, how)), ("config.json", config_json([TOP])))
    assert 1 == len(read(saved(tmp_path / "x.tar", *members, manifest=[entry(["l.tar"])])).labels(KEY))
    wrong = (("l.tar", pack(TOP, how)), ("config.json", config_json([BASE])))
    with pytest.raises(ScanError, match=r"l\.tar: its content does not have the digest"):
        read(saved(tmp_path / "x.tar", *wrong, manifest=[entry(["l.tar"])]))


def test_every_image_of_an_archive_is_scanned_under_its_name(tmp_path: Path) -> None:
    other = tar(("other", OTHER))
    file = saved(
        tmp_path / "x.tar",
        ("base.tar", BASE),
        ("top.tar", TOP),
        ("other.tar", other),
        ("one.json", config_json([BASE, TOP])),
        ("two.json", config_json([TOP, other], Env=["A=" + KEY.decode()])),
        manifest=[
            entry(
                ["base.tar", "top.tar"], "one.json", ["docker.io/library/one:1", "one:2", "registry.example/me/three:1"]
            ),
            entry(["top.tar", "other.tar"], "two.json", ["two:2"]),
        ],
    )
    found = read(file)
    assert {"image/one/etc/key", "image/registry.example/me/three/etc/key", "image/two/etc/key"} < set(found.uris(KEY))
    assert "image/two/.image-config/env/A" in found.uris(KEY)
    assert [f"two:2 layer 2 ({digest(other)[:19]}): /other"] == found.labels(OTHER)


def test_without_a_name_the_image_is_called_after_its_file(tmp_path: Path) -> None:
    members = (("l.tar", TOP), ("config.json", config_json([TOP])))
    file = saved(tmp_path / "my app.tar", *members, manifest=[entry(["l.tar"], tags=[])])
    assert ["image/my%20app/etc/key"] == read(file).uris(KEY)
    assert "image/my app" == read(f"docker-archive:{file}").run


def test_an_archive_may_be_compressed_as_a_whole(tmp_path: Path) -> None:
    members = (("l.tar", TOP), ("config.json", config_json([TOP])))
    plain = Path(saved(tmp_path / "x.tar", *members, manifest=[entry(["l.tar"])])).read_bytes()
    for how in ("gzip", "zstd"):
        (tmp_path / "packed").write_bytes(pack(plain, how))
        assert ["image/app/etc/key"] == read(str(tmp_path / "packed")).uris(KEY)
    (tmp_path / "packed").write_bytes(gzip.compress(plain)[:-20])
    with pytest.raises(ScanError, match="ends too early"):
        read(str(tmp_path / "packed"))


@pytest.mark.parametrize("how", ["raw", "gzip", "zstd"])
def test_the_new_layout_and_an_oci_archive(tmp_path: Path, how: str) -> None:
    oci = Oci()
    at = oci.image(BASE, TOP, how=how)
    oci.roots = [{**at, "annotations": {"io.containerd.image.name": "docker.io/me/app:3"}}]
    found = read(oci.write_tar(tmp_path / "x.tar"))
    assert [f"me/app:3 layer 2 ({digest(TOP)[:19]}): /etc/key"] == found.labels(KEY)
    assert found.labels(KEY) == read(f"oci-archive:{tmp_path}/x.tar").labels(KEY)


def test_platforms_that_were_not_saved_are_no_gap(tmp_path: Path) -> None:
    oci, elsewhere = Oci(), Oci()
    here = oci.image(TOP, platform={"os": "linux", "architecture": "amd64"})
    absent = elsewhere.image(BASE, platform={"os": "linux", "architecture": "arm64"})
    oci.roots = [oci.index(here, absent)]
    found = read(oci.write_tar(tmp_path / "x.tar"))
    assert (1, []) == (len(found.labels(KEY)), found.skipped)


@pytest.mark.parametrize("lost", ["manifest", "config", "layer", "root", "all"])
def test_what_a_present_manifest_names_must_be_there(tmp_path: Path, lost: str) -> None:
    """An engine with containerd's store may save an image without its blobs, and call that a success."""
    oci = Oci()
    at = oci.image(TOP)
    manifest = json.loads(oci.blobs[at["digest"]])
    root = oci.index(at)
    oci.roots = [root]
    names = {
        "manifest": at["digest"],
        "config": manifest["config"]["digest"],
        "layer": manifest["layers"][0]["digest"],
        "root": root["digest"],
    }
    for name in names.values() if lost == "all" else [names[lost]]:
        del oci.blobs[name]
    with pytest.raises(ScanError, match="incomplete"):
        read(oci.write_tar(tmp_path / "x.tar"))
    with pytest.raises(ScanError, match=r"incomplete|missing"):
        read(oci.write(tmp_path / "layout"))


@pytest.mark.parametrize(
    ("members", "manifest", "message"),
    [
        ([("config.json", config_json([TOP]))], [entry(["l.tar"])], "the layer l.tar is missing"),
        ([("l.tar", TOP)], [entry(["l.tar"])], "the configuration config.json is missing"),
        ([("l.tar", TOP), ("config.json", config_json([TOP, BASE]))], [entry(["l.tar"])], "has 2 layers"),
        ([("l.tar", TOP), ("config.json", config_json([BASE]))], [entry(["l.tar"])], "does not have the digest"),
        ([("l.tar", TOP)], None, "no manifest of an image"),
        ([], None, "no manifest of an image"),
        ([], [], "no manifest of an image"),
        ([], {"a": 1}, "manifest.json is not what it must be"),
        ([], [1], "manifest.json is not what it must be"),
        ([("l.tar", b"{}"), ("config.json", config_json([TOP]))], [entry(["l.tar"])], "missing"),
        ([link("a", "b"), link("b", "a"), ("config.json", config_json([TOP]))], [entry(["a"])], "missing"),
    ],
)
def test_an_incomplete_archive_is_an_error(tmp_path: Path, members: list[Any], manifest: Any, message: str) -> None:
    with pytest.raises(ScanError, match=message):
        read(saved(tmp_path / "x.tar", *members, manifest=manifest))


def test_links_do_not_lead_out_of_the_archive(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(TOP)
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
        members = (link("l.tar", str(outside), kind), ("config.json", config_json([TOP])))
        with pytest.raises(ScanError, match=r"the layer l.tar is missing"):
            read(saved(tmp_path / "x.tar", *members, manifest=[entry(["l.tar"])]))


@pytest.mark.parametrize("how", ["raw", "gzip"])
def test_a_flipped_byte_of_any_blob_is_an_error(tmp_path: Path, how: str) -> None:
    oci = Oci()
    oci.roots = [oci.image(BASE, TOP, how=how)]
    for name, data in list(oci.blobs.items()):
        broken = bytearray(data)
        broken[len(broken) // 2] ^= 1
        oci.blobs[name] = bytes(broken)
        for reference in (oci.write_tar(tmp_path / "x.tar"), oci.write(tmp_path / "layout")):
            with pytest.raises(ScanError):
                read(reference)
        oci.blobs[name] = data
    assert 1 == len(read(oci.write_tar(tmp_path / "x.tar")).labels(KEY))


def test_a_torn_archive_is_an_error_wherever_it_is_torn(tmp_path: Path) -> None:
    oci = Oci()
    oci.roots = [oci.image(BASE, TOP)]
    data = Path(oci.write_tar(tmp_path / "x.tar")).read_bytes()
    whole = len(data.rstrip(b"\0"))
    for end in range(512, whole, 333):
        (tmp_path / "x.tar").write_bytes(data[:end])
        with pytest.raises(ScanError):
            read(str(tmp_path / "x.tar"))


def test_a_layer_that_no_image_names_is_scanned_all_the_same(tmp_path: Path) -> None:
    oci = Oci()
    oci.add(TOP)
    oci.roots = [oci.image(BASE)]
    found = read(oci.write_tar(tmp_path / "x.tar"))
    assert [f"{tmp_path}/x.tar layer 0 ({digest(TOP)[:19]}): /etc/key"] == found.labels(KEY)


def attested(how_large: int = 0) -> Oci:
    oci = Oci()
    image = oci.image(TOP, platform={"os": "linux", "architecture": "amd64"})
    statement = oci.add(
        {"predicate": {"args": {"TOKEN": OTHER.decode()}, "padding": "x" * how_large}},
        "application/vnd.in-toto+json",
        annotations={"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"},
    )
    unknown = {"os": "unknown", "architecture": "unknown"}
    config = oci.add({**unknown, "rootfs": {"type": "layers", "diff_ids": [statement["digest"]]}}, "")
    notes = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image["digest"]}
    oci.roots = [oci.index(image, oci.manifest(config, [statement], platform=unknown, annotations=notes))]
    return oci


@pytest.mark.parametrize("size", [0, 9_000_000])
def test_attestations_are_scanned_as_documents(tmp_path: Path, size: int) -> None:
    oci = attested(size)
    for reference in (oci.write_tar(tmp_path / "x.tar"), oci.write(tmp_path / "x")):
        found = read(reference)
        assert ["image/x/.image-config/attestation/slsa.dev/provenance/v0.2"] == found.uris(OTHER)
        assert 1 == len(found.labels(KEY))
        assert [] == found.skipped


@pytest.mark.parametrize("kind", ["urls", "foreign", "nondistributable"])
def test_a_foreign_layer_is_told_as_a_gap_unless_it_is_there(tmp_path: Path, kind: str) -> None:
    oci = Oci()
    config = oci.add(json.loads(config_json([BASE, TOP])))
    media_type = {
        "urls": "application/vnd.oci.image.layer.v1.tar",
        "foreign": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "nondistributable": "application/vnd.oci.image.layer.nondistributable.v1.tar",
    }[kind]
    more = {"urls": ["https://127.0.0.1:1/layer"]} if kind == "urls" else {}
    foreign = oci.add(TOP, media_type, **more)
    oci.roots = [oci.manifest(config, [oci.add(BASE, "application/vnd.oci.image.layer.v1.tar"), foreign])]
    assert 1 == len(read(oci.write_tar(tmp_path / "x.tar")).labels(KEY))
    del oci.blobs[foreign["digest"]]
    for reference in (oci.write_tar(tmp_path / "x.tar"), oci.write(tmp_path / "x")):
        found = read(reference)
        what = f"{reference}: layer {foreign['digest'][:19]}…"
        assert [Skipped(what, "a foreign layer, which is kept elsewhere")] == found.skipped


def test_an_encrypted_layer_is_a_gap(tmp_path: Path) -> None:
    oci = Oci()
    config = oci.add(json.loads(config_json([BASE])))
    sealed = oci.add(b"\x99" * 5000, "application/vnd.oci.image.layer.v1.tar+gzip+encrypted")
    oci.roots = [oci.manifest(config, [sealed])]
    for reference in (oci.write_tar(tmp_path / "x.tar"), oci.write(tmp_path / "x")):
        assert ["it is encrypted"] == [s.why for s in read(reference).skipped]


def test_a_layer_that_is_no_tar_archive_is_an_error(tmp_path: Path) -> None:
    oci = Oci()
    config = oci.add(json.loads(config_json([b"no tar"])))
    oci.roots = [oci.manifest(config, [oci.add(b"no tar", "application/vnd.oci.image.layer.v1.tar")])]
    for reference in (oci.write_tar(tmp_path / "x.tar"), oci.write(tmp_path / "x")):
        with pytest.raises(ScanError, match="is no tar archive"):
            read(reference)


def test_an_index_that_leads_to_itself_ends(tmp_path: Path) -> None:
    """A digest cannot be its own, so the loop is made of one index that is listed many times, at every level."""
    oci = Oci()
    at = oci.image(TOP)
    for _ in range(30):
        at = oci.index(at, at, at)
    oci.roots = [at]
    for reference in (oci.write_tar(tmp_path / "x.tar"), oci.write(tmp_path / "x")):
        assert 1 == len(read(reference).labels(KEY))


def test_an_index_of_too_many_manifests_is_an_error(tmp_path: Path) -> None:
    oci = Oci()
    children = [{"digest": digest(str(i).encode()), "size": 1} for i in range(5000)]
    oci.roots = [oci.index(oci.image(TOP), *children)]
    with pytest.raises(ScanError, match="names more than 4096 manifests"):
        read(oci.write_tar(tmp_path / "x.tar"))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"[]", "no JSON object"),
        (b"{", "no JSON document"),
        (b'"\xff"', "no JSON document"),
        (b"[" * 100_000, "no JSON document|levels deep"),
        (b'{"manifests": 1}', "no list of manifests"),
        (b'{"manifests": [1]}', "is no digest"),
        (b'{"manifests": [{"digest": "sha256:../../../etc/passwd"}]}', "is no digest"),
        (b'{"manifests": [{"digest": "md5:d41d8cd98f00b204e9800998ecf8427e"}]}', "is no digest"),
        (b'{"manifests": [], "layers": []}', "is no image manifest"),
        (b'{"schemaVersion": 1, "fsLayers": []}', "outdated schema 1"),
        (b'{"layers": {}, "config": {}}', "is no image manifest"),
        (b'{"layers": [], "config": {"digest": 5}}', "is no digest"),
        (b'{"layers": [null], "config": {"digest": "sha256:' + b"0" * 64 + b'"}}', "is no digest"),
    ],
)
def test_malformed_manifests_are_errors(tmp_path: Path, document: bytes, message: str) -> None:
    oci = Oci()
    oci.roots = [oci.add(document)]
    for reference in (oci.write_tar(tmp_path / "x.tar"), oci.write(tmp_path / "x")):
        with pytest.raises(ScanError, match=message):
            read(reference)


def test_a_layout_picks_an_image_by_its_tag(tmp_path: Path) -> None:
    oci = Oci()
    oci.roots = [
        {**oci.image(TOP), "annotations": {"org.opencontainers.image.ref.name": "1"}},
        {**oci.image(BASE), "annotations": {"org.opencontainers.image.ref.name": "2"}},
    ]
    folder = oci.write(tmp_path / "x")
    assert 1 == len(read(f"oci:{folder}:1").labels(KEY))
    assert [] == read(f"oci:{folder}:2").labels(KEY)
    assert 1 == len(read(folder).labels(KEY))
    with pytest.raises(ScanError, match="no such image in the layout"):
        read(f"oci:{folder}:3")


def test_a_layout_of_things_that_are_no_files_is_an_error(tmp_path: Path) -> None:
    oci = Oci()
    oci.roots = [oci.image(TOP)]
    folder = tmp_path / "x"
    oci.write(folder)
    blob = folder / "blobs" / digest(TOP).replace(":", "/")
    blob.unlink()
    blob.mkdir()
    with pytest.raises(ScanError, match="no regular file"):
        read(str(folder))
    (folder / "index.json").unlink()
    with pytest.raises(ScanError, match=r"it has no index.json"):
        read(str(folder))


def test_a_manifest_of_more_than_four_megabytes_is_an_error(tmp_path: Path) -> None:
    oci = Oci()
    oci.roots = [oci.index(oci.image(TOP), annotations={"padding": "x"})]
    oci.roots = [oci.add({"manifests": oci.roots, "padding": "x" * 5_000_000})]
    with pytest.raises(ScanError, match="larger than 4 MiB"):
        read(oci.write(tmp_path / "x"))


def test_annotations_of_a_manifest_are_scanned(tmp_path: Path) -> None:
    oci = Oci()
    config = oci.add(json.loads(config_json([BASE])))
    layer = oci.add(BASE, "application/vnd.oci.image.layer.v1.tar")
    manifest = {"schemaVersion": 2, "config": config, "layers": [layer], "annotations": {"note": KEY.decode()}}
    oci.roots = [oci.add(manifest)]
    found = read(oci.write(tmp_path / "x"))
    assert ["image/x/.image-config/annotations/note"] == found.uris(KEY)
    assert all(isinstance(p, ImageConfig) for c in found.contents if KEY in c.data for p in c.places)


def test_annotations_of_an_index_are_scanned_and_belong_to_its_images(tmp_path: Path) -> None:
    oci = Oci()
    index = {"schemaVersion": 2, "manifests": [oci.image(TOP)], "annotations": {"note": OTHER.decode()}}
    name = {"annotations": {"io.containerd.image.name": "docker.io/me/app:3"}}
    oci.roots = [{**oci.add({"manifests": [oci.add(index)]}), **name}]
    for reference in (oci.write(tmp_path / "x"), oci.write_tar(tmp_path / "x.tar")):
        assert ["me/app:3 config: annotations/note"] == read(reference).labels(OTHER)


@pytest.mark.parametrize("reference", ["", "./nowhere", "UPPER case", "docker://", "docker://a b", "oci:nowhere"])
def test_what_is_no_image_is_a_usage_error(reference: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    with pytest.raises(UsageError):
        open_image(reference, Access())


@pytest.mark.parametrize("reference", ["docker-archive:nowhere.tar", "oci-archive:nowhere.tar", "nowhere.tar"])
def test_a_file_that_does_not_exist_is_not_looked_up_anywhere(
    reference: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    with pytest.raises(UsageError, match="there is no"):
        open_image(reference, Access())


def test_a_file_that_is_no_tar_archive_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(b"hello" * 1000)
    for reference in (f"{tmp_path}/x.tar", f"docker-archive:{tmp_path}/x.tar"):
        with pytest.raises(ScanError, match="it is no tar archive"):
            read(reference)
