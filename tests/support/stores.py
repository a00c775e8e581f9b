"""Secret stores on loopback: moto's AWS endpoint, and the few calls of Vault's and Conjur's HTTP APIs that we speak,
written from their documentation.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "test-token"  #: Vault's
LOGIN, API_KEY, ACCOUNT = "host/app/1", "test-api-key", "acme"  #: Conjur's
_CONJUR_TOKEN = b'{"protected":"a","payload":"b","signature":"c"}'


class _Handler(BaseHTTPRequestHandler):
    """Answers ``do`` for every method; nothing is logged."""

    def log_message(self, *_: object) -> None:
        """Be silent."""

    def answer(self, status: int, body: bytes = b"", kind: str = "application/json") -> None:
        """Send one whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """What differs from store to store."""
        raise NotImplementedError

    def do_LIST(self) -> None:
        """Vault lists with a method of its own, or with ``GET ?list=true``."""
        self.do_GET()

    def do_POST(self) -> None:
        """Conjur logs in with it."""
        self.do_GET()


@contextmanager
def _serving(handler: type[_Handler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def vault(secrets: Mapping[str, Mapping[str, str]], namespace: str = "") -> Iterator[dict[str, str]]:
    """KV version 2 at ``secret/``: path -> fields. The environment that leads to it."""

    class Vault(_Handler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            listing = self.command == "LIST" or parse_qs(parts.query).get("list") == ["true"]
            where = unquote(parts.path)
            if self.headers.get("X-Vault-Token") != TOKEN or (self.headers.get("X-Vault-Namespace") or "") != namespace:
                self.answer(403, b'{"errors":["permission denied"]}')
            elif where.startswith("/v1/secret/data/") and (
                found := secrets.get(where.removeprefix("/v1/secret/data/"))
            ):
                inner = {"data": dict(found), "metadata": {"version": 1, "destroyed": False, "deletion_time": ""}}
                self.answer(200, json.dumps({"data": inner}).encode())
            elif listing and where.startswith("/v1/secret/metadata") and (keys := self._under(where)):
                self.answer(200, json.dumps({"data": {"keys": keys}}).encode())
            else:
                self.answer(404, b'{"errors":[]}')

        @staticmethod
        def _under(where: str) -> list[str]:
            folder = where.removeprefix("/v1/secret/metadata").strip("/")
            above = f"{folder}/" if folder else ""
            inside = [path.removeprefix(above).partition("/") for path in secrets if path.startswith(above)]
            return sorted({name + slash for name, slash, _ in inside})

    with _serving(Vault) as url:
        yield {"VAULT_ADDR": url, "VAULT_TOKEN": TOKEN, **({"VAULT_NAMESPACE": namespace} if namespace else {})}


@contextmanager
def conjur(secrets: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Variables by their id, for one host. The environment that leads to it."""

    class Conjur(_Handler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            pieces = [unquote(piece) for piece in parts.path.strip("/").split("/")]
            if pieces == ["authn", ACCOUNT, LOGIN, "authenticate"] and body.decode() == API_KEY:
                encoded = self.headers.get("Accept-Encoding") == "base64"
                self.answer(200, base64.b64encode(_CONJUR_TOKEN) if encoded else _CONJUR_TOKEN, "text/plain")
            elif self.headers.get("Authorization") != f'Token token="{base64.b64encode(_CONJUR_TOKEN).decode()}"':
                self.answer(401)
            elif pieces[:3] == ["secrets", ACCOUNT, "variable"] and (value := secrets.get(pieces[-1])) is not None:
                self.answer(200, value.encode(), "text/plain")
            elif pieces == ["resources", ACCOUNT]:
                asked = parse_qs(parts.query)
                first, count = (int(asked.get(key, ["0"])[0]) for key in ("offset", "limit"))
                ids = [{"id": f"{ACCOUNT}:variable:{name}"} for name in sorted(secrets)]
                self.answer(200, json.dumps(ids[first : first + (count or len(ids))]).encode())
            else:
                self.answer(404)

    with _serving(Conjur) as url:
        yield {
            "CONJUR_APPLIANCE_URL": url,
            "CONJUR_ACCOUNT": ACCOUNT,
            "CONJUR_AUTHN_LOGIN": LOGIN,
            "CONJUR_AUTHN_API_KEY": API_KEY,
        }


@contextmanager
def secrets_manager(secrets: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """moto's server with these secrets. The environment that leads to it."""
    import boto3
    import requests
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    env = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        requests.post(f"{env['AWS_ENDPOINT_URL']}/moto-api/reset", timeout=10).raise_for_status()
        client = boto3.client(
            "secretsmanager",
            endpoint_url=env["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        for name, value in secrets.items():
            client.create_secret(Name=name, SecretString=value)
        yield env
    finally:
        server.stop()
