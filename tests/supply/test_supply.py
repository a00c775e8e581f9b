"""What we ship is made of what we named: the lock, the bill of materials, the wheel, the workflows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from support.program import ROOT, run
from support.require import require_program

LOCK = (ROOT / "docker" / "requirements.lock").read_text("utf-8")
PINS = {canonicalize_name(m[1]): Version(m[2]) for m in re.finditer(r"^([\w.-]+)==([\w.!+-]+)", LOCK, re.MULTILINE)}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def wanted() -> list[Requirement]:
    """What pyproject.toml asks of the container."""
    done = run(sys.executable, ROOT / "docker" / "requirements.py")
    return [Requirement(line) for line in done.out.splitlines()]


def test_the_lock_has_what_pyproject_asks_for() -> None:
    for requirement in wanted():
        version = PINS.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not in docker/requirements.lock: run make lock"
        assert requirement.specifier.contains(version), f"{requirement}: {version} is locked: run make lock"


def test_every_pin_has_hashes_and_no_place_to_get_it() -> None:
    blocks = re.split(r"^(?=[\w.-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(PINS) > 20
    for block in blocks:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block.split()[0]
    assert "://" not in LOCK
    assert not re.search(r"^-", LOCK, re.MULTILINE)


def test_the_container_installs_by_the_lock_alone() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    installs = re.findall(r"pip (?:--python \S+ )?install((?:[^\n]|\\\n)*)", text.replace("\\\n", " "))
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "--no-deps ." in installs[1]


def test_the_bill_of_materials_is_valid_and_the_same_each_time() -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    first, second = (run(sys.executable, ROOT / "docker" / "sbom.py") for _ in range(2))
    assert (first.code, first.err) == (0, "")
    assert first.out == second.out
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(first.out) is None
    bill = json.loads(first.out)
    assert bill["metadata"]["component"]["name"] == "leaksweep"
    assert {"hyperscan", "typer", "docker", "sarif-om", "jsonschema"} <= {part["name"] for part in bill["components"]}


def test_the_wheel_is_the_same_whenever_and_wherever_it_is_built(tmp_path: Path) -> None:
    made = []
    for number, mask in enumerate((0o022, 0o027)):
        copy = tmp_path / f"copy-{number}" / "leaksweep"
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
        for name in filter(None, names.split("\0")):
            if name.startswith(("src/", "sarif/", "schemas/", "README", "LICENSE", "pyproject", "CHANGELOG")):
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, copy / name)
                os.utime(copy / name, (10**9 + number * 10**6,) * 2)
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", "."]
        subprocess.run(command, cwd=copy, check=True, capture_output=True, umask=mask)
        (wheel,) = (copy / "dist").iterdir()
        made.append(wheel.read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_is_clean_and_has_the_least_rights(file: Path) -> None:
    assert run(require_program("actionlint"), "-shellcheck=", "-pyflakes=", file).code == 0
    done = run(require_program("zizmor"), "--offline", "--no-progress", file)
    assert done.code == 0, done.out
    workflow = yaml.safe_load(file.read_text("utf-8"))
    assert workflow["permissions"] == {}
    assert all("timeout-minutes" in job and "permissions" in job for job in workflow["jobs"].values())


def test_actions_are_named_by_commit_and_version() -> None:
    used = [line.strip() for file in WORKFLOWS for line in file.read_text("utf-8").splitlines() if "uses:" in line]
    assert len(used) > 10
    for line in used:
        assert re.search(r"uses: (?:\./|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$", line), line


def test_the_release_names_its_base_by_digest_and_makes_provenance() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    for part in ("BASE=${{ steps.base.outputs.ref }}", "provenance: mode=max", "sbom: true", "no-cache: true"):
        assert part in text
