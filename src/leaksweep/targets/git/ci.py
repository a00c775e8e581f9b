"""Which commits a CI job is about, from the variables that the CI sets: pure functions, one a CI.

Each gives the range of a pull or merge request, else that of a push, else None: a schedule, a tag, a job that somebody
started. Ends are commit ids where the CI knows them, else branches as a checkout of that CI names them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from leaksweep.errors import UsageError
from leaksweep.inputs import read
from leaksweep.targets.git.range import Range

LARGEST = 64 << 20  #: bytes of an event
Environ = Mapping[str, str]


class Job(NamedTuple):
    """Where we run, and the commits that the job is about; None where it is about all."""

    ci: str
    range: Range | None


def job(environ: Environ) -> Job:
    """What the variables say; outside of any CI that we know, ``Job("", None)``."""
    for name, variable, find in CIS:
        if environ.get(variable):
            return Job(name, find(environ))
    return Job("", None)


def github(environ: Environ) -> Range | None:
    """The event's payload has both ends; of a merge request the base's tip, of a push what was there before."""
    event = _payload(environ)
    for name in ("pull_request", "merge_group"):
        if isinstance(request := event.get(name), dict):
            base, head = (_text(request, end, "sha") or _text(request, f"{end}_sha") for end in ("base", "head"))
            return _range(base, head)
    on_branch = environ.get("GITHUB_EVENT_NAME") == "push" and _text(event, "ref").startswith("refs/heads/")
    if not on_branch or event.get("deleted"):
        return None
    after = _text(event, "after") or environ.get("GITHUB_SHA", "")
    branch = _text(event, "repository", "default_branch")
    return _push(_text(event, "before"), after, branch, environ.get("GITHUB_REF_NAME", ""))


def gitlab(environ: Environ) -> Range | None:
    """A merge request's base is where it left its target branch."""
    head = environ.get("CI_COMMIT_SHA", "")
    if base := environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"):
        return _range(base, head)
    if environ.get("CI_PIPELINE_SOURCE") != "push" or environ.get("CI_COMMIT_TAG"):
        return None
    branch, default = environ.get("CI_COMMIT_BRANCH", ""), environ.get("CI_DEFAULT_BRANCH", "")
    return _push(environ.get("CI_COMMIT_BEFORE_SHA", ""), head, default, branch)


def jenkins(environ: Environ) -> Range | None:
    """A multibranch job's change request names its target; else what was built before."""
    head = environ.get("GIT_COMMIT") or "HEAD"
    if target := environ.get("CHANGE_TARGET"):
        return _range(f"origin/{target}", head)
    return _range(environ.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT") or environ.get("GIT_PREVIOUS_COMMIT", ""), head)


def circleci(environ: Environ) -> Range | None:
    """It names no base: a pull request's is the default branch, as the clone knows it."""
    return _range("origin/HEAD" if environ.get("CIRCLE_PULL_REQUEST") else "", environ.get("CIRCLE_SHA1", ""))


def travis(environ: Environ) -> Range | None:
    """It has the range itself; of a new branch it is empty."""
    if environ.get("TRAVIS_TAG"):
        return None
    base, _, head = environ.get("TRAVIS_COMMIT_RANGE", "").partition("..")
    return _range(base, head.removeprefix("."))


def azure(environ: Environ) -> Range | None:
    """A pull request's target is a ref, on GitHub repositories a mere name; a push has no base."""
    target = environ.get("SYSTEM_PULLREQUEST_TARGETBRANCH", "").removeprefix("refs/heads/")
    return _range(f"origin/{target}" if target else "", environ.get("BUILD_SOURCEVERSION", ""))


def bitbucket(environ: Environ) -> Range | None:
    """A pull request has the tip of its destination; a push has no base."""
    return _range(environ.get("BITBUCKET_PR_DESTINATION_COMMIT", ""), environ.get("BITBUCKET_COMMIT", ""))


def buildkite(environ: Environ) -> Range | None:
    """A pull request names its base branch; a push has no base."""
    target = environ.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "")
    return _range(f"origin/{target}" if target else "", environ.get("BUILDKITE_COMMIT", ""))


def drone(environ: Environ) -> Range | None:
    """A pull request names its target; a push has what was there before."""
    head = environ.get("DRONE_COMMIT_AFTER") or environ.get("DRONE_COMMIT_SHA", "")
    if environ.get("DRONE_PULL_REQUEST"):
        return _range(f"origin/{environ.get('DRONE_TARGET_BRANCH', '')}", head)
    if environ.get("DRONE_BUILD_EVENT") != "push":
        return None
    default, branch = environ.get("DRONE_REPO_BRANCH", ""), environ.get("DRONE_COMMIT_BRANCH", "")
    return _push(environ.get("DRONE_COMMIT_BEFORE", ""), head, default, branch)


#: Name, the variable that tells it, what reads its range. Those that others imitate come last.
CIS: tuple[tuple[str, str, Callable[[Environ], Range | None]], ...] = (
    ("GitHub", "GITHUB_ACTIONS", github),
    ("GitLab", "GITLAB_CI", gitlab),
    ("CircleCI", "CIRCLECI", circleci),
    ("Travis", "TRAVIS", travis),
    ("Azure", "TF_BUILD", azure),
    ("Bitbucket", "BITBUCKET_BUILD_NUMBER", bitbucket),
    ("Buildkite", "BUILDKITE", buildkite),
    ("Drone", "DRONE", drone),
    ("Jenkins", "JENKINS_URL", jenkins),
)


def _payload(environ: Environ) -> dict[str, Any]:
    file = environ.get("GITHUB_EVENT_PATH", "")
    try:
        event = json.loads(read(file, trusted=True, largest=LARGEST))
    except (UsageError, ValueError, RecursionError) as error:
        why = error.what.removeprefix(f"{file}: ") if isinstance(error, UsageError) else "it is no JSON"
        raise UsageError(
            f"GITHUB_EVENT_PATH={file}: the event cannot be read: {why}",
            "a container must see that file; or give the commits: leaksweep scan --range BASE..HEAD",
        ) from None
    return event if isinstance(event, dict) else {}


def _text(of: Any, *names: str) -> str:
    for name in names:
        of = of.get(name) if isinstance(of, dict) else None
    return of if isinstance(of, str) else ""


def _push(before: str, after: str, default: str, branch: str) -> Range | None:
    """A push to a branch; a new branch is compared with the default one, which itself is about all."""
    if before.strip("0"):
        return _range(before, after)
    return _range(f"origin/{default}" if default and default != branch else "", after)


def _range(base: str, head: str) -> Range | None:
    return Range(base, head) if base and head else None
