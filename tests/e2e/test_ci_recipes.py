"""The recipes for CIs: what each one's own schema says, that options exist, and that GitHub's pass its linters."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from leaksweep.targets.git.ci import job
from support.program import ROOT, leaksweep, run
from support.require import require_program

FOLDER = ROOT / "docs" / "ci"
SCHEMAS = {
    "circleci.yml": "vendor.circle-ci",
    "travis.yml": "vendor.travis",
    "azure-pipelines.yml": "vendor.azure-pipelines",
    "bitbucket-pipelines.yml": "vendor.bitbucket-pipelines",
    "buildkite.yml": "vendor.buildkite",
    "drone.yml": "vendor.drone-ci",
    "github-history.yml": "vendor.github-workflows",
    "github-fork.yml": "vendor.github-workflows",
}
WORKFLOWS = [FOLDER / "github-history.yml", FOLDER / "github-fork.yml", ROOT / "examples" / "github-workflow.yml"]


def test_every_recipe_is_checked_and_listed() -> None:
    assert {file.name for file in FOLDER.glob("*.yml")} == set(SCHEMAS)
    listed = (FOLDER / "README.md").read_text()
    assert all(f"]({name})" in listed for name in SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_cis_schema_takes_it(name: str) -> None:
    checker = require_program("check-jsonschema")
    # That schema escapes what Unicode's regular expressions forbid to be escaped.
    options = ("--regex-variant", "nonunicode") if name.startswith("azure") else ()
    checked = run(checker, "--builtin-schema", SCHEMAS[name], *options, FOLDER / name)
    assert checked.code == 0, checked.out + checked.err


@pytest.mark.parametrize("name", [name for name in SCHEMAS if not name.startswith("github")])
def test_its_call_is_one_that_the_program_takes(name: str, tmp_path: Path) -> None:
    """The words from ``ci`` on, run here: outside of any CI that is the folder."""
    text = (FOLDER / name).read_text().replace("\\\n", " ")
    (call,) = re.findall(r"(?:leaksweep|leaksweep:0\.1\.0)\s+(ci\s[^|\n]*)", text)
    for folder in ("results", "test-results"):
        (tmp_path / folder).mkdir()
    ran = leaksweep(*shlex.split(call), cwd=tmp_path)
    assert ran.code == 0, ran.err


@pytest.mark.parametrize(
    ("name", "variable"),
    [("travis.yml", "TRAVIS"), ("azure-pipelines.yml", "TF_BUILD"), ("buildkite.yml", "BUILDKITE")],
)
def test_the_container_sees_the_variables_that_name_the_ci(name: str, variable: str) -> None:
    assert variable in (FOLDER / name).read_text()
    assert job({variable: "true"}).ci


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_workflows_pass_actionlint_and_zizmor(file: Path) -> None:
    linted = run(require_program("actionlint"), "-no-color", file)
    assert linted.code == 0, linted.out
    # Tags instead of hashes: which commits are good is for those to say who copy it.
    config = "rules:\n  unpinned-uses:\n    disable: true\n"
    options = ("--offline", "--no-progress", "--persona=regular", "--config=/dev/stdin")
    audited = run(require_program("zizmor"), *options, file, stdin=config.encode())
    assert audited.code == 0, audited.out + audited.err


def test_the_action_passes_zizmor() -> None:
    audited = run(require_program("zizmor"), "--offline", "--no-progress", ROOT / "action.yml")
    assert audited.code == 0, audited.out + audited.err


@pytest.mark.parametrize("file", WORKFLOWS[:1], ids=lambda file: file.name)
def test_inputs_are_those_of_the_action(file: Path) -> None:
    declared = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    (steps,) = (found["steps"] for found in yaml.safe_load(file.read_text())["jobs"].values())
    (ours,) = (step for step in steps if "leaksweep" in step.get("uses", ""))
    assert ours["with"].keys() <= declared.keys()
