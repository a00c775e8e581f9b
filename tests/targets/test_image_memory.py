"""The second scan of an image reads what is new and what had something in it, and says the same as the first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.errors import ScanError
from leaksweep.model import WINDOW, Result, Severity
from leaksweep.scan import Policy, scan
from leaksweep.targets.image import open_image
from leaksweep.targets.image.layout import Layout
from leaksweep.targets.image.memory import Layers
from support.archives import ARCHIVES, INNER, KEY, searched
from support.fakes import github
from support.images import QUICK, Oci, digest, pack, tar
from support.keypairs import certificate

POLICY = Policy(b"key", Severity.LOW, allow_skipped=False)
BASE = tar(("etc/base", b"clean\n" * 50), ("srv/gone", b"clean\n"), ("etc/ssl/ca.pem", certificate(KEY)))
SECRET = tar(("srv/a.env", b"T=" + github() + b"\n"), *((f"lib/{n}", b"clean %d\n" % n) for n in range(30)))
WHITEOUT = tar(("srv/.wh.a.env", b""), ("srv/.wh.gone", b""))


def image(folder: Path, *layers: bytes, how: str = "gzip", archive: bool = False) -> str:
    """An image of these layers in a layout, or in an archive of one."""
    oci = Oci()
    oci.roots.append(oci.image(*layers, how=how))
    return f"oci-archive:{oci.write_tar(folder)}" if archive else f"oci:{oci.write(folder)}"


def run(reference: str, engine: Engine, cache: Path, name: str = "d") -> Result:
    """A scan that remembers layers in ``cache``."""
    target: Any = open_image(reference, QUICK)
    target.remember(Cache(cache), name)
    return scan([target], engine, POLICY)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The blobs that are asked for as streams."""
    digests: list[str] = []
    stream = Layout.stream

    def asked(self: Layout, at: Any, what: str) -> Any:
        digests.append(at.digest)
        return stream(self, at, what)

    monkeypatch.setattr(Layout, "stream", asked)
    return digests


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The contents that are scanned, by their origins."""
    seen: list[str] = []
    from leaksweep import tally

    noted_ = tally.Tally.noted

    def noted(self: Any, items: Any) -> Any:
        for blob in noted_(self, items):
            seen.append(str(blob.origin))
            yield blob

    monkeypatch.setattr(tally.Tally, "noted", noted)
    return seen


def test_clean_layers_are_not_fetched_and_of_others_only_what_held_something(
    engine: Engine, tmp_path: Path, fetched: list[str], scanned: list[str]
) -> None:
    name = image(tmp_path / "image", BASE, SECRET, WHITEOUT)
    first = run(name, engine, tmp_path / "cache")
    assert len(fetched) == 3
    fetched.clear()
    scanned.clear()
    assert run(name, engine, tmp_path / "cache") == first
    assert len(fetched) == 1
    assert [origin for origin in scanned if "InLayer" in origin and "lib/" in origin] == []
    (finding,) = first.findings
    assert [seen.place.label.partition(": /")[2] for seen in finding.places] == ["srv/a.env"]
    assert "deleted in layer 3" in finding.best.place.label


def test_a_changed_top_layer_is_all_that_is_fetched(engine: Engine, tmp_path: Path, fetched: list[str]) -> None:
    run(image(tmp_path / "one", BASE, tar(("a", b"1"))), engine, tmp_path / "cache")
    fetched.clear()
    two = image(tmp_path / "two", BASE, tar(("a", b"2"), ("b.env", b"T=" + github("two") + b"\n")))
    assert len(run(two, engine, tmp_path / "cache").findings) == 1
    assert len(fetched) == 1


def test_an_archive_gains_too_and_its_digests_are_still_verified(
    engine: Engine, tmp_path: Path, scanned: list[str]
) -> None:
    name = image(tmp_path / "image.tar", BASE, SECRET, how="raw", archive=True)
    first = run(name, engine, tmp_path / "cache")
    scanned.clear()
    assert run(name, engine, tmp_path / "cache") == first
    assert not [origin for origin in scanned if "etc/base" in origin or "lib/" in origin]
    data = (tmp_path / "image.tar").read_bytes()
    (tmp_path / "image.tar").write_bytes(data.replace(b"clean\n" * 50, b"T=" + github("x") + b"\n" + b"x" * 257, 1))
    with pytest.raises(ScanError, match="digest"):
        run(name, engine, tmp_path / "cache")


def test_a_large_archive_is_known_again(engine: Engine, tmp_path: Path, fetched: list[str]) -> None:
    noise = Random(1).randbytes(WINDOW + 5000)
    held = pack(tar(("noise", noise), ("etc/a.env", b"T=" + github() + b"\n")), "gzip")
    clean = pack(tar(("noise", noise), ("b", b"clean\n")), "gzip")
    name = image(tmp_path / "image", BASE, tar(("srv/x.tgz", held), ("srv/y", b"clean\n")), tar(("srv/z.tgz", clean)))
    first = run(name, engine, tmp_path / "cache")
    (finding,) = first.findings
    assert [seen.place.label.partition(": /")[2] for seen in finding.places] == ["srv/x.tgz!/etc/a.env"]
    fetched.clear()
    assert run(name, engine, tmp_path / "cache") == first
    assert len(fetched) == 1


def test_a_public_half_in_a_layer_that_is_not_read_still_proves_a_key(engine: Engine, tmp_path: Path) -> None:
    key = tar(("k.pem", KEY))
    name = image(tmp_path / "image", BASE, key)
    alone = run(name, engine, tmp_path / "none")
    run(image(tmp_path / "base", BASE), engine, tmp_path / "cache")
    again = run(name, engine, tmp_path / "cache")
    assert again == alone
    assert any("certificate" in proof for proof in again.findings[0].proofs), again.findings[0].proofs


@pytest.mark.parametrize("archive", [True, False])
@pytest.mark.parametrize("what", ARCHIVES)
def test_of_an_archive_only_what_held_something_is_searched_again(
    what: str, archive: bool, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = tar(("app.jar", ARCHIVES[what]), ("k.pem", KEY))
    name = image(tmp_path / "image", layer, how="raw", archive=archive)
    inside = searched(monkeypatch)
    first = run(name, engine, tmp_path / "cache")
    before = len(inside)
    for _ in range(2):
        inside.clear()
        assert run(name, engine, tmp_path / "cache") == first
        assert len(inside) <= 4
        assert not [path for path in inside if "clean" in path]
    assert before > len(inside) or what == "gzip"
    assert first.findings
    assert first.complete == ("gap" not in what)


LYING: dict[str, Callable[[bytes], bytes]] = {
    "other members": lambda data: tar(("x", b"more")) + data,
    "fewer": lambda data: data[1024:],
    "a larger one": lambda data: tar(("x", bytes(len(data)))),
    "a torn one": lambda data: data[:700],
    "nothing": lambda data: b"",
    "another content": lambda data: data.replace(b"T=", b"U="),
    "no archive": lambda data: b"x" * len(data),
}


@pytest.mark.parametrize("how", ["raw", "gzip"])
@pytest.mark.parametrize("lie", LYING)
def test_a_layer_that_is_not_what_it_was_is_an_error(lie: str, how: str, engine: Engine, tmp_path: Path) -> None:
    two = tar(("etc/first", b"clean\n"), ("srv/a.env", INNER), ("lib/x", b"clean"), ("srv/b.env", INNER))
    name = image(tmp_path / "image", two, how=how)
    assert len(run(name, engine, tmp_path / "cache").findings) == 1
    file = tmp_path / "image" / "blobs" / digest(pack(two, how)).replace(":", "/")
    file.write_bytes(pack(LYING[lie](two), how))
    with pytest.raises(ScanError, match="digest"):
        run(name, engine, tmp_path / "cache")


BEHIND = {
    "another tar": tar(("x.env", INNER)),
    "text": INNER * 100,
    "the public half of a key": certificate(KEY) * 3,
}


@pytest.mark.parametrize("archive", [True, False])
@pytest.mark.parametrize("layer", [BASE, SECRET], ids=["behind nothing", "behind a secret"])
@pytest.mark.parametrize("what", BEHIND)
def test_what_stands_behind_the_end_of_a_tar_is_found_again(
    what: str, layer: bytes, archive: bool, engine: Engine, tmp_path: Path
) -> None:
    name = image(tmp_path / "image", layer + BEHIND[what], tar(("k.pem", KEY)), how="raw", archive=archive)
    first = run(name, engine, tmp_path / "cache")
    assert len(first.findings) == 1 + (layer == SECRET) + ("key" not in what)
    for _ in range(2):
        assert run(name, engine, tmp_path / "cache") == first


def _torn(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


def _changed(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def _emptied(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("harm", [_torn, _changed, _emptied])
def test_a_file_that_is_not_what_was_written_is_not_trusted(
    engine: Engine, tmp_path: Path, fetched: list[str], harm: Callable[[Path], object]
) -> None:
    name = image(tmp_path / "image", BASE, SECRET)
    first = run(name, engine, tmp_path / "cache")
    for file in (tmp_path / "cache").iterdir():
        harm(file)
    fetched.clear()
    assert run(name, engine, tmp_path / "cache") == first
    assert len(fetched) == 2


def test_other_rules_know_nothing(engine: Engine, tmp_path: Path, fetched: list[str]) -> None:
    name = image(tmp_path / "image", BASE)
    run(name, engine, tmp_path / "cache")
    fetched.clear()
    run(name, engine, tmp_path / "cache", "other")
    assert len(fetched) == 1


def test_a_layer_that_broke_off_is_not_remembered(engine: Engine, tmp_path: Path) -> None:
    name = image(tmp_path / "image", BASE, SECRET)
    for blob in (tmp_path / "image" / "blobs" / "sha256").iterdir():
        if blob.stat().st_size > 400 and blob.read_bytes()[:2] == b"\x1f\x8b":
            blob.write_bytes(blob.read_bytes()[:-20])
    with pytest.raises(ScanError):
        run(name, engine, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_the_file_holds_no_secret_and_is_bounded(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(image(tmp_path / "image", BASE, SECRET), engine, tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    assert github() not in file.read_bytes()
    monkeypatch.setattr("leaksweep.targets.image.memory.MOST", 1_000)
    for n in range(5):
        run(image(tmp_path / f"image{n}", tar((f"f{n}", b"x"))), engine, tmp_path / "cache")
    assert file.stat().st_size < 1_100
    layers = Layers()
    layers.remember(Cache(tmp_path / "cache"), "d")
    assert 0 < len(layers.known) < 7
