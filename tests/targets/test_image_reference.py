"""Names, what they mean, and the engine behind them: a fake one on a socket, which lies, stalls and dies."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from leaksweep.errors import ScanError, UsageError
from leaksweep.redact import Secret
from leaksweep.targets.image import Access, open_image, open_images
from leaksweep.targets.image.names import ImageName, parse_name
from leaksweep.targets.image.reference import _is_path
from support.fakes import github
from support.images import QUICK, Oci, config_json, read, tar
from support.registry_stub import stub

KEY = github("reference")
LAYER = tar(("key", KEY))
SAVED = tar(
    ("l.tar", LAYER),
    ("config.json", config_json([LAYER])),
    ("manifest.json", json.dumps([{"Config": "config.json", "RepoTags": ["app:1"], "Layers": ["l.tar"]}]).encode()),
)
DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "name", "repository"),
    [
        ("busybox", ImageName("docker.io", "library/busybox", "latest"), "busybox"),
        ("me/app:1", ImageName("docker.io", "me/app", "1"), "me/app"),
        ("docker.io/library/busybox", ImageName("docker.io", "library/busybox", "latest"), "busybox"),
        ("index.docker.io/me/app", ImageName("docker.io", "me/app", "latest"), "me/app"),
        (
            "registry.example/me/app:v1.0_x",
            ImageName("registry.example", "me/app", "v1.0_x"),
            "registry.example/me/app",
        ),
        ("localhost/app", ImageName("localhost", "app", "latest"), "localhost/app"),
        ("127.0.0.1:5000/a/b/c:1", ImageName("127.0.0.1:5000", "a/b/c", "1"), "127.0.0.1:5000/a/b/c"),
        ("[::1]:5000/app", ImageName("[::1]:5000", "app", "latest"), "[::1]:5000/app"),
        ("Host/app", ImageName("Host", "app", "latest"), "Host/app"),
        (f"app@{DIGEST}", ImageName("docker.io", "library/app", "", DIGEST), "app"),
        (f"r.io/app:1@{DIGEST}", ImageName("r.io", "app", "1", DIGEST), "r.io/app"),
        ("a__b/c--d.e", ImageName("docker.io", "a__b/c--d.e", "latest"), "a__b/c--d.e"),
    ],
)
def test_names_are_normalised_as_docker_does_it(text: str, name: ImageName, repository: str) -> None:
    assert (name, repository) == (parse_name(text), name.repository)
    assert (name.digest or name.tag) == name.version


_NO_NAMES = ["a:" + "t" * 129, "a:1\n", "r.io/", "r.io/A", "r.io/../x", "r.io/x?y", "u:p@r.io/x", "a\nb"]


@pytest.mark.parametrize(
    "text",
    [
        *_NO_NAMES,
        "",
        "UPPER",
        "a b",
        "a//b",
        "/a",
        "a/",
        ".",
        "./a",
        "../a",
        "a:",
        "a:b:c",
        "a@",
        "a@sha256:0",
        "a@md5:0",
        "-a",
    ],
)
def test_what_is_no_name(text: str) -> None:
    assert parse_name(text) is None


class Engine:
    """Enough of the engine's API for one image; ``cut`` tears its ``save``, ``status`` makes it fail."""

    def __init__(self, cut: int = 0, status: int = 200, has: bool = True) -> None:
        self.cut, self.status, self.has = cut, status, has

    def answer(self, path: str) -> bytes:
        if path == "/version":
            return _http(200, json.dumps({"ApiVersion": "1.45", "MinAPIVersion": "1.24"}).encode())
        if path.endswith("/json") and self.has:
            return _http(200, json.dumps({"Id": DIGEST, "RepoTags": ["app:1"]}).encode())
        if path.endswith("/get") and self.has:
            if self.status != 200:
                return _http(self.status, b'{"message":"broken"}')
            return _chunked(SAVED)[: -self.cut or None]
        return _http(404, b'{"message":"No such image"}')


@contextmanager
def engine(path: Path, behaviour: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    monkeypatch.setenv("DOCKER_CONFIG", str(path.parent))

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            with caller:
                caller.settimeout(5)
                if request := caller.recv(65536):
                    caller.sendall(behaviour.answer(request.split()[1].decode()))

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def _http(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _chunked(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    parts = [body[i : i + 4096] for i in range(0, len(body), 4096)]
    return head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_the_engine_is_asked_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine(tmp_path / "s", Engine(), monkeypatch):
        for reference in ("app:1", "docker-daemon:app:1", DIGEST):
            found = read(reference)
            assert "image/app" == found.run
            assert [f"{reference} layer 1"] == [label[: label.index(" (sha")] for label in found.labels(KEY)]


@pytest.mark.parametrize("cut", [5, 1000, len(SAVED) - 2000])
def test_an_engine_that_dies_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    with engine(tmp_path / "s", Engine(cut), monkeypatch), pytest.raises(ScanError, match="engine broke off"):
        read("app:1")


def test_an_engine_that_fails_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with engine(tmp_path / "s", Engine(status=500), monkeypatch), pytest.raises(ScanError, match="engine broke off"):
        read("app:1")


def test_a_scan_that_is_given_up_closes_its_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Left open, the socket would be a ResourceWarning, which is an error here."""
    with engine(tmp_path / "s", Engine(), monkeypatch):
        batches = open_image("app:1", QUICK).batches()
        next(batches)
        del batches


def test_the_registry_is_asked_where_the_engine_has_no_such_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    oci = Oci()
    with stub(oci, oci.image(LAYER)) as registry, engine(tmp_path / "s", Engine(has=False), monkeypatch):
        assert 1 == len(read(registry.name).labels(KEY))
        with pytest.raises(ScanError, match=r"of that version \(the docker engine does not have it\)"):
            read(f"{registry.address}/team/app:2")
        with pytest.raises(ScanError, match="the docker engine has no such image"):
            read(f"docker-daemon:{registry.name}")


def test_the_registry_is_asked_where_there_is_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    oci = Oci()
    with stub(oci, oci.image(LAYER)) as registry:
        assert 1 == len(read(registry.name).labels(KEY))
    with pytest.raises(ScanError, match="no docker engine answers: no such file or directory"):
        open_image("docker-daemon:app:1", QUICK)
    for host in ("tcp://127.0.0.1:1", "nonsense"):
        monkeypatch.setenv("DOCKER_HOST", host)
        with pytest.raises(ScanError, match="no docker engine answers"):
            open_image("docker-daemon:app:1", QUICK)


def test_a_file_or_folder_of_that_name_is_taken_only_if_it_is_an_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").write_text("a program")
    with engine(tmp_path / "s", Engine(), monkeypatch):
        assert "image/app" == read("app").run
        (tmp_path / "app").unlink()
        (tmp_path / "app").mkdir()
        assert "image/app" == read("app").run
        (tmp_path / "app").rmdir()
        oci = Oci()
        oci.roots = [oci.image(LAYER)]
        oci.write(tmp_path / "app")
        (tmp_path / "s").unlink()  # no engine any more
        assert 1 == len(read("app").labels(KEY))


def test_what_is_clearly_a_name_is_one_whatever_the_checkout_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("registry.example/app:1", "registry.example/app", "app:1"):
        planted = tmp_path / name
        planted.mkdir(parents=True)
        (planted / "oci-layout").touch()
        assert not _is_path(name)
    (tmp_path / "layout").mkdir()
    assert not _is_path("layout")  # a folder that happens to be called like an image
    (tmp_path / "layout" / "oci-layout").touch()
    assert _is_path("layout")


def test_credentials_are_for_one_registry() -> None:
    access = Access(user="me", password=Secret(b"x"))
    with pytest.raises(UsageError, match="several registries"):
        open_images(["docker://a.example/app:1", "docker://b.example/app:1"], access)
    assert 2 == len(open_images(["docker://a.example/app:1", "docker://a.example/other"], access))
