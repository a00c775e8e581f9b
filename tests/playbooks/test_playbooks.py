"""Every playbook is read: whole, plain, short enough for somebody in a hurry, with addresses of the right provider."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from leaksweep.model import Rule
from leaksweep.playbooks import DATA, Section, categories, category, compose, render, tokens
from leaksweep.playbooks.tokens import SECTIONS
from leaksweep.rules.load import DATA as RULES
from leaksweep.rules.load import parse

BOOKS = [(rule, compose(rule)) for rule in parse()]
#: Where a provider's pages are not under its own name: who owns it, or what it was called before.
ELSEWHERE = {
    "alibaba-cloud": "aliyun.com",
    "atlassian": "bitbucket.org",
    "azure": "microsoft.com",
    "bitbucket": "atlassian.com",
    "cisco": "webex.com",
    "convertkit": "kit.com",
    "finicity": "mastercard.com",
    "firebase": "google.com",
    "gemstash": "github.com",
    "gitalk": "github.com",
    "group-policy-preferences": "microsoft.com",
    "influxdb": "influxdata.com",
    "kimi": "moonshot.ai",
    "langsmith": "langchain.com",
    "logdna": "mezmo.com",
    "loggly": "solarwinds.com",
    "looker": "google.com",
    "mandrill": "mailchimp.com",
    "opsgenie": "atlassian.com",
    "sqreen": "datadoghq.com",
    "telegram": "t.me",
    "tencent": "qq.com",
    "twitter": "x.com",
    "web-push": "rfc-editor.org",
}


def words(sections: tuple[Section, ...]) -> str:
    """All that is read, sentence by sentence."""
    return " ".join(step.text for section in sections for step in section.steps)


def grade(text: str) -> float:
    """Years at school that reading it takes (Flesch and Kincaid, 1975); syllables are groups of vowels."""
    plain = re.sub(r"`[^`]*`", "it", text)
    found = re.findall(r"[A-Za-z']+", plain)
    sentences = max(1, len(re.findall(r"[.!?:](?:\s|$)", plain)))
    syllables = sum(max(1, len(re.findall("[aeiouy]+", word.lower().removesuffix("e")))) for word in found)
    return 0.39 * len(found) / sentences + 11.8 * syllables / len(found) - 15.59


def test_every_playbook_has_six_sections_without_gaps() -> None:
    for rule, book in BOOKS:
        assert [section.key for section in book] == list(SECTIONS), rule.id
        assert all(2 <= len(section.steps) <= 12 for section in book), rule.id
        assert all(step.text.strip() == step.text != "" for section in book for step in section.steps), rule.id


def test_no_variable_is_left_and_no_step_is_said_twice() -> None:
    for rule, book in BOOKS:
        text = words(book)
        assert not re.search(r"\{(provider|variable|where|alg|exp|iss|aud|years)\}|@[A-Z]+@", text), rule.id
        counts = Counter(step.text for section in book for step in section.steps)
        assert counts.most_common(1)[0][1] == 1, (rule.id, counts.most_common(1))


def test_each_can_be_read_in_two_minutes_by_anyone() -> None:
    for rule, book in BOOKS:
        text = words(book)
        assert 200 <= len(text.split()) <= 520, (rule.id, len(text.split()))
        assert grade(text) <= 9, (rule.id, grade(text))


@pytest.mark.parametrize("name", categories())
def test_a_category_has_all_sections_and_rules(name: str) -> None:
    assert set(category(name)) == set(SECTIONS)
    assert any(rule.category == name for rule, _ in BOOKS)
    for text in category(name).values():
        assert len(text) <= 170, text
        assert grade(text) <= 13, (text, grade(text))


def test_every_rule_file_names_a_category_that_there_is() -> None:
    for file in sorted(RULES.glob("*.toml")):
        assert tomllib.loads(file.read_text("utf-8"))["provider"]["category"] in categories(), file.name
    assert {rule.category for rule, _ in BOOKS} == set(categories())


def test_a_hundred_types_and_more_have_steps_of_their_own() -> None:
    own = [rule for rule, _ in BOOKS if rule.playbook.generate and len(rule.playbook.rotate) >= 1]
    assert len(own) >= 100
    assert len({rule.provider.slug for rule in own}) >= 60


def test_every_address_is_of_its_provider() -> None:
    for rule, book in BOOKS:
        for step in (step for section in book for step in section.steps if step.url):
            parts = urlsplit(step.url)
            assert parts.scheme == "https", (rule.id, step.url)
            assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.hostname or ""), (rule.id, step.url)
            assert not re.search(r"[\s<>{}]", step.url), (rule.id, step.url)
            assert is_of(rule, parts.hostname or ""), (rule.id, step.url)


def is_of(rule: Rule, host: str) -> bool:
    """Whether a host has the provider's name, or stands in the table; general rules point anywhere."""
    slug, name = rule.provider.slug, rule.provider.name
    called = {re.sub("[^a-z0-9]", "", word.lower()) for word in (slug, name, *slug.split("-"), *re.split(r"\W+", name))}
    own = any(len(word) > 2 and word in re.sub("[^a-z0-9]", "", host) for word in called)
    return slug.startswith("generic-") or own or host.endswith(ELSEWHERE.get(slug, "\0"))


def shingles(text: str) -> set[bytes]:
    """A short hash of each eight words that follow each other."""
    found = re.findall(r"[a-z0-9']+", text.lower())
    runs = (" ".join(found[at : at + 8]) for at in range(len(found) - 7))
    return {hashlib.sha256(run.encode()).digest()[:6] for run in runs}


def test_the_words_are_our_own() -> None:
    """No eight words in a row of the pages that asked for these playbooks (kept as hashes)."""
    data = Path(__file__).with_name("others.bin").read_bytes()
    others = {data[at : at + 6] for at in range(0, len(data), 6)}
    assert len(others) > 5_000
    ours = " . ".join((*(words(book) for _, book in BOOKS), *(f.read_text("utf-8") for f in DATA.glob("*.toml"))))
    assert not shingles(ours) & others


def test_a_text_that_is_theirs_would_be_seen() -> None:
    assert len(shingles("a b c d e f g h i")) == 2


@pytest.mark.parametrize(
    ("proofs", "today", "said"),
    [
        (("alg none: it is not signed, so anyone can make such a token",), "", "not signed"),
        (("alg HS256", "signed with a key that everyone tries: anyone can make such a token"), "", "everybody tries"),
        (("alg RS256", "exp 2030-01-01T00:00:00Z"), "2026-01-01T00:00:00Z", "It ends on 2030-01-01"),
        (("alg RS256", "exp 2025-01-01T00:00:00Z"), "2026-01-01T00:00:00Z", "It ended on 2025-01-01"),
        (("alg RS256", "exp 2025-01-01T00:00:00Z"), "", "It ends on 2025-01-01"),
        (("alg HS512",), "", "It has no end"),
        (("alg ES256", "lives 9 years"), "", "lives for 9 years"),
        (("alg ES256", "iss https://login.acme.example"), "", "Its issuer is https://login.acme.example"),
        (("alg ES256", "aud api"), "", "made for api"),
        (("alg HS256",), "", "shared secret (HS256)"),
        (("alg EdDSA",), "", "private key (EdDSA)"),
    ],
)
def test_a_token_s_playbook_speaks_of_that_token(proofs: tuple[str, ...], today: str, said: str) -> None:
    (rule,) = (rule for rule, _ in BOOKS if rule.id == "generic-jwt")
    assert said in words(compose(rule, proofs, today))
    assert said not in words(compose(rule))
    assert any(said in text for text in tokens.of_token(rule, proofs)) or today


def test_what_is_no_token_has_no_words_for_tokens() -> None:
    told = [rule.id for rule, book in BOOKS if "JSON Web Token carries" in words(book)]
    assert {"generic-jwt", "zoom-api-jwt"} <= set(told)
    assert "stripe-live-secret-key" not in told


def test_zoom_s_says_what_came_after_jwt_apps() -> None:
    (book,) = (book for rule, book in BOOKS if rule.id == "zoom-api-jwt")
    assert "retired JWT apps" in words(book)
    assert "Server-to-Server OAuth" in words(book)


def test_markdown_shows_every_step() -> None:
    for rule, book in BOOKS[::50]:
        made = render.markdown(rule.name, book)
        assert made.count("\n## ") == len(SECTIONS)
        listed = re.findall(r"^(?:-|\d+\.) .", made, re.MULTILINE)
        assert len(listed) == sum(len(section.steps) for section in book)


def test_a_terminal_shows_lines_of_eighty_columns_but_for_addresses_and_code() -> None:
    for rule, book in BOOKS[::50]:
        for line in render.text(rule.name, book).split("\n"):
            assert len(line) <= 80 or " " not in line.strip() or "`" in line, (rule.id, line)
