"""The Jenkinsfile: its shape, and its own scan command run for real. (Jenkins itself cannot be had here.)"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from support.container import contain, image
from support.fakes import github
from support.program import ROOT, Ran, run
from support.require import require_that

TEXT = (ROOT / "examples" / "Jenkinsfile").read_text()
SCRIPTED = (ROOT / "examples" / "Jenkinsfile.scripted").read_text()


def block(name: str, text: str = TEXT) -> str:
    """The inside of the first ``name { ... }``."""
    start = re.search(rf"\b{re.escape(name)}\s*\{{", text)
    assert start, name
    depth, position = 1, start.end()
    while depth:
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        position += 1
    return text[start.end() : position - 1]


@pytest.mark.parametrize("text", [TEXT, SCRIPTED], ids=["declarative", "scripted"])
def test_every_brace_bracket_and_quote_is_closed(text: str) -> None:
    code = re.sub(r"(?s:'''.*?''')|'[^'\n]*'|\"[^\"\n]*\"|//[^\n]*", "", text)
    assert "'" not in code
    assert '"' not in code
    for opening, closing in ("{}", "()", "[]"):
        assert code.count(opening) == code.count(closing)


def test_it_builds_pushes_scans_and_always_reports() -> None:
    pipeline = block("pipeline")
    assert re.findall(r"stage\('(\w+)'\)", block("stages", pipeline)) == ["Build", "Push", "Scan"]
    always = block("always", block("post", pipeline))
    assert "recordIssues enabledForFailure: true" in always
    assert re.search(r"tool: sarif\(.*pattern: 'leaksweep\.sarif'\)", always)


def test_no_secret_is_interpolated_by_groovy() -> None:
    """In double quotes Groovy itself would put the password into the command, and Jenkins would log it."""
    assert re.findall(r'\bsh\s*\(?\s*"', TEXT + SCRIPTED) == []


def test_the_scripted_stage_runs_inside_the_image_as_anybody_without_a_home(tmp_path: Path) -> None:
    """``docker.image(..).inside`` keeps a container alive with ``cat``, as the agent's user, and runs ``sh`` in it."""
    (tmp_path / "key").write_bytes(github())
    tmp_path.chmod(0o777)
    (command,) = re.findall(r"sh '''(.*?)'''", SCRIPTED, re.DOTALL)
    saved = run("docker", "save", "--output", tmp_path / "app.tar", "busybox:latest")
    require_that(saved.code == 0, "the image busybox:latest")
    (tmp_path / "app.tar").chmod(0o644)
    options = ("--user=4242:4242", "--entrypoint=", f"--volume={tmp_path}:{tmp_path}", f"--workdir={tmp_path}")
    ran = contain(
        "sh", "-xe", "-c", command.replace("\\\n", ""), options=options, env={"IMAGE": "docker-archive:app.tar"}
    )
    assert ran.code == 1, ran.err
    assert len(json.loads((tmp_path / "leaksweep.sarif").read_bytes())["runs"][0]["results"]) == 1
    assert "<failure" in (tmp_path / "leaksweep.xml").read_text()
    always = block("finally", SCRIPTED)
    assert all(step in always for step in ("recordIssues enabledForFailure: true", "junit ", "qualityGates"))


def scan(workspace: Path, tmp_path: Path) -> Ran:
    """The scan stage's shell command, by a docker that adds nothing but this machine's lack of networks."""
    (command,) = re.findall(r"sh '''(.*?)'''", block("stage('Scan')"), re.DOTALL)
    docker = shutil.which("docker")
    require_that(docker, "docker")
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin" / "docker"
    wrapper.write_text(f'#!/bin/sh\nshift\nexec {docker} run --network=none "$@"\n')
    wrapper.chmod(0o755)
    env = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "WORKSPACE": str(workspace),
        "LEAKSWEEP": image(),
        "IMAGE": "docker-archive:app.tar",
        "LEAKSWEEP_REGISTRY_USER": "me",
        "LEAKSWEEP_REGISTRY_PASSWORD": "hunter2",
    }
    # Groovy's ''' leaves a backslash at the end of a line out, with the line break.
    return run("sh", "-xe", "-c", command.replace("\\\n", ""), cwd=workspace, env=env, timeout=120)


def test_its_scan_command_fails_the_build_and_leaves_the_report(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "key").write_bytes(github())
    image()
    saved = run("docker", "save", "--output", workspace / "app.tar", "busybox:latest")
    require_that(saved.code == 0, "the image busybox:latest")
    ran = scan(workspace, tmp_path)
    assert ran.code == 1, ran.err
    assert "hunter2" not in ran.out + ran.err
    runs = json.loads((workspace / "leaksweep.sarif").read_bytes())["runs"]
    assert [len(part["results"]) for part in runs] == [1, 0]
    assert len(json.loads((workspace / "leaksweep.json").read_bytes())["findings"]) == 1
