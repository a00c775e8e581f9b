"""A private key and its certificate in one scan: the report names the certificate, which is no finding itself."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from support import keypairs as made
from support.images import Oci, tar
from support.program import leaksweep


def until(certificate: bytes) -> str:
    """The last day, as OpenSSL tells it: made a day later, the same certificate has another."""
    told = made.openssl("x509", "-noout", "-enddate", stdin=certificate).decode().strip()
    return str(datetime.strptime(f"{told}+0000", "notAfter=%b %d %H:%M:%S %Y GMT%z").date())


def scanned(folder: Path, *more: str) -> list[dict[str, Any]]:
    report = folder.parent / "out.json"
    ran = leaksweep("scan", folder, "--report", f"json={report}", *more)
    assert "error" not in ran.err
    found: list[dict[str, Any]] = json.loads(report.read_text())["findings"]
    assert ran.code == (1 if found else 0)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app" / "tls").mkdir(parents=True)
    return tmp_path / "app"


def test_a_certificate_alone_is_clean(folder: Path) -> None:
    (folder / "tls" / "server.crt").write_bytes(made.certificate(made.ec()))
    (folder / "id.pub").write_bytes(made.public(made.ec()))
    assert [] == scanned(folder)


def test_a_key_and_its_certificate_in_a_folder(folder: Path) -> None:
    (folder / "server.key").write_bytes(made.ec())
    (folder / "other.key").write_bytes(made.ed25519())
    certificate = made.certificate(made.ec())
    (folder / "tls" / "server.crt").write_bytes(certificate)
    other, mine = sorted(scanned(folder), key=lambda f: str(f["places"]))
    note = f"key of the certificate in tls/server.crt: CN example.org, valid until {until(certificate)}"
    assert ["pem passed", note] == mine["proofs"]
    assert "proven" == mine["confidence"]
    assert ["pem passed"] == other["proofs"]
    assert note in leaksweep("scan", folder).out


def test_a_key_in_the_workspace_with_its_certificate_in_a_layer(folder: Path, tmp_path: Path) -> None:
    (folder / "server.key").write_bytes(made.ed25519())
    layout = Oci()
    certificate = made.certificate(made.ed25519())
    layer = tar(("etc/tls/server.crt", certificate))
    layout.roots.append(layout.image(layer))
    (found,) = scanned(folder, "--image", layout.write(tmp_path / "image"))
    (note,) = (proof for proof in found["proofs"] if "certificate" in proof)
    assert "layer 1" in note
    assert note.endswith(f": /etc/tls/server.crt: CN example.org, valid until {until(certificate)}")


def test_a_certificate_inside_an_archive(folder: Path) -> None:
    (folder / "server.key").write_bytes(made.ed25519())
    certificate = made.certificate(made.ed25519())
    (folder / "backup.tar").write_bytes(tar(("server.crt", certificate)))
    (found,) = scanned(folder)
    note = f"key of the certificate in backup.tar!/server.crt: CN example.org, valid until {until(certificate)}"
    assert note in found["proofs"]
