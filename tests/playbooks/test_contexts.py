"""What gives a program its secret, through the checkers of those that read it; Jenkins itself cannot be had here."""

from __future__ import annotations

import subprocess
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
import yaml

from leaksweep.playbooks.snippets import context
from support.program import run
from support.require import require, require_program

VARIABLE, PATH = "APP_STRIPE_KEY", "app/stripe"


def written(name: str, file: Path) -> str:
    file.write_text(context(name, VARIABLE, PATH).text)
    return str(file)


@pytest.mark.parametrize(
    ("name", "schema"),
    [("github-actions", "github-workflows"), ("gitlab-ci", "gitlab-ci"), ("compose", "compose-spec")],
)
def test_a_pipeline_or_a_composition_is_valid_by_its_schema(name: str, schema: str, tmp_path: Path) -> None:
    file = written(name, tmp_path / "file.yml")
    done = run(require_program("check-jsonschema"), "--builtin-schema", f"vendor.{schema}", file)
    assert (done.code, done.err) == (0, ""), done


def test_the_workflow_is_clean_for_actionlint_and_zizmor(tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    file = written("github-actions", folder / "deploy.yml")
    assert run(require_program("actionlint"), "-shellcheck=", "-pyflakes=", file, cwd=tmp_path).code == 0
    assert run(require_program("zizmor"), "--offline", "--no-progress", file, cwd=tmp_path).code == 0


def test_the_dockerfile_is_clean_for_hadolint(tmp_path: Path) -> None:
    done = run(require_program("hadolint"), written("docker", tmp_path / "Dockerfile"))
    assert (done.code, done.out) == (0, ""), done


@pytest.mark.parametrize("name", ["kubernetes", "external-secrets"])
def test_a_manifest_is_an_object_that_names_the_variable(name: str) -> None:
    made: dict[str, Any] = yaml.safe_load(context(name, VARIABLE, PATH).text)
    assert {"apiVersion", "kind", "metadata", "spec"} == set(made)
    if name == "kubernetes":
        (given,) = made["spec"]["containers"][0]["env"]
        assert (given["name"], given["valueFrom"]["secretKeyRef"]) == (VARIABLE, {"name": "app", "key": VARIABLE})
    else:
        assert made["spec"]["data"] == [{"secretKey": VARIABLE, "remoteRef": {"key": f"{PATH}/{VARIABLE}"}}]


def test_terraform_s_variable_is_kept_out_of_its_state() -> None:
    import hcl2

    (variable,) = hcl2.loads(context("terraform", VARIABLE, PATH).text)["variable"]
    (settings,) = variable.values()
    assert [str(name).strip('"') for name in variable] == ["app_stripe_key"]
    assert settings["sensitive"] is True
    assert settings["ephemeral"] is True


def test_dotenv_is_read_by_a_shell(tmp_path: Path) -> None:
    written("dotenv", tmp_path / ".env.example")
    done = run("bash", "-c", f". ./.env.example && printf '[%s]' \"${VARIABLE}\"", cwd=tmp_path)
    assert (done.code, done.out, done.err) == (0, "[]", "")


def test_a_build_s_secret_is_in_no_layer(tmp_path: Path) -> None:
    """The real builder: the command has the value, neither the configuration nor the file system has."""
    require("DOCKER_HOST")
    docker, name, value = require_program("docker"), "leaksweep-test/secret-mount", "a value of the test"
    text = context("docker", VARIABLE, PATH).text.replace("debian:bookworm-slim", "busybox:latest")
    text = text.replace("./build.sh", f"sh -c 'printf %s \"${VARIABLE}\" | md5sum > /seen'")
    (tmp_path / "Dockerfile").write_text(text)
    secret = f"id=app-stripe-key,env={VARIABLE}"
    build = [docker, "build", "--network=host", "--no-cache", "--secret", secret, "-t", name, "."]
    done = run(*build, cwd=tmp_path, env={VARIABLE: value, "DOCKER_BUILDKIT": "1"})
    assert done.code == 0, done
    try:
        seen = run(docker, "run", "--rm", "--network=none", name, "cat", "/seen").out
        assert seen.split()[0] == md5(value.encode(), usedforsecurity=False).hexdigest()
        saved = subprocess.run([docker, "save", name], capture_output=True, check=True).stdout
        assert b"APP_STRIPE_KEY=" in saved  # its history has the command
        assert value.encode() not in saved
    finally:
        run(docker, "image", "rm", "--force", name)
