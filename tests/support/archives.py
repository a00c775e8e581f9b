"""Archives with a secret, clean members and a certificate in them, and what of them is searched."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator

import pytest

from leaksweep.engine import Engine, Notes
from leaksweep.model import Blob, Sighting
from support.fakes import github
from support.images import tar, zipped
from support.keypairs import certificate, rsa

KEY = rsa()
MANY = (*((f"clean{n}", b"clean %d\n" % n) for n in range(20)), ("ca.pem", certificate(KEY)))
INNER = b"T=" + github("inner") + b"\n"
ARCHIVES = {
    "a zip": zipped(*MANY, ("a.env", INNER)),
    "nested": zipped(*MANY, ("b.zip", zipped(*MANY, ("a.env", INNER)))),
    "stored, so that its own bytes show it too": zipped(*MANY, ("a.env", INNER), method=zipfile.ZIP_STORED),
    "with a gap": zipped(*MANY, ("a.env", INNER), ("torn.gz", gzip.compress(INNER * 9)[:-20])),
    "with a secret behind it": zipped(*MANY) + INNER,
    "before which there is one": b"#!/bin/sh\n" + INNER + zipped(*MANY),
    "with nothing but a gap": zipped(*MANY, ("torn.gz", gzip.compress(b"x" * 999)[:-20])),
    "gzip": gzip.compress(INNER),
    "a tar": tar(*MANY, ("a.env", INNER)),
}


def searched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths inside contents that are searched from now on, as they come; "" for a content's own bytes."""
    found: list[str] = []
    scan = Engine.scan

    def noted(self: Engine, blob: Blob, notes: Notes | None = None) -> Iterator[Sighting]:
        found.append(blob.inside)
        return scan(self, blob, notes)

    monkeypatch.setattr(Engine, "scan", noted)
    return found
