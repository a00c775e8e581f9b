"""``leaksweep scan``: options -> ``Config`` -> the pipeline -> reports and exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import typer

from leaksweep.cache import Cache
from leaksweep.caching import cache_of, own_files
from leaksweep.cli import options
from leaksweep.cli.given import said
from leaksweep.config import Config, identity_key, parse_duration, parse_fail_on, parse_file, parse_reports
from leaksweep.deadline import Deadline
from leaksweep.engine import Engine
from leaksweep.errors import ExitCode, UsageError
from leaksweep.model import Kept, Result, Rule
from leaksweep.output import ProofTo, deliver
from leaksweep.progress import progress
from leaksweep.redact import Secret
from leaksweep.rules.load import load
from leaksweep.scan import Policy, scan
from leaksweep.settings import Choice, settle
from leaksweep.targets import Learns, Remembers, Target
from leaksweep.targets.workspace import Workspace

if TYPE_CHECKING:
    from leaksweep.targets.git import Objects


def command(
    ctx: typer.Context,
    path: options.Path = ".",
    image: options.Images = [],  # noqa: B006 - typer copies it
    history: options.History = False,
    all_objects: options.AllObjects = False,
    range: options.CommitRange = "",  # noqa: A002 - the option's name
    rules: options.Rules = [],  # noqa: B006
    report: options.Reports = [],  # noqa: B006
    coverage: options.Coverage = "",
    fail_on: options.FailOn = "low",
    allow_skipped: options.AllowSkipped = False,
    time_limit: options.TimeLimit = "",
    decode: options.Decode = True,
    suppressed: options.Suppressed = False,
    config: options.ConfigFile = "",
    no_config: options.NoConfig = False,
    baseline: options.Baseline = "",
    quiet: options.Quiet = False,
    show_authors: options.Authors = False,
    no_cache: options.NoCache = False,
    cache_dir: options.CacheDir = "",
    dockerfile: options.Dockerfile = "",
    platform: options.Platforms = [],  # noqa: B006
    registry_user: options.RegistryUser = "",
    registry_password: options.RegistryPassword = "",
    insecure_registry: options.InsecureRegistries = [],  # noqa: B006
    known: options.Known = [],  # noqa: B006
) -> int:
    """Scan a folder, its git history or a range of commits, and any number of images, and write reports."""
    flags = Config(
        path=path or ".",
        images=tuple(i for i in image if i),
        history=history,
        all_objects=all_objects,
        range=range,
        rules=tuple(r for r in rules if r),
        reports=parse_reports(report),
        fail_on=parse_fail_on(fail_on),
        allow_skipped=allow_skipped,
        use_cache=not no_cache,
        cache_dir=cache_dir,
        time_limit=parse_duration(time_limit),
        decode=decode,
        show_authors=show_authors,
        dockerfile=dockerfile,
        platforms=tuple(p for p in platform if p),
        quiet=quiet,
        registry_user=registry_user,
        registry_password=Secret(registry_password.encode()) if registry_password else None,
        insecure_registries=tuple(insecure_registry),
        identity_key=identity_key(),
        show_suppressed=suppressed,
        coverage=parse_file(coverage, "--coverage") if coverage else "",
        known=tuple(k for k in known if k),
    )
    settings = settle(flags, said(ctx), Choice(config, no_config, baseline, bool(ctx.obj)))
    if ctx.obj:  # another command that takes these options
        ctx.obj(settings)
        return ExitCode.CLEAN
    result = run(settings.config)
    config_ = settings.config
    deliver(result, config_.reports, quiet=config_.quiet, proof=proof(config_, result))
    return exit_code(result)


def proof(config: Config, result: Result) -> ProofTo | None:
    """What the proof of scan needs besides the result, where one is wanted."""
    if not config.coverage:
        return None
    from leaksweep.coverage import Proof, Ruleset
    from leaksweep.engine.digest import digest
    from leaksweep.settings.show import effective

    rules = _rules(config, cache_of(config))
    ruleset = Ruleset(len(rules), digest(rules, encoded=config.decode))
    return ProofTo(config.coverage, Proof(ruleset, effective(config), exit_code(result)))


def run(config: Config) -> Result:
    """The main job, for this command and for the container action."""
    return sweep(config, _targets(config))


def sweep(config: Config, targets: Iterable[Target]) -> Result:
    """Scan these targets as the configuration says."""
    deadline = Deadline(config.time_limit)
    cache = cache_of(config)
    rules = _rules(config, cache)
    targets = [*targets]
    if not config.known:  # what was clean before may hold a value of the stores
        _remember([target for target in targets if isinstance(target, Remembers)], config, rules, cache)
    kept, notes = _known(config)
    searching = Engine(rules, cache, encoded=config.decode, kept=kept)
    key, rulings = config.identity_key, config.rulings
    policy = Policy(key, config.fail_on, config.allow_skipped, rulings, config.show_suppressed, notes)
    with closing(progress(None if config.quiet else sys.stderr)) as shown:
        return scan(targets, searching, policy, shown, deadline)


def engine(config: Config) -> Engine:
    """The engine that ``sweep`` uses, for what is looked at again."""
    cache = cache_of(config)
    return Engine(_rules(config, cache), cache, encoded=config.decode, kept=_known(config)[0])


def _known(config: Config) -> tuple[tuple[Kept, ...], tuple[str, ...]]:
    """The values that the stores keep, and what is to be said of others; they are asked only if they are named."""
    if not config.known:
        return (), ()
    from leaksweep.known import gather

    gathered = gather(config.known)
    return gathered.kept, gathered.notes


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


def _remember(targets: Sequence[Remembers], config: Config, rules: tuple[Rule, ...], cache: Cache) -> None:
    """Let these targets use what earlier runs found clean; a workspace only does where there is a history."""
    if any(isinstance(target, Learns) for target in targets):
        from leaksweep.engine.digest import digest

        name = digest(rules, encoded=config.decode)
        for target in targets:
            target.remember(cache, name)


def _targets(config: Config) -> Iterator[Target]:
    whole = config.history or config.all_objects
    if config.range and whole:
        raise UsageError("--range and --history together", "a range is a part of the history: give one of them")
    git = _git(config) if whole or config.range else None
    if not config.range and not (git and git.bare):
        yield Workspace(config.path, apart=own_files(config))
    if git:
        yield git
    if config.images:
        from leaksweep.targets.image import Access, maker, open_images

        access = Access(
            user=config.registry_user,
            password=config.registry_password,
            insecure=config.insecure_registries,
            platforms=config.platforms,
            maker=maker(config.dockerfile, config.path),
        )
        yield from open_images(config.images, access)


def _git(config: Config) -> Objects:
    from leaksweep.targets.git import commit_range, history, parse_range

    if config.range:
        return commit_range(config.path, parse_range(config.range), authors=config.show_authors)
    return history(config.path, dangling=config.all_objects, authors=config.show_authors)
