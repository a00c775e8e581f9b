"""Rule files: errors name the file, the rule, the key and the mend; the cache changes nothing but the speed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import re2

from leaksweep.cache import Cache
from leaksweep.errors import RuleError
from leaksweep.rules.load import load, parse
from support.rulefiles import GOOD, write


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[provider]", "[provider", ["acme.toml", "not valid TOML"]),
        ('name = "Acme"\n', "", ["acme.toml", "provider.name is missing"]),
        ('severity = "high"', 'severity = "huge"', ["acme.toml", "'acme-key'", "severity is 'huge'", "critical"]),
        ('confidence = "high"', 'confidence = "sure"', ["'acme-key'", "confidence is 'sure'", "medium"]),
        ('severity = "high"', 'severty = "high"', ["'acme-key'", "'severty' is not known", "did you mean 'severity'?"]),
        ('summary = "Opens Acme."', "", ["'acme-key'", "'summary' is missing", "add it"]),
        ("revoke = ", "revok = ", ["'acme-key'", "playbook", "'revok' is not known", "did you mean 'revoke'?"]),
        ("pattern = ", "width = 40\n# ", ["'acme-key'", "needs either 'pattern' or 'context'"]),
        ("[a-z]{20}", "[a-z]+", ["'acme-key'", "may match", "give 'width'"]),
        ("[a-z]{20}", "[a-z{20}", ["'acme-key'", "pattern"]),
        ("why = ", "wy = ", ["'acme-key'", "wy"]),
        ('[provider]\nname = "Acme"', 'provider = "Acme"', ["provider.name is missing"]),
        ('severity = "high"', "severity = 3", ["'acme-key': severity is a number", "make it a text"]),
        ('summary = "Opens', 'width = "40"\nsummary = "Opens', ["width is a text", "make it a number"]),
        ('summary = "Opens', 'weak = "no"\nsummary = "Opens', ["weak is a text", "make it true or false"]),
        ('summary = "Opens', 'proofs = "jwt"\nsummary = "Opens', ["proofs is a text", "make it a list of texts"]),
        ('env = ["ACME_KEY"]', 'env = "ACME_KEY"', ["playbook: env is a text", "make it a list of texts"]),
        ("text = 'acme_{lower:9}'", "text = 9", ["counterexample 1: text is a number"]),
        ("[[rule.example]]\ntext = 'ACME_KEY=⟦acme_{lower:20}⟧'\n", "", ["'example' is missing"]),
        ("[[rule]]", "[rule]", ["'rule' is no list of tables", "[[rule]]"]),
    ],
)
def test_error_names_file_rule_key_and_mend(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    assert old in GOOD
    write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(RuleError) as caught:
        tuple(parse(tmp_path))
    whole = " ".join(str(part) for part in (caught.value, *caught.value.args, *vars(caught.value).values()))
    assert [part for part in said if part not in whole] == []


def test_the_same_id_twice_names_both_files(tmp_path: Path) -> None:
    write(write(tmp_path, GOOD), GOOD, "other.toml")
    with pytest.raises(RuleError, match=r"other\.toml: rule 'acme-key' is defined in acme\.toml too"):
        tuple(parse(tmp_path))


def test_context_words_take_any_separator(tmp_path: Path) -> None:
    context = "context = { words = [\"new-acme_api\"], value = '[0-9a-f]{32}' }"
    write(tmp_path, GOOD.replace("pattern = '\\b(?P<secret>acme_[a-z]{20})\\b'", context))
    (rule,) = parse(tmp_path)
    assert rule.kind == "context"
    assert "new[_. -]?acme[_. -]?api" in rule.pattern


@pytest.mark.parametrize(
    ("fields", "other", "text", "found"),
    [
        ("'api[_-]?key'", None, "ACME PRIVATE {}", True),
        ("'api[_-]?key'", None, "acme-access-{}", True),
        ("'api[_-]?key'", None, "acmeKEY.{}", True),
        ("'api[_-]?key'", 32, "acme-access-{}", False),  # which of the two it is, only its field tells
        ("'api[_-]?key'", 40, "acme-access-{}", True),
        ("'client[_-]?secret'", None, "acme-key-{}", False),  # the public half has its own name
        ("'client[_-]?secret'", None, "ACME_SECRET={}", True),
        ("'certificate'", None, "acme-secret-{}", False),
        ("", None, "acme-token-{}", True),
    ],
)
def test_any_usual_name_will_do_where_the_length_tells(
    tmp_path: Path, fields: str, other: int | None, text: str, found: bool
) -> None:
    def rule(name: str, length: int) -> str:
        context = f"context = {{ words = [\"acme\"], fields = [{fields}], value = '[0-9a-f]{{{length}}}' }}"
        whole = GOOD.replace("pattern = '\\b(?P<secret>acme_[a-z]{20})\\b'", context).replace("acme-key", name)
        return whole[whole.index("[[rule]]") :]

    write(tmp_path, GOOD[: GOOD.index("[[rule]]")] + rule("acme-key", 32) + (rule("acme-id", other) if other else ""))
    pattern = next(rule.pattern for rule in parse(tmp_path) if rule.id == "acme-key")
    assert bool(re2.search(pattern, text.format("0f2c4a1e7b3d4c589a61d2e8f4b7c913"))) is found


def test_cache_gives_the_same_rules(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    write(folder, GOOD)
    cache = Cache(tmp_path / "cache")
    first = load(cache, folder)
    assert list((tmp_path / "cache").iterdir())
    assert first == load(cache, folder)
    assert load(Cache(None), folder) == first


def test_the_shipped_rules_survive_the_cache(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    first = load(cache)
    assert first == load(cache) == load(Cache(None))
    assert [type(rule.severity) for rule in first] == [type(rule.severity) for rule in load(cache)]


@pytest.mark.parametrize("torn", [b"", b"[", b"[{}]", b'{"id": 1}', b'[{"severity": 99}]', b"\xff\xfe"])
def test_a_torn_cache_is_ignored(tmp_path: Path, torn: bytes) -> None:
    cache = Cache(tmp_path)
    first = load(cache)
    (file,) = tmp_path.iterdir()
    file.write_bytes(torn)
    assert load(cache) == first


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    cache = Cache(tmp_path / "cache")
    load(cache, write(folder, GOOD))
    write(folder, GOOD.replace("Acme key", "Acme token"))
    os.utime(folder / "acme.toml", ns=(1, 1))
    assert [rule.name for rule in load(cache, folder)] == ["Acme token"]
