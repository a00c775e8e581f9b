"""The container image, built once a test run from this repository's own Dockerfile, and a Docker engine to run it.

``LEAKSWEEP_TEST_IMAGE`` names an image that exists already, such as a release's.
"""

from __future__ import annotations

import atexit
import functools
import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from support.program import ROOT, Ran, run
from support.require import require_that

BUILT = "leaksweep:test"
SOURCES = (
    "Dockerfile",
    ".dockerignore",
    "action.yml",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "src",
    "sarif",
    "schemas",
    "docker/requirements.lock",
    "docker/sbom.py",
)


@functools.cache
def has_engine() -> bool:
    """Whether a Docker engine answers."""
    return bool(shutil.which("docker")) and run("docker", "version").code == 0


def has_image(name: str) -> bool:
    """Whether the engine has this image."""
    return run("docker", "image", "inspect", name).code == 0


def socket() -> str:
    """The engine's socket."""
    require_that(os.environ.get("DOCKER_HOST", "unix://").startswith("unix://"), "a Docker engine behind a socket file")
    return os.environ.get("DOCKER_HOST", "").removeprefix("unix://") or "/var/run/docker.sock"


@functools.cache
def action_folder() -> Path:
    """A copy of what the action is made of, without what is lying about in a working tree."""
    folder = Path(tempfile.mkdtemp(prefix="leaksweep-action-"))
    atexit.register(shutil.rmtree, folder)
    for source in _sources():
        (folder / source).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / source, folder / source)
    return folder


def _sources() -> Iterator[Path]:
    for name in SOURCES:
        found = [ROOT / name] if (ROOT / name).is_file() else sorted((ROOT / name).rglob("*"))
        yield from (path.relative_to(ROOT) for path in found if path.is_file() and path.suffix != ".pyc")


@functools.cache
def image() -> str:
    """The name of the image under test.

    It is built as a runner of actions builds it, by the engine's own builder from a tar without folders: the runner
    then finds every step in the engine's cache, so that it needs no network where this build needed one.
    """
    require_that(has_engine(), "a Docker engine")
    if given := os.environ.get("LEAKSWEEP_TEST_IMAGE"):
        return given
    require_that(has_image("python:3.13-slim"), "the image python:3.13-slim")
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w", format=tarfile.GNU_FORMAT) as tar:  # docker takes PAX for text
        for path in sorted(action_folder().rglob("*")):
            if path.is_file():
                member = tar.gettarinfo(path, str(path.relative_to(action_folder())))
                member.uid = member.gid = 0
                member.uname = member.gname = ""
                tar.addfile(member, io.BytesIO(path.read_bytes()))
    call = ("docker", "build", "--quiet", "--network=host", f"--tag={BUILT}", "-")
    built = run(*call, env={"DOCKER_BUILDKIT": "0"}, stdin=context.getvalue(), timeout=900)
    assert built.code == 0, built.err
    return BUILT


def contain(*arguments: str, options: tuple[str, ...] = (), env: Mapping[str, str] | None = None) -> Ran:
    """Run the image, without any network unless ``options`` say otherwise."""
    variables = [f"--env={name}={value}" for name, value in (env or {}).items()]
    network = () if any(option.startswith("--network") for option in options) else ("--network=none",)
    return run("docker", "run", "--rm", *network, *options, *variables, image(), *arguments, timeout=120)
