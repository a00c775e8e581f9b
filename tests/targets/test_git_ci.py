"""The variables of each CI, and the commits that they mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leaksweep.errors import UsageError
from leaksweep.targets.git.ci import Job, job
from leaksweep.targets.git.range import Range

A, B, ZERO = "a" * 40, "b" * 40, "0" * 40

CASES: list[tuple[str, dict[str, str], Range | None]] = [
    ("GitLab", {"CI_MERGE_REQUEST_DIFF_BASE_SHA": A, "CI_COMMIT_SHA": B}, Range(A, B)),
    ("GitLab", {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BEFORE_SHA": A, "CI_COMMIT_SHA": B}, Range(A, B)),
    (
        "GitLab",
        {
            "CI_PIPELINE_SOURCE": "push",
            "CI_COMMIT_BEFORE_SHA": ZERO,
            "CI_COMMIT_SHA": B,
            "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_BRANCH": "topic",
        },
        Range("origin/main", B),
    ),
    (
        "GitLab",
        {
            "CI_PIPELINE_SOURCE": "push",
            "CI_COMMIT_BEFORE_SHA": ZERO,
            "CI_COMMIT_SHA": B,
            "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_BRANCH": "main",
        },
        None,
    ),
    ("GitLab", {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_TAG": "v1", "CI_COMMIT_BEFORE_SHA": ZERO}, None),
    ("GitLab", {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BEFORE_SHA": ZERO, "CI_COMMIT_SHA": B}, None),
    ("Jenkins", {"CHANGE_TARGET": "main", "GIT_COMMIT": B}, Range("origin/main", B)),
    ("Jenkins", {"GIT_PREVIOUS_SUCCESSFUL_COMMIT": A, "GIT_COMMIT": B}, Range(A, B)),
    ("Jenkins", {"GIT_PREVIOUS_COMMIT": A, "GIT_COMMIT": B}, Range(A, B)),
    ("Jenkins", {"GIT_COMMIT": B}, None),
    ("CircleCI", {"CIRCLE_PULL_REQUEST": "https://x/1", "CIRCLE_SHA1": B}, Range("origin/HEAD", B)),
    ("CircleCI", {"CIRCLE_SHA1": B}, None),
    ("Travis", {"TRAVIS_COMMIT_RANGE": f"{A}...{B}"}, Range(A, B)),
    ("Travis", {"TRAVIS_COMMIT_RANGE": ""}, None),
    ("Azure", {"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/a/b", "BUILD_SOURCEVERSION": B}, Range("origin/a/b", B)),
    ("Azure", {"SYSTEM_PULLREQUEST_TARGETBRANCH": "main", "BUILD_SOURCEVERSION": B}, Range("origin/main", B)),
    ("Azure", {"BUILD_SOURCEVERSION": B}, None),
    ("Bitbucket", {"BITBUCKET_PR_DESTINATION_COMMIT": A, "BITBUCKET_COMMIT": B}, Range(A, B)),
    ("Bitbucket", {"BITBUCKET_COMMIT": B}, None),
    ("Buildkite", {"BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main", "BUILDKITE_COMMIT": B}, Range("origin/main", B)),
    ("Buildkite", {"BUILDKITE_PULL_REQUEST_BASE_BRANCH": "", "BUILDKITE_COMMIT": B}, None),
    ("Drone", {"DRONE_PULL_REQUEST": "1", "DRONE_TARGET_BRANCH": "main", "DRONE_COMMIT": B, "DRONE_COMMIT_SHA": B},
     Range("origin/main", B)),
    ("Drone", {"DRONE_BUILD_EVENT": "push", "DRONE_COMMIT_BEFORE": A, "DRONE_COMMIT_AFTER": B}, Range(A, B)),
    ("Drone", {"DRONE_BUILD_EVENT": "cron", "DRONE_COMMIT_BEFORE": A, "DRONE_COMMIT_AFTER": B}, None),
]  # fmt: skip
VARIABLES = {
    "GitLab": {"GITLAB_CI": "true"},
    "Jenkins": {"JENKINS_URL": "https://jenkins.example/"},
    "CircleCI": {"CIRCLECI": "true"},
    "Travis": {"TRAVIS": "true"},
    "Azure": {"TF_BUILD": "True"},
    "Bitbucket": {"BITBUCKET_BUILD_NUMBER": "1"},
    "Buildkite": {"BUILDKITE": "true"},
    "Drone": {"DRONE": "true"},
}


@pytest.mark.parametrize(("ci", "environ", "expected"), CASES)
def test_variables_mean_a_range(ci: str, environ: dict[str, str], expected: Range | None) -> None:
    assert Job(ci, expected) == job(VARIABLES[ci] | environ)


def test_outside_of_a_ci_there_is_none() -> None:
    assert Job("", None) == job({"CI_COMMIT_SHA": B, "GIT_COMMIT": B})


PUSH: dict[str, Any] = {"ref": "refs/heads/topic", "repository": {"default_branch": "main"}, "after": B}


@pytest.mark.parametrize(
    ("name", "event", "expected"),
    [
        ("pull_request", {"pull_request": {"base": {"sha": A}, "head": {"sha": B}}}, Range(A, B)),
        ("pull_request_target", {"pull_request": {"base": {"sha": A}, "head": {"sha": B}}}, Range(A, B)),
        ("merge_group", {"merge_group": {"base_sha": A, "head_sha": B}}, Range(A, B)),
        ("push", PUSH | {"before": A}, Range(A, B)),
        ("push", PUSH | {"before": ZERO}, Range("origin/main", B)),
        ("push", PUSH | {"before": A, "deleted": True}, None),
        ("push", {"ref": "refs/tags/v1", "before": ZERO, "after": B}, None),
        ("schedule", {"schedule": "0 0 * * *"}, None),
        ("workflow_dispatch", {}, None),
    ],
)
def test_github_s_event_means_a_range(name: str, event: dict[str, Any], expected: Range | None, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(json.dumps(event))
    environ = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REF_NAME": "topic",
    }
    assert Job("GitHub", expected) == job(environ)


def test_the_first_push_of_the_default_branch_is_about_all(tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(json.dumps(PUSH | {"before": ZERO, "ref": "refs/heads/main"}))
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_REF_NAME": "main"}
    assert job(environ | {"GITHUB_EVENT_PATH": str(tmp_path / "event.json")}).range is None


@pytest.mark.parametrize("content", ["", "{", "[" * 99_999, None])
def test_an_event_that_cannot_be_read_is_an_error(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "event.json").write_text(content)
    with pytest.raises(UsageError, match="the event cannot be read"):
        job({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(tmp_path / "event.json")})
