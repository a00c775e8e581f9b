"""Every rule holds what it promises: it finds its examples, lets its look-alikes pass, and says what to do."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.engine.prefilter import Hyperscan
from leaksweep.model import Blob, Match, Rule
from leaksweep.rulecheck.fault import Known
from leaksweep.rulecheck.samples import engines_agree, example, examples_match, lookalikes_pass, texts
from leaksweep.rulecheck.shape import KEBAB, SHAPE
from leaksweep.rules.expand import expand
from leaksweep.rules.load import DATA, parse

RULES = tuple(sorted(parse(), key=lambda rule: rule.id))
BY_ID = {rule.id: rule for rule in RULES}
# Rules that serve several frameworks stand in one file; their ids name the framework.
WITHOUT_PROVIDER = {
    "django-secret-key",
    "laravel-app-key",
    "rails-master-key",
    "rails-master-key-file",
    "rails-secret-key-base",
}
# No package registry may be named; put together here, so that this file does not name one either.
REGISTRIES = [
    f"{host}.{domain}".encode()
    for host, domain in (
        ("registry.npmjs", "org"),
        ("registry.yarnpkg", "com"),
        ("pypi", "org"),
        ("files.pythonhosted", "org"),
        ("rubygems", "org"),
        ("crates", "io"),
        ("registry-1.docker", "io"),
        ("index.docker", "io"),
        ("nuget", "org"),
        ("clojars", "org"),
        ("proxy.golang", "org"),
        ("repo1.maven", "org"),
    )
]
every_rule = pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in RULES])


@cache
def engine() -> Engine:
    return Engine(RULES, Cache(None))


def matches(text: bytes) -> list[Match]:
    return engine().matches(Blob("x", text))


def squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


@every_rule
def test_id_names_the_provider(rule: Rule) -> None:
    first = squeezed(rule.provider.name.split()[0])
    assert rule.id.startswith("generic-") or rule.id in WITHOUT_PROVIDER or squeezed(rule.id).startswith(first)


def test_ids_are_unique_and_there_are_enough() -> None:
    assert len(BY_ID) == len(RULES) >= 75


@every_rule
def test_it_has_the_shape_of_a_rule(rule: Rule) -> None:
    assert [] == [fault for check in SHAPE for fault in check(rule, Known(BY_ID, frozenset(BY_ID)))]


@every_rule
def test_playbook_says_what_to_do(rule: Rule) -> None:
    book = rule.playbook
    assert len(book.revoke) > 20
    assert book.breaks
    assert rule.summary.endswith(".")
    assert all(url.startswith("https://") for url in (book.revoke_url, book.audit_url, *rule.references) if url)
    assert all(re.fullmatch(r"[A-Za-z0-9_]+", name) for name in book.env)


@every_rule
def test_there_are_two_examples_and_a_lookalike(rule: Rule) -> None:
    assert len(rule.examples) >= 2
    assert len({e.text for e in rule.examples}) == len(rule.examples)
    assert all(e.text.count("⟦") == e.text.count("⟧") == 1 for e in rule.examples)
    assert rule.counterexamples
    assert all(e.why and "⟦" not in e.text for e in rule.counterexamples)


@every_rule
def test_each_example_is_the_only_match_in_it(rule: Rule) -> None:
    assert [] == list(examples_match(rule, engine()))


@every_rule
def test_no_lookalike_is_matched(rule: Rule) -> None:
    assert [] == list(lookalikes_pass(rule, engine()))


@every_rule
def test_the_place_in_the_text_does_not_matter(rule: Rule) -> None:
    sample = example(rule, 0)
    around = [(b"", b"\n"), (b"a\n", b""), (b"a\n\n", b"\n\nz\n"), (b"a\r\n", b"\r\nz\r\n"), (b"\n\t", b"\t")]
    for before, after in around[:1] if rule.files else around:  # what is a file's whole content has nothing round it
        found = [(m.rule.id, m.secret.reveal()) for m in matches(before + sample.text + after)]
        assert found == [(rule.id, sample.secret)]


@every_rule
def test_crlf_inside_does_not_hide_the_secret(rule: Rule) -> None:
    for number in range(len(rule.examples)):
        sample = example(rule, number)
        secret = (sample.secret or b"").replace(b"\n", b"\r\n")
        found = [(m.rule.id, m.secret.reveal()) for m in matches(sample.text.replace(b"\n", b"\r\n"))]
        assert found == [(rule.id, secret)]


@every_rule
def test_both_engines_find_the_same(rule: Rule) -> None:
    alone = Hyperscan([rule.pattern], Cache(None))
    for text in texts(rule):
        assert [] == engines_agree([rule], alone, text)


def test_both_engines_find_the_same_in_all_texts_together() -> None:
    everything = b"\n\n".join(text for rule in RULES for text in texts(rule))
    assert [] == engines_agree(RULES, Hyperscan([rule.pattern for rule in RULES], Cache(None)), everything)


@every_rule
def test_templates_expand_to_the_same_each_time(rule: Rule) -> None:
    for number in range(len(rule.examples)):
        assert example(rule, number) == example(rule, number)
    assert expand(rule.examples[0].text, "a") == expand(rule.examples[0].text, "a")


@pytest.mark.parametrize("path", sorted(DATA.glob("*.toml")), ids=lambda path: path.stem)
def test_file_holds_no_secret_and_names_no_registry(path: Path) -> None:
    raw = path.read_bytes()
    assert [(m.rule.id, m.secret_span) for m in matches(raw)] == []
    assert [host for host in REGISTRIES if host in raw.lower()] == []
    assert KEBAB.fullmatch(path.stem + "-x")


@pytest.mark.parametrize(
    "form",
    [
        "CLOCKWORK_API_KEY={}",
        "export CLOCKWORK_API_KEY='{}'",
        "ENV CLOCKWORK_API_KEY {}",
        "ARG CLOCKWORK_API_KEY={}",
        'const clockwork = new Clockwork("{}");',
        "clockwork:\n  api_key: {}\n",
        '{{"clockwork": {{"apiKey": "{}"}}}}',
        '<add key="Clockwork.ApiKey" value="{}" />',
        "<clockworkKey>{}</clockworkKey>",
        "clockwork.api.key={}",
        "[clockwork]\nkey = {}\n",
        'variable "clockwork_key" {{\n  type    = string\n  default = "{}"\n}}\n',
        "https://api.clockworksms.com/http/send.aspx?key={}&to=44",
        "        - name: CLOCKWORK_API_KEY\n          value: {}\n",
        "define('CLOCKWORK_KEY', '{}');",
        "$clockwork = new Clockwork( `{}` );",
    ],
)
def test_context_rule_reads_every_usual_form(form: str) -> None:
    key = expand("{hex:40}", form).text
    found = matches(form.format(key.decode()).encode())
    assert [(m.rule.id, m.secret.reveal()) for m in found] == [("clockwork-sms-api-key", key)]


def test_halves_of_a_pair_become_one_match() -> None:
    text = expand("aws_access_key_id = AKIA{base32:16}\naws_secret_access_key = {base64:40}\n", "pair").text
    (match,) = matches(text)
    assert match.rule.id == "aws-secret-access-key"
    assert [c.rule for c in match.companions] == ["aws-access-key-id"]
