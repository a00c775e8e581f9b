"""``leaksweep ci``: what this CI job is about -> the options of a scan."""

from __future__ import annotations

import os
import sys

import typer

from leaksweep.cli import given


def command(ctx: typer.Context) -> int:
    """Scan what a CI job is about (takes PATH and the options of scan): of a pull or merge request and of a push, the
    commits that it brings (contents, messages and merges, even where a later commit removes them); of any other job (a
    schedule, a tag, a branch without a predecessor), and outside a CI, the folder. Images are scanned in every case.

    The commits must be here: fetch-depth: 0 on GitHub, GIT_DEPTH: 0 on GitLab. Knows GitHub, GitLab, Jenkins,
    CircleCI, Travis, Azure, Bitbucket, Buildkite and Drone by their variables.
    """
    from leaksweep.targets.git.ci import job

    found = job(os.environ)
    what = f"commits {found.range}" if found.range else "the folder"
    print(f"leaksweep: {found.ci or 'no CI that is known'}: scanning {what}", file=sys.stderr)  # noqa: T201
    return given.scan_with([*ctx.args, *([f"--range={found.range}"] if found.range else [])], "ci")
