"""``leaksweep ci``: what this CI job is about -> ``Config`` -> the same as a scan."""

from __future__ import annotations

import os
import sys

from leaksweep.cli import options, scan


def command(
    path: options.Path = ".",
    image: options.Images = [],  # noqa: B006 - typer copies it
    rules: options.Rules = [],  # noqa: B006
    report: options.Reports = [],  # noqa: B006
    fail_on: options.FailOn = "low",
    allow_skipped: options.AllowSkipped = False,
    decode: options.Decode = True,
    show_authors: options.Authors = False,
    no_cache: options.NoCache = False,
    registry_user: options.RegistryUser = "",
    registry_password: options.RegistryPassword = "",
    insecure_registry: options.InsecureRegistries = [],  # noqa: B006
) -> int:
    """Scan what a CI job is about: of a pull or merge request and of a push, the commits that it brings (contents,
    messages and merges, even where a later commit removes them); of any other job (a schedule, a tag, a branch without
    a predecessor), and outside a CI, the folder. Images are scanned in every case.

    The commits must be here: fetch-depth: 0 on GitHub, GIT_DEPTH: 0 on GitLab. Knows GitHub, GitLab, Jenkins,
    CircleCI, Travis, Azure, Bitbucket, Buildkite and Drone by their variables.
    """
    from leaksweep.targets.git.ci import job

    found = job(os.environ)
    what = f"commits {found.range}" if found.range else "the folder"
    print(f"leaksweep: {found.ci or 'no CI that is known'}: scanning {what}", file=sys.stderr)  # noqa: T201
    return scan.command(
        path=path,
        image=image,
        range=str(found.range or ""),
        rules=rules,
        report=report,
        fail_on=fail_on,
        allow_skipped=allow_skipped,
        decode=decode,
        show_authors=show_authors,
        no_cache=no_cache,
        registry_user=registry_user,
        registry_password=registry_password,
        insecure_registry=insecure_registry,
    )
