"""``leaksweep scan``: options -> ``Config`` -> the pipeline -> reports and exit code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from leaksweep.cache import Cache
from leaksweep.config import Config, identity_key, parse_fail_on, parse_reports
from leaksweep.engine import Engine
from leaksweep.errors import ExitCode
from leaksweep.model import Result, Rule
from leaksweep.output import deliver
from leaksweep.redact import Secret
from leaksweep.reports import REPORTS
from leaksweep.rules.load import load
from leaksweep.scan import Policy, scan
from leaksweep.targets import Target
from leaksweep.targets.workspace import Workspace


def command(
    path: Annotated[str, typer.Argument(help="The folder (or file) to scan.")] = ".",
    image: Annotated[
        list[str],
        typer.Option(help="Scan this image too: a name, an OCI layout folder or a docker save tar. Repeatable."),
    ] = [],  # noqa: B006 - typer copies it
    rules: Annotated[
        list[str],
        typer.Option(metavar="FILE_OR_FOLDER", help="Add the rules of this TOML file, or of those in it. Repeatable."),
    ] = [],  # noqa: B006
    report: Annotated[
        list[str], typer.Option(metavar="FORMAT=FILE", help=f"Write a report: {', '.join(REPORTS)}. Repeatable.")
    ] = [],  # noqa: B006
    fail_on: Annotated[
        str,
        typer.Option(metavar="SEVERITY", help="Exit 1 only from this severity on: low, medium, high, critical, never."),
    ] = "low",
    allow_skipped: Annotated[
        bool, typer.Option("--allow-skipped", help="Do not exit 3 when something could not be read.")
    ] = False,
    decode: Annotated[
        bool, typer.Option(help="Look into encoded text too: base64, hexadecimal digits, UTF-16, escapes.")
    ] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the last line of the summary only.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Keep nothing between runs, use nothing kept.")] = False,
    registry_user: Annotated[
        str, typer.Option(envvar="LEAKSWEEP_REGISTRY_USER", help="User name for the image's registry.")
    ] = "",
    registry_password: Annotated[
        str, typer.Option(envvar="LEAKSWEEP_REGISTRY_PASSWORD", help="Its password or token; better in the variable.")
    ] = "",
    insecure_registry: Annotated[
        list[str], typer.Option(metavar="HOST", help="Allow plain HTTP to this registry. Repeatable.")
    ] = [],  # noqa: B006
) -> int:
    """Scan a folder and any number of images, and write reports."""
    config = Config(
        path=path or ".",
        images=tuple(i for i in image if i),
        rules=tuple(r for r in rules if r),
        reports=parse_reports(report),
        fail_on=parse_fail_on(fail_on),
        allow_skipped=allow_skipped,
        use_cache=not no_cache,
        decode=decode,
        quiet=quiet,
        registry_user=registry_user,
        registry_password=Secret(registry_password.encode()) if registry_password else None,
        insecure_registries=tuple(insecure_registry),
        identity_key=identity_key(),
    )
    result = run(config)
    deliver(result, config.reports, quiet=config.quiet)
    return exit_code(result)


def run(config: Config) -> Result:
    """The main job, for this command and for the container action."""
    cache = Cache.default() if config.use_cache else Cache(None)
    targets = list(_targets(config))
    engine = Engine(_rules(config, cache), cache, encoded=config.decode)
    return scan(targets, engine, Policy(config.identity_key, config.fail_on, config.allow_skipped))


def exit_code(result: Result) -> ExitCode:
    """What a result means for the caller. Findings outrank gaps: they are certain."""
    if result.new:
        return ExitCode.FINDINGS
    return ExitCode.CLEAN if result.complete else ExitCode.INCOMPLETE


def _rules(config: Config, cache: Cache) -> tuple[Rule, ...]:
    if not config.rules:
        return load(cache)
    from leaksweep.rulecheck.custom import with_custom

    return with_custom(load(cache), config.rules, cache)


def _targets(config: Config) -> Iterator[Target]:
    yield Workspace(config.path)
    if config.images:
        from leaksweep.targets.image import Access, open_images

        access = Access(
            user=config.registry_user, password=config.registry_password, insecure=config.insecure_registries
        )
        yield from open_images(config.images, access)
