"""``leaksweep explain``: what to do about one type of secret, or about one that was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from leaksweep.catalog.card import find
from leaksweep.model import Rule
from leaksweep.playbooks import compose, render
from leaksweep.playbooks.snippets import Snippet, context, kept, snippet, store_name
from leaksweep.where import SHORTEST
from leaksweep.where import find as find_secret

#: The language of a file's name; of others it is asked for.
_ENDINGS = {
    "python": ".py .pyi .ipynb",
    "javascript": ".js .mjs .cjs .jsx .ts .mts .cts .tsx .vue",
    "java": ".java .kt .kts .scala .groovy",
    "go": ".go",
    "ruby": ".rb .rake .gemspec",
    "php": ".php",
    "csharp": ".cs .cshtml",
    "shell": ".sh .bash .zsh",
}

#: What a variable is called whose secret is of no provider, by category.
_USUAL = {"password": "APP_PASSWORD", "database": "DATABASE_URL", "private-key": "PRIVATE_KEY", "jwt": "APP_TOKEN"}


class Wanted(NamedTuple):
    """Which code to show: names of a language, of a store and of contexts; empty where it is not asked for."""

    language: str = ""
    store: str = ""
    contexts: tuple[str, ...] = ()


def is_id(name: str, rules: Sequence[Rule]) -> bool:
    """Whether ``name`` is the id of a finding, and not of a rule."""
    known = any(rule.id == name for rule in rules)
    return not known and len(name) >= SHORTEST and all(c in "0123456789abcdef" for c in name.lower())


def of_rule(rules: Sequence[Rule], name: str, wanted: Wanted, form: Callable[..., str] = render.text) -> str:
    """What to do about secrets of this type.

    Raises:
        UsageError: there is no such rule, language, store or context.
    """
    rule = find(rules, name)
    return form(f"{rule.name} ({rule.id})", compose(rule), _code(rule, wanted))


def of_secret(
    rules: Sequence[Rule], report: dict[str, Any], name: str, today: str, wanted: Wanted, form: Callable[..., str]
) -> str:
    """What to do about a secret of a json report; its own facts count, and the language of the file it stands in.

    Raises:
        UsageError: no finding has this id, or its rule is none of ours.
    """
    finding = find_secret(report, name)
    rule = find(rules, str(finding["rule"]))
    proofs = [str(proof) for proof in finding.get("proofs", ())]
    if not wanted.language:
        wanted = wanted._replace(language=language_of(str(finding["places"][0]["label"])))
    title = f"{rule.name} {finding['secret']} in {finding['places'][0]['label']}"
    return form(title, compose(rule, proofs, today), _code(rule, wanted))


def language_of(path: str) -> str:
    """The language of a file, by its ending; empty where it is none of ours."""
    return next((name for name, ends in _ENDINGS.items() if path.lower().endswith(tuple(ends.split()))), "")


def variable_of(rule: Rule) -> str:
    """The environment variable that a program reads the secret from."""
    if rule.playbook.env:
        return rule.playbook.env[0]
    if rule.kind == "generic":
        return _USUAL.get(rule.category, "APP_SECRET")
    return rule.id.upper().replace("-", "_")


def _code(rule: Rule, wanted: Wanted) -> list[Snippet]:
    variable, path = variable_of(rule), f"app/{rule.provider.slug.removeprefix('generic-')}"
    made = []
    if wanted.language:
        made.append(snippet(wanted.language, wanted.store or "env", variable, path))
    if wanted.store:
        keep = kept(wanted.store, variable, path)
        made.append(keep._replace(name=f"Put it into the {store_name('env')}" if wanted.store == "env" else keep.name))
    made += [context(name, variable, path) for name in wanted.contexts]
    return made


def check(wanted: Wanted) -> None:
    """Raise for a name that is not known, before anything is scanned."""
    if wanted.language or wanted.store:
        snippet(wanted.language or "python", wanted.store or "env", "X", "x")
    for name in wanted.contexts:
        context(name, "X", "x")
