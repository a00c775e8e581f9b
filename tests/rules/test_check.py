"""``rules check`` and ``scan --rules``: one mistake, one line, with file, rule, key and mend; good rules just work."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from leaksweep.cache import Cache
from leaksweep.cli import application, boundary
from leaksweep.engine.patterns import steps
from leaksweep.errors import RuleError, UsageError
from leaksweep.model import Rule
from leaksweep.rulecheck import check, read
from leaksweep.rulecheck.custom import with_custom
from leaksweep.rulecheck.fault import Source
from leaksweep.rulecheck.weight import ALL, MOST, too_heavy
from leaksweep.rules.load import DATA
from support.fakes import fake, github
from support.rulefiles import GOOD, write

PATTERN = r"'\b(?P<secret>acme_[a-z]{20})\b'"


@pytest.fixture
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(Path(tmp_path_factory.getbasetemp(), "cache"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("acme-key", "Acme_Key", "rule 'Acme_Key': id: is not in kebab-case; write lower-case words"),
        ("confidence =", "kind = 'shape'\nconfidence =", "kind: is 'shape'; use one of generic, context, pattern"),
        (PATTERN, "'(?P<secret>acme_[a-z]{20}'", "pattern: missing ), unterminated subpattern"),
        (PATTERN, "'acme_[a-z]{20}'", "pattern: needs exactly one group, named secret; write (?P<secret>...)"),
        (PATTERN, "'(acme)_(?P<secret>[a-z]{20})'", "pattern: needs exactly one group, named secret"),
        (PATTERN, "'(?=a)(?P<secret>acme_[a-z]{20})'", "pattern: RE2: invalid perl operator: (?=; use no look-around"),
        (PATTERN, "'(?P<secret>[a-z]{0,20})'", "pattern: Hyperscan: Pattern matches empty buffer"),
        (PATTERN, "'(?P<secret>acme_[a-z]+)'", "pattern may match"),
        (PATTERN, f"'(?P<secret>{'[^a]{1,900}' * 7})'", "pattern: is of more than 6,000 steps; write it with fewer"),
        (PATTERN, f"'(?P<secret>{'a' * 6001})'", "pattern: is of more than 6,000 steps"),
        (PATTERN, f"'(?P<secret>(?:{'ab?[c-e]' * 700}){{1,9}})'", "pattern: is of more than 6,000 steps"),
        ("confidence =", f"prefilter = '{'[^a]{1,900}' * 7}'\nconfidence =", "prefilter: is of more than 6,000 steps"),
        ("confidence =", "prefilter = '(acme_'\nconfidence =", "prefilter: RE2: missing ): (acme_; write a part of"),
        ("confidence =", "prefilter = 'acme_[0-9]'\nconfidence =", "prefilter: does not match where the pattern does"),
        ("confidence =", "prefilter = 5\nconfidence =", "prefilter is a number; make it a text"),
        ("confidence =", "width = 99999\nconfidence =", "width: is 99999; give a number of bytes from 1 to 32768"),
        ("confidence =", "width = -1\nconfidence =", "width: is -1"),
        ("confidence =", f"files = ['{'[' * 1001}']\nconfidence =", "files: has too many globs, or one that is too"),
        (
            "confidence =",
            "files = [" + "'*.a', " * 101 + "]\nconfidence =",
            "give at most 100 of at most 1,000 characters",
        ),
        ("confidence =", "proofs = ['jtw']\nconfidence =", "proofs: 'jtw' is not known; did you mean 'jwt'?"),
        ("confidence =", "pair = 'zoom-api-kex'\nconfidence =", "pair: 'zoom-api-kex' is no rule; did you mean 'zoom-"),
        ("⟦acme_{lower:20}⟧", "acme_{lower:20}", "example 1: has not exactly one marked secret; mark the secret once"),
        ("⟦acme_{lower:20}⟧", "⟦acme_{lower:19}⟧", "example 1: is not found; mend the pattern or the example"),
        ("⟦acme_{lower:20}⟧", "⟦ acme_{lower:20}⟧", "example 1: finds 25 bytes where 26 are marked"),
        ("⟦acme_{lower:20}⟧", "⟦{crc32:ghp_:30}⟧", "example 1: is found by rule 'github-personal-access-token"),
        (
            "⟦acme_{lower:20}⟧",
            "⟦acme_{lower:20}⟧ {crc32:ghp_:30}",
            "example 1: finds more than the marked secret: rule 'github-personal-access-token",
        ),
        ("{lower:9}", "{lower:20}", "counterexample 1: is matched; narrow the pattern"),
        ("{lower:9}", "{lower:99999999999}", "counterexample 1: a generator does not take its argument: ValueError"),
        ("{lower:9}", "{crc32:9}{pem:x}", "counterexample 1: a generator does not take its argument: ValueError"),
        ("'acme_{lower:9}'", "'⟦acme_{lower:9}⟧'", "counterexample 1: has a marked secret"),
        ("acme-key", "zoom-api-key", "rule 'zoom-api-key' is defined in the built-in zoom.toml too; rename one"),
    ],
)
def test_one_mistake_is_one_line(tmp_path: Path, cache: Cache, old: str, new: str, said: str) -> None:
    assert old in GOOD
    file = str(write(tmp_path, GOOD.replace(old, new, 1)) / "acme.toml")
    count, (problem,) = check([file], cache)
    assert said in str(problem)
    assert str(problem).startswith(f"{file}: rule ")
    assert problem.mend
    assert "\n" not in str(problem)
    assert count in (0, 1)


def test_a_good_file_is_good_in_a_folder_too(tmp_path: Path, cache: Cache) -> None:
    assert (1, []) == check([str(write(tmp_path, GOOD))], cache)


def test_a_built_in_file_is_no_clash_with_itself(cache: Cache) -> None:
    count, problems = check([str(DATA / "zoom.toml")], cache)
    assert [] == problems
    assert count > 1


def test_every_rule_s_mistake_is_told(tmp_path: Path, cache: Cache) -> None:
    """A rule that does not parse hides neither its neighbours nor the next file."""
    second = GOOD.partition("[[rule]]")[2].replace("acme-key", "acme-token").replace("'acme-token'", "'x'")
    write(tmp_path, GOOD.replace('"high"', '"huge"', 1) + "[[rule]]" + second.replace("acme_[", "("))
    write(tmp_path, "[", "torn.toml")
    _, problems = check([str(tmp_path)], cache)
    assert ["'acme-key': severity", "'acme-token': pattern", "not valid TOML"] == [
        part for part in ("'acme-key': severity", "'acme-token': pattern", "not valid TOML") for p in problems
        if part in str(p)
    ]  # fmt: skip


def test_the_same_id_in_two_files_names_both(tmp_path: Path, cache: Cache) -> None:
    write(write(tmp_path, GOOD), GOOD, "other.toml")
    _, (problem,) = check([str(tmp_path)], cache)
    assert f"{tmp_path}/other.toml: rule 'acme-key' is defined in {tmp_path}/acme.toml too; rename one" == str(problem)


def test_a_pair_names_each_other(tmp_path: Path, cache: Cache) -> None:
    other = GOOD.replace("acme-key", "acme-id").replace("acme_", "acmeid_")
    write(tmp_path, GOOD.replace("confidence =", "pair = 'acme-id'\nconfidence ="))
    write(tmp_path, other, "other.toml")
    _, (problem,) = check([str(tmp_path)], cache)
    assert """pair: 'acme-id' does not name this rule; write pair = "acme-key" there""" in str(problem)


# ---------------------------------------------------------------- the commands


def run(*arguments: str) -> int:
    return boundary.run(application(), arguments)


def test_check_says_ok_and_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rules", "check", str(write(tmp_path, GOOD))) == 0
    assert capsys.readouterr().out == "checked 1 rule: OK\n"


def test_check_says_what_is_wrong_and_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rules", "check", str(write(tmp_path, GOOD.replace("{lower:9}", "{lower:20}")))) == 2
    first, last = capsys.readouterr().out.splitlines()
    assert "acme.toml: rule 'acme-key': counterexample 1: is matched" in first
    assert "checked 1 rule: 1 problem" == last


@pytest.mark.parametrize("path", ["missing.toml", "empty"])
def test_what_is_not_there_is_one_line_and_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert run("rules", "check", path) == 2
    assert run("scan", "empty", "--rules", path) == 2
    assert capsys.readouterr().err.count("\n") <= 2


def scan(tmp_path: Path, *arguments: str) -> tuple[int, list[str]]:
    report = tmp_path / "report.json"
    report.unlink(missing_ok=True)
    code = run("scan", str(tmp_path / "src"), *arguments, f"--report=json={report}")
    return code, [f["rule"] for f in json.loads(report.read_bytes())["findings"]] if report.exists() else []


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.env").write_bytes(b"A=" + fake("acme_{lower:20}") + b"\nB=" + github() + b"\n")
    (tmp_path / "rules").mkdir()
    return write(tmp_path / "rules", GOOD)


def test_own_rules_are_added_to_ours(tmp_path: Path, planted: Path) -> None:
    assert (1, ["github-personal-access-token"]) == scan(tmp_path)
    both = (1, ["github-personal-access-token", "acme-key"])
    assert both == scan(tmp_path, "--rules", str(planted))
    assert both == scan(tmp_path, "--rules", str(planted / "acme.toml"), "--rules", str(planted))  # once is enough
    assert both == scan(tmp_path, "--rules", str(planted), "--no-cache")


def test_own_rules_are_read_anew_when_they_change(tmp_path: Path, planted: Path) -> None:
    scan(tmp_path, "--rules", str(planted))
    write(planted, GOOD.replace("acme_[a-z]{20}", "emca_[a-z]{20}"))
    assert (1, ["github-personal-access-token"]) == scan(tmp_path, "--rules", str(planted))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("acme-key", "zoom-api-key", "acme.toml: rule 'zoom-api-key' is defined in the built-in zoom.toml too"),
        (PATTERN, "'(?P<secret>acme_[a-z]{0,20})(?<!x)'", "rule 'acme-key': pattern: "),
        (PATTERN, "'(?P<secret>[a-z]{0,20})'", "rule 'acme-key': pattern: Hyperscan: "),
        ("confidence =", "proofs = ['jtw']\nconfidence =", "rule 'acme-key': proofs: 'jtw' is not known"),
        ('"high"', '"huge"', "rule 'acme-key': severity is 'huge'"),
    ],
)
def test_own_rules_that_cannot_be_used_stop_the_scan(
    tmp_path: Path, planted: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    write(planted, GOOD.replace(old, new, 1))
    for _ in range(2):  # a failure is not kept either
        assert (2, []) == scan(tmp_path, "--rules", str(planted))
        error = capsys.readouterr().err
        assert said in error
        assert error.count("\n") == 1


def test_own_rules_are_regular_files_of_a_bounded_size(
    tmp_path: Path, planted: Path, rules: tuple[Rule, ...], cache: Cache
) -> None:
    file = planted / "acme.toml"
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(UsageError, match="is not a regular file"):
        with_custom(rules, [str(planted)], Cache(None))
    _, (problem,) = check([str(planted)], cache)
    assert f"{file}: is not a regular file; give the name of a file" == str(problem)
    file.unlink()
    with file.open("wb") as sparse:
        sparse.truncate(1 << 40)
    with pytest.raises(UsageError, match="has more than 4 MiB"):
        with_custom(rules, [str(planted)], Cache(None))


def test_own_rules_together_are_of_a_bounded_size(tmp_path: Path) -> None:
    """The last ones find nothing left; ours are not asked."""
    head, _, rule = GOOD.partition("[[rule]]")
    rule = rule.replace("acme_[a-z]{20}", "acme_[a-z]{1,900}[A-Z]{1,900}[0-9]{1,900}x{1,90}")
    count = 2 + ALL // (steps("[a-z]{1,900}[A-Z]{1,900}[0-9]{1,900}x{1,90}", MOST) or MOST)
    write(tmp_path, head + "".join("[[rule]]" + rule.replace("acme-key", f"acme-key-{n:03}") for n in range(count)))
    sources = [item for item in read([tmp_path / "acme.toml"]) if isinstance(item, Source)]
    assert count == len(sources)
    heavy = [source.rule.id for source, fault in too_heavy(sources) if "more than 300,000 steps" in fault.what]
    assert 1 <= len(heavy) <= 3
    assert heavy == [source.rule.id for source in sources[-len(heavy) :]]
    assert not list(too_heavy([source._replace(built_in=True) for source in sources]))


def test_own_rules_come_from_the_cache(tmp_path: Path, planted: Path, rules: tuple[Rule, ...]) -> None:
    cache = Cache(tmp_path / "cache")
    first = with_custom(rules, [str(planted)], cache)
    assert len(first) == len(rules) + 1
    assert 1 == len(list((tmp_path / "cache").glob("custom-*")))
    assert first == with_custom(rules, [str(planted)], cache) == with_custom(rules, [str(planted)], Cache(None))
    assert [rule.id for rule in first] == sorted(rule.id for rule in first)


def test_a_cached_file_still_may_not_take_an_id_that_became_ours(tmp_path: Path, planted: Path) -> None:
    cache = Cache(tmp_path / "cache")
    (own,) = with_custom((), [str(planted)], cache)
    with pytest.raises(RuleError, match="'acme-key' is defined in the built-in rules too"):
        with_custom((own,), [str(planted)], cache)
