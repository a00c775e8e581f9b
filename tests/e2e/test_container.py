"""The container: as root and as anybody, without a home, without a writable disk, without trust in what it scans."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import leaksweep as package
from support.container import contain, image, socket
from support.fakes import github
from support.program import ROOT, run
from support.repos import Repo
from support.require import require_program, require_that

SOMEBODY = 4242


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Somebody's folder with one secret, where everybody can reach it."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / ".env").write_bytes(b"GITHUB_TOKEN=" + github() + b"\n")
    require_that(os.geteuid() == 0, "root, to give files away")
    for path in (folder, folder / ".env"):
        os.chown(path, SOMEBODY, SOMEBODY)
    return folder


def mounted(workspace: Path) -> tuple[str, ...]:
    return (f"--volume={workspace}:/workspace", "--workdir=/workspace")


def inspected() -> dict[str, Any]:
    described: dict[str, Any] = json.loads(run("docker", "image", "inspect", image()).out)[0]
    return described


def test_it_runs_as_root_and_its_reports_belong_to_the_workspaces_owner(workspace: Path) -> None:
    ran = contain("scan", "--report=sarif=out.sarif", "--report=json=out.json", options=mounted(workspace))
    assert ran.code == 1, ran.err
    assert "leaksweep: 1 secret found (1 critical)\n" in ran.out
    for name in ("out.sarif", "out.json"):
        status = (workspace / name).stat()
        assert (status.st_uid, status.st_gid) == (SOMEBODY, SOMEBODY)


def test_it_runs_as_anybody_without_a_home_a_disk_or_a_right(workspace: Path) -> None:
    bare = (f"--user={SOMEBODY}:{SOMEBODY}", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")
    ran = contain("scan", "--report=json=out.json", options=(*mounted(workspace), *bare), env={"HOME": ""})
    assert (ran.code, ran.err) == (1, "")
    assert len(json.loads((workspace / "out.json").read_bytes())["findings"]) == 1
    assert (workspace / "out.json").stat().st_uid == SOMEBODY


def test_a_workspace_that_cannot_be_written_can_be_scanned(workspace: Path) -> None:
    options = (f"--volume={workspace}:/workspace:ro", "--workdir=/workspace", "--read-only")
    assert contain("scan", options=options).code == 1
    refused = contain("scan", "--report=json=out.json", options=options)
    assert refused.code == 2
    assert refused.error.startswith("out.json: cannot be written: Read-only file system")


def test_nothing_in_the_workspace_is_executed(workspace: Path) -> None:
    for name in ("typer", "json", "hyperscan", "sitecustomize", "usercustomize", "leaksweep", "os"):
        (workspace / f"{name}.py").write_text("print('owned'); raise SystemExit(0)\n")
    for name in ("pyvenv.cfg", "leaksweep.pth", "python313._pth"):
        (workspace / name).write_text("import nothing\n")
    ran = contain("scan", options=mounted(workspace), env={"PYTHONPATH": "/workspace", "PYTHONSTARTUP": "os.py"})
    assert ran.code == 1, ran.err
    assert "owned" not in ran.out


@pytest.mark.parametrize("user", ["0:0", f"{SOMEBODY}:{SOMEBODY}", "7777:7777"])
def test_it_reads_a_history_whoever_owns_it(workspace: Path, user: str) -> None:
    """git calls the ownership of most mounted repositories dubious; the folder that the user named is trusted."""
    os.chown(workspace, 0, 0)
    repo = Repo(workspace)
    repo.commit("leak")
    repo.remove(".env")
    for folder, _, files in os.walk(workspace):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            os.chown(path, SOMEBODY, SOMEBODY)
    bare = (f"--user={user}", "--read-only", "--cap-drop=ALL", "--network=none")
    options = (f"--volume={workspace}:/workspace:ro", "--workdir=/workspace", *bare)
    ran = contain("scan", "--history", options=options)
    assert ran.code == 1, ran.err
    assert ".env@" in ran.out
    assert "leaksweep: 1 secret found (1 critical)\n" in ran.out


@pytest.fixture
def built() -> Iterator[str]:
    """An image that the engine has, with a secret in a layer."""
    image()
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for name, data in (("Dockerfile", b"FROM scratch\nCOPY key /app/key\n"), ("key", github("image"))):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    name = "leaksweep-test-app:1"
    done = run("docker", "build", "--quiet", f"--tag={name}", "-", stdin=context.getvalue())
    assert done.code == 0, done.err
    yield name
    run("docker", "image", "rm", "--force", name)


def test_it_scans_an_image_through_the_engines_socket(workspace: Path, built: str) -> None:
    options = (*mounted(workspace), f"--volume={socket()}:/var/run/docker.sock")
    ran = contain("scan", "--image", built, "--report=json=out.json", options=options)
    assert ran.code == 1, ran.err
    uris = {f["places"][0]["uri"] for f in json.loads((workspace / "out.json").read_bytes())["findings"]}
    assert uris == {".env", "image/leaksweep-test-app/app/key"}


def test_without_a_socket_an_image_that_only_the_engine_has_is_3(workspace: Path) -> None:
    ran = contain("scan", "--image", "docker-daemon:app:1", options=mounted(workspace))
    assert ran.code == 3
    assert "no docker engine answers" in ran.error


def test_a_shell_can_be_had_for_gitlab_and_jenkins() -> None:
    ran = contain("sh", "-c", "leaksweep --version && id -u", options=("--entrypoint=", f"--user={SOMEBODY}"))
    assert ran == (0, f"leaksweep {package.__version__}\n{SOMEBODY}\n", "")


def test_the_rules_are_compiled_into_the_image() -> None:
    look = "ls $LEAKSWEEP_CACHE_DIR; leaksweep scan /etc/hostname >/dev/null; echo --; ls $LEAKSWEEP_CACHE_DIR"
    ran = contain("sh", "-c", look, options=("--entrypoint=",))
    before, _, after = ran.out.partition("--\n")
    assert before == after
    assert {"hyperscan", "rules", "triggers"} == {line.partition("-")[0] for line in before.splitlines()}


def test_the_cache_outlives_a_registry() -> None:
    """Layers carry times in whole seconds, and the rules' times are part of their cache's key."""
    look = "find / -xdev -path '*/leaksweep/rules/data/*' -name '*.toml' -newermt '1970-01-02'"
    assert contain("sh", "-c", look, options=("--entrypoint=",)).out == ""


def test_the_image_says_what_it_is_and_keeps_to_the_runners_rules() -> None:
    config = inspected()["Config"]
    assert config["Entrypoint"][0].startswith("/")
    assert config["Entrypoint"][-2:] == ["-m", "leaksweep"]
    assert config["User"] == ""
    labels = {name.rpartition(".")[2] for name in config["Labels"] if name.startswith("org.opencontainers.image.")}
    assert labels >= {"title", "description", "licenses", "version", "revision"}


def test_the_image_stays_small_and_has_no_tools_of_its_build() -> None:
    base = json.loads(run("docker", "image", "inspect", "python:3.13-slim").out)[0]
    assert inspected()["Size"] - base["Size"] < 64e6  # a third of it are the compiled rules
    ran = contain("sh", "-c", "ls /opt/leaksweep/lib/python3*/site-packages; ls /", options=("--entrypoint=",))
    left = set(ran.out.split())
    assert not left & {"pip", "setuptools", "hatchling", "pygments", "build"}


def test_the_dockerfile_passes_hadolint() -> None:
    checked = run(require_program("hadolint"), ROOT / "Dockerfile")
    assert checked == (0, "", "")


def test_its_bill_of_materials_names_what_is_installed() -> None:
    ran = contain("/opt/leaksweep/share/sbom.cdx.json", options=("--entrypoint=cat", "--network=none"))
    parts = {part["name"]: part["version"] for part in json.loads(ran.out)["components"]}
    lock = Path(__file__).parents[2].joinpath("docker", "requirements.lock").read_text("utf-8")
    assert all(f"{name}=={version} " in lock for name, version in parts.items() if name != "python")
    assert "hyperscan" in parts
