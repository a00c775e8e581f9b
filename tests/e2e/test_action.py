"""The container action: in a local GitHub runner (act), and with the very mounts and variables of GitHub's own."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.container import action_folder, contain, has_image, image, socket
from support.fakes import github
from support.program import ROOT, Ran, run
from support.require import require_program, require_that

RUNNER = "python:3.13-slim"  #: stands in for the runner's own image: it has a shell
WORKFLOW = """
on: {event}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - id: sweep
        uses: OWNER/leaksweep@v0
        with: {inputs}
      - if: always()
        shell: sh
        env:
          ANSWER: ${{{{ toJSON(steps.sweep.outputs) }}}}
          OUTCOME: ${{{{ steps.sweep.outcome }}}}
        run: |
          printf '%s' "$ANSWER" >answer.json
          echo "later step: $OUTCOME, $(wc -l <"${{{{ steps.sweep.outputs.sarif-file }}}}") lines of SARIF"
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository as a runner checks it out, with one secret."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "app.env").write_bytes(b"A=1\nGITHUB_TOKEN=" + github() + b"\n")
    git = (
        "git",
        "-C",
        tmp_path,
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@example.org",
        "-c",
        "init.defaultBranch=main",
    )
    for words in (
        "init --quiet",
        "add .",
        "commit --quiet --message=x",
        "remote add origin https://github.com/acme/app",
    ):
        assert run(*git, *words.split()).code == 0
    return tmp_path


def act(repository: Path, inputs: Mapping[str, str], event: str = "push", payload: Path | None = None) -> Ran:
    """An event in a local runner, which builds the action from its folder and keeps the workspace where it is."""
    program = require_program("act")
    image()  # the action's image is built from the engine's cache, where there is no network
    require_that(has_image(RUNNER), f"the image {RUNNER}")
    workflow = repository / ".github" / "workflows" / "scan.yml"
    workflow.parent.mkdir(parents=True, exist_ok=True)
    workflow.write_text(WORKFLOW.format(event=event, inputs=json.dumps(dict(inputs))))
    local = f"OWNER/leaksweep@v0={action_folder()}"
    options = ("--bind", "--pull=false", "--no-cache-server", "--rm", "--container-daemon-socket", f"unix://{socket()}")
    told = ("--eventpath", payload) if payload else ()
    call = (program, event, *told, "--platform", f"ubuntu-latest={RUNNER}", "--local-repository", local, *options)
    home = {"HOME": str(repository.parent), "XDG_CACHE_HOME": str(repository.parent / "cache")}
    return run(*call, cwd=repository, env=home, timeout=300)


def answer(repository: Path) -> dict[str, Any]:
    outputs: dict[str, Any] = json.loads((repository / "answer.json").read_text())
    return outputs


def test_findings_fail_the_step_and_later_steps_have_the_report(repository: Path) -> None:
    ran = act(repository, {})
    assert ran.code == 1, ran.out + ran.err
    expected = {"sarif-file": "leaksweep.sarif", "findings": "1", "exit-code": "1", "complete": "true"}
    assert answer(repository) == expected
    (result,) = json.loads((repository / "leaksweep.sarif").read_bytes())["runs"][0]["results"]
    where = result["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "config/app.env"
    assert where["region"]["startLine"] == 2
    assert re.search(r"later step: failure, \d+ lines of SARIF", ran.out)
    assert re.search(r"::error title=.*,file=config/app\.env,line=2,", ran.out)
    assert github().decode() not in ran.out + ran.err


def test_a_pull_request_is_annotated_where_the_secret_is_and_where_it_enters_the_image(repository: Path) -> None:
    """It adds ``.env`` and ``COPY .env``: both lines are what its author has to change."""
    base = run("git", "-C", repository, "rev-parse", "HEAD").out.strip()
    (repository / "config" / "app.env").unlink()
    (repository / ".env").write_bytes(b"A=1\nGITHUB_TOKEN=" + github("pull request") + b"\n")
    (repository / "Dockerfile").write_text("FROM scratch\nWORKDIR /app\nCOPY .env /app/\n")
    image()
    name = "leaksweep-test-pull-request:1"
    built = run("docker", "build", "--quiet", "--network=none", f"--tag={name}", repository)
    assert built.code == 0, built.err
    git = ("git", "-C", repository, "-c", "user.name=x", "-c", "user.email=x@example.org")
    for words in ("add --all", "commit --quiet -m leak"):
        assert run(*git, *words.split()).code == 0
    head = run("git", "-C", repository, "rev-parse", "HEAD").out.strip()
    payload = repository.parent / "event.json"
    payload.write_text(json.dumps({"pull_request": {"base": {"sha": base}, "head": {"sha": head, "ref": "topic"}}}))
    try:
        ran = act(repository, {"image": name}, "pull_request", payload)
    finally:
        run("docker", "image", "rm", "--force", name)
    assert ran.code == 1, ran.out + ran.err
    assert re.search(r"::error title=.*,file=\.env,line=2,", ran.out)
    assert re.search(r"::error title=.*,file=Dockerfile,line=3,endLine=3::This puts ghp_", ran.out)
    runs = json.loads((repository / "leaksweep.sarif").read_bytes())["runs"]
    (result,) = (result for one in runs for result in one["results"])
    shown = [
        (place["physicalLocation"]["artifactLocation"]["uri"], place["physicalLocation"]["region"]["startLine"])
        for kind in ("locations", "relatedLocations")
        for place in result[kind]
    ]
    assert shown[0] == (".env", 2)
    assert ("Dockerfile", 3) in shown


def test_a_pull_requests_commits_are_scanned(repository: Path) -> None:
    """Even what a later commit removes, which the files no longer show."""
    git = ("git", "-C", repository, "-c", "user.name=x", "-c", "user.email=x@example.org")
    base = run(*git, "rev-parse", "HEAD").out.strip()
    (repository / "leak.env").write_bytes(b"GITHUB_TOKEN=" + github("range") + b"\n")
    for words in ("add --all", "commit --quiet -m leak", "rm --quiet leak.env", "commit --quiet -m mended"):
        assert run(*git, *words.split()).code == 0
    head = run(*git, "rev-parse", "HEAD").out.strip()
    payload = repository.parent / "event.json"
    payload.write_text(json.dumps({"pull_request": {"base": {"sha": base}, "head": {"sha": head, "ref": "topic"}}}))
    ran = act(repository, {"scope": "auto"}, "pull_request", payload)
    assert ran.code == 1, ran.out + ran.err
    assert "leak.env@" in ran.out
    assert answer(repository)["findings"] == "1"


def test_a_clean_repository_passes(repository: Path) -> None:
    (repository / "config" / "app.env").write_text("A=1\n")
    ran = act(repository, {"sarif-file": "clean.sarif", "json-file": "clean.json"})
    assert ran.code == 0, ran.out + ran.err
    expected = {"sarif-file": "clean.sarif", "findings": "0", "exit-code": "0", "complete": "true"}
    assert answer(repository) == expected
    assert json.loads((repository / "clean.sarif").read_bytes())["runs"][0]["results"] == []
    assert json.loads((repository / "clean.json").read_bytes())["complete"]


def test_a_wrong_input_fails_the_step_and_says_which(repository: Path) -> None:
    ran = act(repository, {"fail-on": "loud"})
    assert ran.code == 1, ran.out + ran.err
    assert answer(repository) == {"sarif-file": "", "findings": "", "exit-code": "2", "complete": "false"}
    assert "input fail-on: no such severity; use one of critical, high, medium, low, never" in ran.out
    assert not (repository / "leaksweep.sarif").exists()


# ---------------------------------------------------------------- GitHub's own way of running it


def github_runs(repository: Path, files: Path, **inputs: str) -> Ran:
    """As the runner calls docker: these mounts, these variables, all inputs of action.yml."""
    declared = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    given = {name: entry["default"] for name, entry in declared.items()} | inputs
    for name in ("output", "summary"):
        (files / name).touch()
    mounts = {repository: "/github/workspace", files: "/github/file_commands", socket(): "/var/run/docker.sock"}
    return contain(
        "action",
        options=("--workdir=/github/workspace", *(f"--volume={here}:{there}" for here, there in mounts.items())),
        env={
            "HOME": "/github/home",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": "/github/workspace",
            "GITHUB_OUTPUT": "/github/file_commands/output",
            "GITHUB_STEP_SUMMARY": "/github/file_commands/summary",
            **{f"INPUT_{name.upper()}": value for name, value in given.items()},
        },
    )


@pytest.fixture
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the runner's file commands."""
    return tmp_path_factory.mktemp("file_commands")


def test_as_githubs_runner_does_it(repository: Path, files: Path) -> None:
    os.chown(repository, 1001, 1001)
    ran = github_runs(repository, files, **{"sarif-file": "/github/workspace/config/out.sarif"})
    assert ran.code == 1, ran.err
    assert re.search(r"sarif-file<<(\S+)\nconfig/out.sarif\n\1\n", (files / "output").read_text())
    assert "GitHub Personal Access Token" in (files / "summary").read_text()
    assert (repository / "config" / "out.sarif").exists()
    assert github().decode() not in ran.out + ran.err + (files / "summary").read_text()


def test_what_is_remembered_stays_in_the_folder_that_the_workflow_keeps(repository: Path, files: Path) -> None:
    asked = {"scope": "history", "cache-dir": ".leaksweep-cache", "json-file": "out.json", "sarif-file": ""}
    assert github_runs(repository, files, **asked).code == 1
    first = (repository / "out.json").read_bytes()
    kept = repository / ".leaksweep-cache"
    kinds = {file.name.partition("-")[0] for file in kept.iterdir()}
    assert kinds == {"clean", "walk"}, "the rules are the image's own"
    assert all(file.stat().st_mode & 0o044 == 0o044 for file in kept.iterdir()), "root's, for the runner's user to pack"
    (repository / "out.json").unlink()
    assert github_runs(repository, files, **asked).code == 1
    assert (repository / "out.json").read_bytes() == first


def test_every_line_that_looks_like_a_command_is_ours(repository: Path, files: Path) -> None:
    for name in ("::set-output name=x::y", "a\n::error::owned", "b\r::add-mask::x", "##[error]c", "d%0A::debug::e"):
        (repository / name.replace("/", "_")).write_bytes(github(name))
    ran = github_runs(repository, files)
    assert ran.code == 1
    lines = [line for line in re.split(r"[\r\n]+", ran.out + ran.err) if line.lstrip().startswith(("::", "##["))]
    stop, resume, *annotations = lines
    assert stop.startswith("::stop-commands::")
    assert resume == f"::{stop.removeprefix('::stop-commands::')}::"
    assert len(annotations) == 6
    assert all(line.startswith("::error title=GitHub Personal Access Token (classic)") for line in annotations)
    assert "owned" not in "".join(line.partition("::")[0] for line in (files / "output").read_text().splitlines())


def test_the_actions_image_input_reaches_the_engine(repository: Path, files: Path) -> None:
    ran = github_runs(repository, files, image="127.0.0.1:1/no-such-image:1\n", path="config")
    assert ran.code == 3
    (annotation,) = (line for line in ran.out.splitlines() if line.startswith("::error title=leaksweep::"))
    assert "127.0.0.1:1" in annotation
    assert "the docker engine does not have it" in annotation
    assert "exit-code<<" in (files / "output").read_text()


# ---------------------------------------------------------------- the files


def test_action_yml_is_what_github_takes() -> None:
    checker = require_program("check-jsonschema")
    checked = run(checker, "--builtin-schema", "vendor.github-actions", ROOT / "action.yml")
    assert checked.code == 0, checked.out


def test_the_example_workflow_is_what_github_takes_and_uses_real_inputs() -> None:
    example = ROOT / "examples" / "github-workflow.yml"
    checker = require_program("check-jsonschema")
    assert run(checker, "--builtin-schema", "vendor.github-workflows", example).code == 0
    linted = run(require_program("actionlint"), "-no-color", example)
    assert linted.code == 0, linted.out
    declared = yaml.safe_load((ROOT / "action.yml").read_text())
    workflow = example.read_text()
    (job,) = yaml.safe_load(workflow)["jobs"].values()
    (ours,) = (step for step in job["steps"] if "leaksweep" in step.get("uses", ""))
    assert ours["with"].keys() <= declared["inputs"].keys()
    assert set(re.findall(r"steps\.leaksweep\.outputs\.([\w-]+)", workflow)) <= declared["outputs"].keys()
    assert job["permissions"] == {"contents": "read", "security-events": "write", "actions": "read"}
