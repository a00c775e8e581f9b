"""Is a rule what a rule must be? One list of small checks for the tests, for ``rules check`` and for ``scan --rules``.

read       each file parses into rules (leaksweep.rules.load says what is wrong where)
unique     no id is there twice
too_heavy  the user's own patterns are of a bounded size
SHAPE      ids, kinds, patterns, widths, proofs and pairs, rule by rule
compiles   Hyperscan takes the pattern
samples    examples match exactly, look-alikes do not, and both engines agree

What fails one step is not asked the next: one mistake makes one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.engine.coarse import ByRule
from leaksweep.engine.prefilter import prefilter
from leaksweep.errors import RuleError
from leaksweep.model import Rule
from leaksweep.redact import printable
from leaksweep.rulecheck.fault import Fault, Known, Source
from leaksweep.rulecheck.samples import (
    engines_agree,
    examples_match,
    lookalikes_pass,
    prefilter_is_part,
    templates_expand,
    texts,
)
from leaksweep.rulecheck.shape import SHAPE
from leaksweep.rulecheck.weight import too_heavy
from leaksweep.rules.load import DATA, each, load

__all__ = ["check", "files_in", "read", "told", "unusable"]


def check(paths: Sequence[str], cache: Cache) -> tuple[int, list[RuleError]]:
    """How many rules there are in these files and folders (none: in ours), and everything wrong with them."""
    problems: list[RuleError] = []
    sources: list[Source] = []
    for item in read(files_in(paths or [str(DATA)])):
        if isinstance(item, Source):
            sources.append(item)
        else:
            problems.append(item)
    ours = {s.rule.id for s in sources if s.built_in}  # a built-in file, named by its path, is no clash with itself
    others = tuple(rule for rule in load(cache) if rule.id not in ours) if paths else ()
    wrong = list(unusable(sources, others, cache))
    bad = {id(source) for source, _ in wrong}
    problems += [error for _, error in wrong]
    problems += _samples([s for s in sources if id(s) not in bad], others, cache)
    return len(sources), problems


def told(count: int, problems: Sequence[RuleError]) -> bytes:
    """One line a problem, and how many there are."""
    verdict = f"{len(problems):,} problem{'' if len(problems) == 1 else 's'}" if problems else "OK"
    last = f"checked {count:,} rule{'' if count == 1 else 's'}: {verdict}"
    return "".join(f"{line}\n" for line in (*(printable(str(p)) for p in problems), last)).encode()


def files_in(paths: Sequence[str]) -> list[Path]:
    """The files that are named, and the TOML files directly in the folders that are named; each once.

    Raises:
        RuleError: a folder has none.
    """
    files: dict[Path, Path] = {}
    for path in map(Path, paths):
        found = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        if not found:
            raise RuleError(f"{path}: no rule file (*.toml) is in it", "give a TOML file, or a folder with some")
        for file in found:
            files.setdefault(file.resolve(), file)
    return list(files.values())


def read(files: Sequence[Path]) -> Iterator[Source | RuleError]:
    """The rules of all files, and what is wrong with those that are none."""
    for file in files:
        built_in = file.resolve().parent == DATA.resolve()
        name = file.name if built_in else str(file)
        for item in each(file, name):
            yield item if isinstance(item, RuleError) else Source(name, item, built_in)


def unusable(sources: Sequence[Source], others: Sequence[Rule], cache: Cache) -> Iterator[tuple[Source, RuleError]]:
    """Why these rules cannot be used together with the others: whatever would stop a scan."""
    yield from _twice(sources, others)
    by_id = {rule.id: rule for rule in (*others, *(s.rule for s in sources))}
    known = Known(by_id, frozenset(s.rule.id for s in sources))
    compilable: list[Source] = []
    heavy = {id(source): fault for source, fault in too_heavy(sources)}
    for source in sources:
        if id(source) in heavy:
            yield source, source.error(heavy[id(source)])
            continue
        faults = [fault for one in SHAPE for fault in one(source.rule, known)]
        yield from ((source, source.error(fault)) for fault in faults)
        if not any(fault.key in {"pattern", "prefilter"} for fault in faults):
            compilable.append(source)
    yield from _refused(compilable, cache)


def _twice(sources: Sequence[Source], others: Sequence[Rule]) -> Iterator[tuple[Source, RuleError]]:
    seen = _files_of({rule.id for rule in others} & {s.rule.id for s in sources})
    for source in sources:
        if (first := seen.get(source.rule.id)) is not None:
            error = RuleError(f"{source.file}: rule {source.rule.id!r} is defined in {first} too", "rename one")
            yield source, error
        seen.setdefault(source.rule.id, source.file)


def _files_of(ids: set[str]) -> dict[str, str]:
    """The built-in files in which these rules stand; read only to say where a clash is."""
    if not ids:
        return {}
    found = {s.rule.id: s.file for s in read(files_in([str(DATA)])) if isinstance(s, Source)}
    return {name: f"the built-in {found.get(name, 'rules')}" for name in ids}


def _refused(sources: Sequence[Source], cache: Cache) -> Iterator[tuple[Source, RuleError]]:
    """The patterns that Hyperscan refuses; all are compiled at once, and one by one only if that fails."""
    if not sources or _refusal(_sorted(s.rule for s in sources), cache) is None:
        return
    for source in sources:
        if (why := _refusal([source.rule], Cache(None))) is not None:
            fault = Fault("pattern", f"Hyperscan: {why}", "write it with fewer or smaller bounded repeats")
            yield source, source.error(fault)


def _refusal(rules: Sequence[Rule], cache: Cache) -> str | None:
    try:
        ByRule(rules, cache, prefilter)
    except Exception as error:  # Hyperscan's own type, which only the engine may import
        return str(error).strip() or type(error).__name__
    return None


def _samples(sources: Sequence[Source], others: Sequence[Rule], cache: Cache) -> Iterator[RuleError]:
    unclear = {s.rule.id: list(templates_expand(s.rule)) or list(prefilter_is_part(s.rule)) for s in sources}
    for source in sources:
        yield from map(source.error, unclear[source.rule.id])
    sources = [s for s in sources if not unclear[s.rule.id]]
    if not sources:
        return
    checked = _sorted(s.rule for s in sources)
    engine = Engine(_sorted((*others, *checked)), cache)
    fast = ByRule(checked, cache, prefilter)
    for source in sources:
        for one in (examples_match, lookalikes_pass):
            yield from map(source.error, one(source.rule, engine))
    differ = set(engines_agree(checked, fast, b"\n\n".join(text for rule in checked for text in texts(rule))))
    for source in sources:
        if source.rule.id in differ:
            what = "Hyperscan and RE2 find different secrets in the examples"
            yield source.error(Fault("pattern", what, "avoid \\b and \\s beside bytes above 127, and optional ends"))


def _sorted(rules: Iterable[Rule]) -> list[Rule]:
    """In the order of a scan, so that what is compiled here is found in the cache there."""
    return sorted(rules, key=lambda rule: rule.id)
