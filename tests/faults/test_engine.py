"""A docker engine that goes away in the midst of an export: exit 3, one line, never what had come by then as all."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.container import socket as engine_socket
from support.fakes import github
from support.images import build, docker
from support.program import leaksweep
from support.require import require

NAME = "leaksweep-faults:cut"
SIZE = 3_000_000  # bytes of the layer


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require("DOCKER_HOST")
    folder = tmp_path_factory.mktemp("image")
    (folder / "a.env").write_bytes(b"T=" + github("cut") + b"\n")
    (folder / "filler").write_bytes(os.urandom(SIZE))
    build(folder, "FROM scratch\nCOPY a.env filler /\n", NAME)
    yield NAME
    docker("rmi", NAME)


@contextmanager
def cut_after(size: int, file: Path) -> Iterator[str]:
    """The real engine behind a socket that passes on no more than ``size`` bytes of the answer to an export."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(file))
        server.listen()
        threading.Thread(target=_accept, args=(server, size), daemon=True).start()
        yield f"unix://{file}"
        server.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket, size: int) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(client, size), daemon=True).start()


def _serve(client: socket.socket, size: int) -> None:
    with client, socket.socket(socket.AF_UNIX) as engine:
        engine.connect(engine_socket())
        exporting = threading.Event()
        threading.Thread(target=_ask, args=(client, engine, exporting), daemon=True).start()
        left = size
        while data := engine.recv(65536):
            if exporting.is_set():
                data, left = data[:left], left - len(data)
            client.sendall(data)
            if left <= 0:
                break
        client.shutdown(socket.SHUT_RDWR)


def _ask(client: socket.socket, engine: socket.socket, exporting: threading.Event) -> None:
    try:
        while data := client.recv(65536):
            if b"/get" in data.partition(b"\r\n")[0]:
                exporting.set()
            engine.sendall(data)
        engine.shutdown(socket.SHUT_WR)
    except OSError:
        """One of the two hung up."""


@pytest.mark.parametrize("size", [100, 20_000, SIZE // 2, SIZE])
def test_an_export_that_is_cut_is_an_incomplete_scan(size: int, image: str, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    out = tmp_path / "out.json"
    with cut_after(size, tmp_path / "engine.sock") as host:
        arguments = ("scan", tmp_path / "work", "--image", f"docker-daemon:{image}", f"--report=json={out}")
        ran = leaksweep(*arguments, env={"DOCKER_HOST": host})
    assert ran.code == 3, ran.err
    last = ran.err.splitlines()[-1]
    assert last.startswith("leaksweep: error: ")
    assert image in last
    assert "Traceback" not in ran.err
    assert not out.exists()


def test_the_same_socket_without_a_cut_gives_the_secret(image: str, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    with cut_after(1 << 40, tmp_path / "engine.sock") as host:
        ran = leaksweep("scan", tmp_path / "work", "--image", f"docker-daemon:{image}", env={"DOCKER_HOST": host})
    assert ran.code == 1, ran.err
