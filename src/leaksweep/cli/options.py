"""The options that several commands have, each written once, and the ``Config`` that they make."""

from __future__ import annotations

from typing import Annotated

import typer

from leaksweep.reports import REPORTS

Path = Annotated[str, typer.Argument(help="The folder (or file) to scan.")]
Images = Annotated[
    list[str],
    typer.Option("--image", help="Scan this image too: a name, an OCI layout folder or a docker save tar. Repeatable."),
]
Rules = Annotated[
    list[str],
    typer.Option(metavar="FILE_OR_FOLDER", help="Add the rules of this TOML file, or of those in it. Repeatable."),
]
Reports = Annotated[
    list[str], typer.Option(metavar="FORMAT=FILE", help=f"Write a report: {', '.join(REPORTS)}. Repeatable.")
]
Coverage = Annotated[
    str,
    typer.Option(
        metavar="FILE", help="Write a proof of scan that can be signed: an in-toto statement of what was read."
    ),
]
FailOn = Annotated[
    str,
    typer.Option(metavar="SEVERITY", help="Exit 1 only from this severity on: low, medium, high, critical, never."),
]
AllowSkipped = Annotated[bool, typer.Option("--allow-skipped", help="Do not exit 3 when something could not be read.")]
TimeLimit = Annotated[
    str,
    typer.Option(
        metavar="DURATION", help="Stop scanning after 90s, 10m or 1h: report what was found, and exit 3. 0: never."
    ),
]
Decode = Annotated[bool, typer.Option(help="Look into encoded text too: base64, hexadecimal digits, UTF-16, escapes.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Keep nothing between runs, use nothing kept.")]
CacheDir = Annotated[
    str,
    typer.Option(
        "--cache-dir", metavar="FOLDER", help="Keep what is remembered here, such as in a folder that the CI keeps."
    ),
]
Authors = Annotated[bool, typer.Option("--show-authors", help="Tell who made the commits of secrets, and when.")]
Dockerfile = Annotated[
    str, typer.Option(metavar="FILE", help="The Dockerfile that made the images; by default the one in PATH.")
]
Platforms = Annotated[
    list[str],
    typer.Option(
        "--platform", metavar="OS/ARCH", help="Of an image for several platforms, read only this one. Repeatable."
    ),
]
RegistryUser = Annotated[
    str, typer.Option(envvar="LEAKSWEEP_REGISTRY_USER", help="User name for the image's registry.")
]
RegistryPassword = Annotated[
    str, typer.Option(envvar="LEAKSWEEP_REGISTRY_PASSWORD", help="Its password or token; better in the variable.")
]
InsecureRegistries = Annotated[
    list[str], typer.Option(metavar="HOST", help="Allow plain HTTP to this registry. Repeatable.")
]
Known = Annotated[
    list[str],
    typer.Option(
        "--known",
        metavar="STORE",
        help="Look for the values that you keep there: vault:MOUNT/PATH, aws-sm:PREFIX, conjur:BRANCH, env:GLOB, "
        "file:FILE. Repeatable.",
    ),
]
History = Annotated[bool, typer.Option("--history", help="Scan the whole git history too.")]
AllObjects = Annotated[
    bool, typer.Option("--all-objects", help="As --history, with the objects that no ref and no reflog reaches.")
]
CommitRange = Annotated[
    str,
    typer.Option("--range", metavar="BASE..HEAD", help="Scan what these commits brought, instead of the folder."),
]
Suppressed = Annotated[
    bool, typer.Option("--suppressed", help="List known findings in SARIF too, as suppressed results.")
]
ConfigFile = Annotated[
    str,
    typer.Option(
        "--config", metavar="FILE", help="Read this configuration, and trust it; default: .leaksweep.toml in PATH."
    ),
]
NoConfig = Annotated[bool, typer.Option("--no-config", help="Read no configuration and no baseline from PATH.")]
Baseline = Annotated[
    str,
    typer.Option(metavar="FILE", help="Known secrets; default: .leaksweep-baseline.toml beside the configuration."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the last line of the summary only, and no progress.")]
