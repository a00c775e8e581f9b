"""A registry of a few lines that can be made to misbehave, on loopback, in plain HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from support.images import Oci


@dataclass
class Stub:
    """What it serves, what it was asked, and ``misbehave``, which returns False where it leaves a request alone."""

    oci: Oci = field(default_factory=Oci)
    tag: dict[str, Any] = field(default_factory=dict)
    misbehave: Callable[[Request], object] = lambda request: False
    seen: list[tuple[str, str, str]] = field(default_factory=list)  #: method and path, Authorization, Range
    address: str = ""

    @property
    def name(self) -> str:
        return f"{self.address}/team/app:1"

    def paths(self, word: str) -> list[str]:
        return [path for path, _, _ in self.seen if word in path]


class Request(BaseHTTPRequestHandler):
    """One request to the stub."""

    stub: Stub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.stub.seen.append((self.path, self.headers.get("Authorization", ""), self.headers.get("Range", "")))
        if self.stub.misbehave(self) is False:
            self.serve()

    def do_POST(self) -> None:
        self.do_GET()

    def serve(self) -> None:
        """Answer as a registry does."""
        name = self.path.partition("?")[0].rpartition("/")[2]
        if self.path == "/v2/":
            self.answer(200, b"{}")
        elif name == "1":
            self.answer(200, self.stub.oci.blobs[self.stub.tag["digest"]])
        elif name in self.stub.oci.blobs:
            data = self.stub.oci.blobs[name]
            start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
            if start:
                self.answer(206, data[start:], Content_Range=f"bytes {start}-{len(data) - 1}/{len(data)}")
            else:
                self.answer(200, data)
        else:
            self.answer(404, b'{"errors":[]}')

    def answer(self, status: int, body: bytes = b"", length: int = -1, **headers: str) -> None:
        """An answer; with a ``length`` that is not the body's, the connection is closed after it."""
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length < 0 else length))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = length >= 0

    def json(self, status: int, document: Any) -> None:
        self.answer(status, json.dumps(document).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what these tests are about."""


@contextmanager
def stub(oci: Oci, tag: dict[str, Any]) -> Iterator[Stub]:
    """A running registry with one image, ``stub.name``."""
    state = Stub(oci, tag)
    handler = type("Handler", (Request,), {"stub": state})
    with _Server(("127.0.0.1", 0), handler) as server:
        state.address = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
