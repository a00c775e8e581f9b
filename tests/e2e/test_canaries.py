"""Secrets stay in: planted in every carrier, found in each, and in no byte that leaves: not as they are, not hashed.

Every byte: standard output and error, reports of all formats, the proof of scan, the baseline, the cache, the places on
disk that the program may write to.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from leaksweep.engine import Engine
from leaksweep.reports import REPORTS
from support.fakes import fake, github
from support.images import Oci, tar
from support.program import Ran, leaksweep
from support.repos import ENVIRON, Repo

HASHES = ("md5", "sha1", "sha256", "sha512", "blake2b")


def _canaries() -> dict[str, bytes]:
    """A secret for each carrier, of several kinds."""
    names = ("workspace", "encoded", "zipped", "history", "message", "tag", "note", "layer", "deleted", "env", "label")
    passwords = {name: fake("{alnum:24}", f"canary {name}") for name in ("password", "url")}
    return {name: github(f"canary {name}") for name in names} | passwords


CANARIES = _canaries()


def _forms(secret: bytes) -> Iterator[bytes]:
    """What must not leave: the secret plain and encoded, and every plain hash of it, git's own included."""
    yield secret
    yield secret[6:]  # more than a report's first four characters
    yield base64.b64encode(secret)[:-4]
    yield secret.hex().encode()
    blob = b"blob %d\0" % len(secret)
    digests = [hashlib.new(name, secret).digest() for name in HASHES]
    digests += [hashlib.new(name, blob + secret).digest() for name in ("sha1", "sha256")]
    for digest in digests:
        yield digest.hex()[:32].encode()
        yield base64.b64encode(digest)[:24]
        yield digest[:16]


def _everything(folder: Path, ran: Ran, *roots: Path) -> Iterator[tuple[str, bytes]]:
    yield "stdout", ran.out.encode("utf-8", "surrogateescape")
    yield "stderr", ran.err.encode("utf-8", "surrogateescape")
    for root in (folder, *roots):
        for file in sorted(path for path in root.rglob("*") if path.is_file()):
            yield str(file), file.read_bytes()


def _assert_kept(folder: Path, ran: Ran, *roots: Path) -> None:
    forms = {form: name for name, secret in CANARIES.items() for form in _forms(secret)}
    for where, data in _everything(folder, ran, *roots):
        seen = {name for form, name in forms.items() if form in data}
        assert not seen, f"{where} tells of {seen}"


class World:
    """What is scanned, and where the program may write."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out"
        self.cache = folder / "cache"
        self.home = folder / "home"
        self.temporary = folder / "tmp"
        for made in (self.out, self.cache, self.home, self.temporary):
            made.mkdir()
        self.repo = Repo(folder / "work")
        self.image = folder / "image"

    def run(self, *arguments: str | Path, **more: str) -> Ran:
        """The program, with nowhere else to write."""
        env = {
            **ENVIRON,
            "LEAKSWEEP_CACHE_DIR": str(self.cache),
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            **more,
        }
        return leaksweep(*arguments, cwd=self.repo.folder, env=env)

    @property
    def roots(self) -> tuple[Path, ...]:
        """Where something may have been left."""
        return (self.cache, self.home, self.temporary)


@pytest.fixture
def world(tmp_path: Path, engine: Engine) -> World:
    """A secret in every carrier."""
    world, repo = World(tmp_path), Repo(tmp_path / "work")
    compiled = Path(os.environ["LEAKSWEEP_CACHE_DIR"])
    for file in compiled.iterdir():
        if file.name.startswith(("hyperscan-", "rules-", "triggers-")):
            os.link(file, world.cache / file.name)
    repo.commit("leak", old__env=b"T=" + CANARIES["history"] + b"\n")
    repo.remove("old.env")
    repo.commit("message " + CANARIES["message"].decode())
    repo.git("tag", "-a", "v1", "-m", CANARIES["tag"].decode())
    repo.git("notes", "add", "-m", CANARIES["note"].decode())
    repo.write("a.env", b"GITHUB_TOKEN=" + CANARIES["workspace"] + b"\n")
    repo.write("b.yaml", b"t: " + base64.b64encode(b"token: " + CANARIES["encoded"] + b"\n") + b"\n")
    repo.write("c.env.gz", gzip.compress(b"T=" + CANARIES["zipped"] + b"\n", mtime=0))
    repo.write("d.py", b"password = '" + CANARIES["password"] + b"'\n")
    repo.write("e.py", b"db = 'postgres://app:" + CANARIES["url"] + b"@db.internal/app'\n")
    oci, layers = Oci(), [tar(("k", CANARIES["layer"]), ("gone", CANARIES["deleted"])), tar((".wh.gone", b""))]
    settings = {"Env": [f"T={CANARIES['env'].decode()}"], "Labels": {"t": CANARIES["label"].decode()}}
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]}
    config = oci.add({"architecture": "amd64", "os": "linux", "config": settings, "rootfs": rootfs}, "config")
    at = [oci.add(layer, "application/vnd.oci.image.layer.v1.tar") for layer in layers]
    oci.roots.append(oci.manifest(config, at))
    oci.write(world.image)
    return world


def _all_reports(world: World) -> list[str]:
    return [f"--report={name}={world.out / name}" for name in REPORTS]


def test_every_canary_is_found_and_none_leaves(world: World) -> None:
    wanted = ["--history", f"--image=oci:{world.image}", *_all_reports(world), f"--coverage={world.out / 'proof'}"]
    for more in ((), ("--suppressed",), ("--show-authors",)):
        ran = world.run("scan", *wanted, *more)
        assert ran.code == 1, ran.err
        _assert_kept(world.out, ran, *world.roots)
    found = json.loads((world.out / "json").read_bytes())["findings"]
    labels = " ".join(place["label"] for finding in found for place in finding["places"])
    assert len(found) == len(CANARIES), "else it proves nothing of those that were not found"
    for carrier in ("a.env", "b.yaml", "c.env.gz", "d.py", "e.py", "old.env@", "tag v1", "note on", "/gone", "config:"):
        assert carrier in labels


def test_none_leaves_through_what_is_kept_for_later(world: World) -> None:
    for arguments in (
        ("baseline", "create", "--history", f"--image=oci:{world.image}"),
        ("baseline", "update", "--history"),
        ("config", "show"),
        ("where", "0", "--from", str(world.out / "json")),
        ("hook", "run"),
    ):
        ran = world.run(*arguments)
        _assert_kept(world.out, ran, *world.roots)
    baseline = world.repo.folder / ".leaksweep-baseline.toml"
    assert baseline.read_text().count("state = ") == len(CANARIES)
    data = baseline.read_bytes()
    assert not [name for name, secret in CANARIES.items() if any(form in data for form in _forms(secret))]


def _torn_image(world: World) -> list[str]:
    for blob in (world.image / "blobs" / "sha256").iterdir():
        if CANARIES["layer"] in blob.read_bytes():
            blob.write_bytes(blob.read_bytes()[:700])
    return [f"--image=oci:{world.image}"]


def _torn_git(world: World) -> list[str]:
    name = world.repo.git("rev-parse", "HEAD~2:old.env")
    file = world.repo.folder / ".git" / "objects" / name[:2] / name[2:]
    file.chmod(stat.S_IRUSR | stat.S_IWUSR)
    file.write_bytes(file.read_bytes()[:10])
    return ["--history"]


def _full_disk(world: World) -> list[str]:
    return ["--report=json=/dev/full"]


def _an_engine_that_is_not_there(world: World) -> list[str]:
    return ["--image=docker-daemon:nowhere:1"]


BROKEN: dict[str, Callable[[World], list[str]]] = {
    "torn image": _torn_image,
    "torn git": _torn_git,
    "full disk": _full_disk,
    "no engine": _an_engine_that_is_not_there,
}


@pytest.mark.parametrize("broken", BROKEN)
def test_none_leaves_by_an_error(world: World, broken: str) -> None:
    ran = world.run("scan", *BROKEN[broken](world))
    assert ran.code in (2, 3), ran.err
    assert "Traceback" not in ran.err
    _assert_kept(world.out, ran, *world.roots)


def test_none_leaves_by_a_bug(world: World) -> None:
    """A crash in the midst of a scan, with secrets in the variables of every frame."""
    (world.home / "sitecustomize.py").write_text(
        "import leaksweep.triage.merge as merge\n"
        "def merged(*arguments, **more):\n"
        "    raise RuntimeError(repr(arguments), [s.match.secret.reveal() for s, _ in arguments[0]])\n"
        "import leaksweep.triage as triage\n"
        "for name in [n for n in vars(triage) if n == 'merge' or n == 'merged']:\n"
        "    setattr(triage, name, merged)\n"
    )
    ran = world.run("scan", PYTHONPATH=f"{world.home}:{os.environ.get('PYTHONPATH', '')}")
    assert ran.code == 4, (ran.out, ran.err)
    assert "this is a bug of leaksweep" in ran.err
    _assert_kept(world.out, ran, *world.roots)
