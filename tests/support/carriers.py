"""One image with three secrets, built and pushed by a real engine, in everything that can carry it."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

from support.fakes import github
from support.images import build, docker
from support.require import require, require_program

DELETED, VARIABLE, COMMAND = github("deleted"), github("variable"), github("command")
DOCKERFILE = f"""FROM busybox
COPY key /app/key
RUN rm /app/key
ENV API_KEY={VARIABLE.decode()}
RUN echo {COMMAND.decode()} | sha256sum > /app/sum
"""


def carriers(folder: Path) -> dict[str, str]:
    """The reference of each carrier: one secret in a deleted file, one in ENV, one in a RUN line."""
    (registry,) = require("REGISTRY")
    skopeo = require_program("skopeo")
    (folder / "key").write_bytes(b"token = " + DELETED + b"\n")
    name = f"{registry}/contract:1"
    build(folder, DOCKERFILE, name)
    docker("push", "-q", name)
    saved = docker("save", name)
    (folder / "saved.tar").write_bytes(saved)
    (folder / "saved.tar.gz").write_bytes(gzip.compress(saved, 1))
    copies = {
        "layout": f"oci:{folder}/layout:1",
        "oci-archive": f"oci-archive:{folder}/oci.tar",
        "docker-archive": f"docker-archive:{folder}/skopeo.tar:contract:1",
        "zstd": f"oci:{folder}/zstd:1",
    }
    for kind, target in copies.items():
        zstd = ["--dest-compress-format=zstd"] if kind == "zstd" else []
        source = f"docker://{name}"
        command = [skopeo, "copy", "-q", "--src-tls-verify=false", *zstd, source, target]
        subprocess.run(command, check=True, capture_output=True)
    return {
        "engine": name,
        "registry": f"docker://{name}",
        "saved": f"{folder}/saved.tar",
        "saved and compressed": f"{folder}/saved.tar.gz",
        **copies,
        "docker-archive": f"docker-archive:{folder}/skopeo.tar",
    }
