"""The pages of ``docs/rules``: one for each provider and an index, made from the rule files alone.

Pure functions from rules to Markdown. Whatever a rule file says is escaped; examples stay templates, so that no page
holds a token that looks alive.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from leaksweep.errors import UsageError
from leaksweep.model import Example, Rule, Severity
from leaksweep.playbooks import Section, compose
from leaksweep.playbooks.render import items
from leaksweep.rules.load import DATA, parse_file

INDEX = "README.md"
SHARED = "For all of these"  #: heads what the playbooks of all rules of a page have in common
MARK = "<!-- Made by `leaksweep rules docs`: edit the rule files, not this page. -->"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&!])")
_LINE_START = re.compile(r"^(\d+)([.)])|^([-+=:>])", re.MULTILINE)
_TICKS = re.compile(r"`+")


def pages(folder: Path = DATA) -> dict[str, str]:
    """Every page by the name of its file: ``<rule file>.md``, and the index.

    Raises:
        RuleError: a rule file is wrong.
    """
    providers: dict[str, tuple[str, list[Rule]]] = {}
    for file in sorted(folder.glob("*.toml")):
        for rule in parse_file(file):
            providers.setdefault(rule.provider.name, (_name(file.stem), []))[1].append(rule)
    made = {name: page(provider, rules) for provider, (name, rules) in providers.items()}
    return {INDEX: index(providers), **made}


def page(provider: str, rules: Sequence[Rule]) -> str:
    """A provider's page: a table of its rules, and a section for each."""
    ordered = sorted(rules, key=lambda r: (-r.severity, r.id))
    lines = [MARK, "", f"# {escaped(provider)}", "", "| rule | severity | what |", "| --- | --- | --- |"]
    lines += [f"| [{r.id}](#{r.id}) | {_word(r.severity)} | {escaped(r.name)} |" for r in ordered]
    books = {rule.id: compose(rule) for rule in ordered}
    shared = [section for section in books[ordered[0].id] if all(section in book for book in books.values())]
    alone = len(ordered) == 1
    for rule in ordered:
        lines += ["", *_section(rule), *_playbook(s for s in books[rule.id] if alone or s not in shared)]
    if shared and not alone:
        lines += ["", f"## {SHARED}", *_playbook(shared)]
    return "\n".join((*lines, "", "[All providers](README.md)", ""))


def index(providers: Mapping[str, tuple[str, list[Rule]]]) -> str:
    """The page of pages: how many rules there are, by severity and by provider."""
    rules = [rule for _, some in providers.values() for rule in some]
    by_severity = Counter(rule.severity for rule in rules)
    lines = [MARK, "", "# Rules", "", f"{counts(rules)}.", "", "| severity | types |", "| --- | ---: |"]
    lines += [f"| {_word(s)} | {by_severity[s]:,} |" for s in reversed(Severity)]
    severities = list(reversed(Severity))
    lines += ["", f"| provider | types | {' | '.join(map(_word, severities))} |", "| --- |" + " ---: |" * 5]
    for provider in sorted(providers, key=lambda p: (p.lower(), p)):
        name, some = providers[provider]
        cells = [str(sum(r.severity is s for r in some) or "") for s in severities]
        lines.append(f"| [{escaped(provider)}]({name}) | {len(some)} | {' | '.join(cells)} |")
    return "\n".join((*lines, ""))


def counts(rules: Iterable[Rule]) -> str:
    """The sentence that README and index share.

    >>> counts([])
    '0 types of secrets from 0 providers'
    """
    rules = list(rules)
    return f"{len(rules):,} types of secrets from {len({r.provider.name for r in rules}):,} providers"


def drift(folder: Path, made: Mapping[str, str]) -> list[str]:
    """The names of files that are not what they should be: other, missing, or of a provider that is gone."""
    wrong = [name for name, text in made.items() if _read(folder / name) != text]
    return sorted(wrong + [file.name for file in _stale(folder, made)])


def deliver(folder: str, *, check_only: bool) -> str:
    """Write the pages, or only look at them; one line about it.

    Raises:
        UsageError: a page is not right, or cannot be written.
    """
    made = pages()
    if check_only:
        if wrong := drift(Path(folder), made):
            what = (
                f"{folder}: {len(wrong):,} of {len(made):,} pages do not say what the rules say: {', '.join(wrong[:5])}"
            )
            raise UsageError(what, f"run leaksweep rules docs {folder}")
        return f"{len(made):,} pages say what the rules say"
    try:
        return f"{len(made):,} pages, {len(write(Path(folder), made)):,} changed"
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror}", "choose a folder you may write to") from None


def write(folder: Path, made: Mapping[str, str]) -> list[str]:
    """Write what differs and remove our pages of providers that are gone; the names of both."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = drift(folder, made)
    for name in changed:
        if name in made:
            (folder / name).write_text(made[name], "utf-8")
        else:
            (folder / name).unlink()
    return changed


def escaped(text: str) -> str:
    """``text`` as one line of Markdown that shows as it is.

    >>> escaped("a_b <c>")
    'a\\\\_b \\\\<c\\\\>'
    """
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _LINE_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", line)


def code(text: str) -> str:
    """``text`` as a code span, whatever backticks it holds."""
    ticks = "`" * (1 + max((len(run) for run in _TICKS.findall(text)), default=0))
    pad = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def block(text: str) -> Iterator[str]:
    """``text`` as a fenced block, whatever fences it holds."""
    fence = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(text)), default=0))
    yield f"{fence}text"
    yield from text.strip("\n").split("\n")
    yield fence


def link(url: str) -> str:
    """``url`` as a link that shows itself; one with odd characters as code, which links nowhere."""
    return f"<{url}>" if re.fullmatch(r"https?://[^\s<>\\`]+", url) else code(url)


def _section(rule: Rule) -> Iterator[str]:
    yield f"## {rule.id}"
    yield ""
    yield f"**{escaped(rule.name)}**: {escaped(rule.summary)}"
    yield ""
    yield f"- **Severity**: {_word(rule.severity)}"
    yield f"- **Confidence**: {rule.confidence.name.lower()}" + (
        f", with the proofs {', '.join(map(code, rule.proofs))}" if rule.proofs else ""
    )
    yield f"- **Kind**: {rule.kind}" + (", chosen by people" if rule.weak else "")
    if rule.files:
        yield f"- **Only in**: {', '.join(map(code, rule.files))}"
    if rule.pair:
        yield f"- **Pair**: {code(rule.pair)}"
    if rule.playbook.env:
        yield f"- **Usual variables**: {', '.join(map(code, rule.playbook.env))}"
    if rule.references:
        yield f"- **See**: {', '.join(map(link, rule.references))}"
    yield from _samples("Found", rule.examples)
    yield from _samples("Not found", rule.counterexamples)


def _playbook(sections: Iterable[Section]) -> Iterator[str]:
    for section in sections:
        yield ""
        yield f"### {section.title}"
        yield ""
        yield from items(section)


def _samples(title: str, samples: Sequence[Example]) -> Iterator[str]:
    for number, sample in enumerate(samples):
        yield ""
        if sample.why or not number:
            yield title + (f" ({escaped(sample.why)}):" if sample.why else ":")
            yield ""
        yield from block(sample.text)


def _name(stem: str) -> str:
    """A page's file; there is a provider called ReadMe, and a folder's own page is found in any case."""
    return f"{stem}-.md" if f"{stem}.md".lower() == INDEX.lower() else f"{stem}.md"


def _word(severity: Severity) -> str:
    return severity.name.lower()


def _stale(folder: Path, made: Mapping[str, str]) -> Iterator[Path]:
    """Our own pages that are not made any more; files of others in the folder are left alone."""
    for file in folder.glob("*.md"):
        if file.name not in made and (_read(file) or "").startswith(MARK):
            yield file


def _read(file: Path) -> str | None:
    try:
        return file.read_bytes().decode("utf-8", "replace")
    except OSError:
        return None
