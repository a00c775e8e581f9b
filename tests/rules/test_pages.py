"""The pages of ``docs/rules`` and the README's numbers say what the rule files say.

``UPDATE_GOLDEN=1`` writes what they should say.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from leaksweep.catalog import pages
from leaksweep.cli import application, boundary
from leaksweep.engine import Engine
from leaksweep.model import Blob, Example, Playbook
from leaksweep.rules.load import parse
from support.results import GITHUB
from support.rulefiles import GOOD, write

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs/rules"
NASTY = "# <b>`x`</b> [a](b) | *c* _d_ ${e} &amp; ![f](g) ~h~ \\ 1"


def test_the_pages_say_what_the_rules_say() -> None:
    made = pages.pages()
    if os.environ.get("UPDATE_GOLDEN"):
        pages.write(DOCS, made)
    assert [] == pages.drift(DOCS, made), "run leaksweep rules docs docs/rules"


def test_the_readme_counts_right() -> None:
    file, pattern = ROOT / "README.md", re.compile(r"[\d,]+ types of secrets from [\d,]+ providers")
    right = pages.counts(parse())
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(pattern.sub(right, file.read_text("utf-8")), "utf-8")
    assert [right] == pattern.findall(file.read_text("utf-8")), "run this test with UPDATE_GOLDEN=1"


def test_every_rule_has_its_section_and_no_page_a_token(engine: Engine) -> None:
    made = pages.pages()
    sections = [line[3:] for text in made.values() for line in text.splitlines() if line.startswith("## ")]
    sections = [section for section in sections if section != pages.SHARED]
    assert sorted(rule.id for rule in parse()) == sorted(sections)
    for text in made.values():
        assert [] == [m.rule.id for m in engine.matches(Blob("x", text.encode()))]


def test_links_of_the_index_lead_to_the_pages() -> None:
    made = pages.pages()
    assert {"README.md", *re.findall(r"\]\(([^()]+\.md)\)", made["README.md"])} == made.keys()


def test_two_runs_are_the_same_whatever_the_order_of_rules() -> None:
    rules = [rule for rule in parse() if rule.provider.name == "Zoom"]
    assert pages.page("Zoom", rules) == pages.page("Zoom", rules[::-1])
    assert pages.pages() == pages.pages()


def test_the_index_counts_by_severity_and_provider() -> None:
    text = pages.pages()["README.md"]
    by_severity = {
        m[1]: int(m[2].replace(",", "")) for m in re.finditer(r"^\| (\w+) \| ([\d,]+) \|$", text, re.MULTILINE)
    }
    by_provider = [int(m[1]) for m in re.finditer(r"^\| \[.*\]\(\S+\.md\) \| (\d+) \|", text, re.MULTILINE)]
    assert len(list(parse())) == sum(by_severity.values()) == sum(by_provider)
    assert ["critical", "high", "medium", "low"] == list(by_severity)


def test_what_rule_files_say_is_no_markup() -> None:
    rule = GITHUB._replace(
        id="acme-key",
        name=NASTY,
        summary=NASTY,
        playbook=Playbook(NASTY, "javascript:x", NASTY, "https://a.example/<script>", NASTY, ("A_B", "`C`")),
        references=("https://a.example/a_b*c",),
        examples=(Example("```\n⟦x⟧\n````\n# y"),),
        counterexamples=(Example("z", NASTY),),
    )
    text = pages.page(NASTY, [rule])
    outside = re.sub(r"(?ms)^(`{3,})text$.*?^\1$", "", text)
    assert "# y" not in outside
    unescaped = re.sub(r"(`+).*?\1|\\.|<https://[^>]*>", "", outside.partition("\n")[2])
    assert not re.search(r"</?b>|!\[|\*c|_d_|\$\{|&amp|~h", unescaped)
    assert "javascript" not in unescaped
    assert "<https://a.example/<script>>" not in outside
    assert "<https://a.example/a_b*c>" in outside
    rows = [line for line in outside.splitlines() if line.startswith("| [acme-key]")]
    assert [3] == [len(re.findall(r"(?<!\\)\|", row)) - 1 for row in rows]


@pytest.mark.parametrize(
    ("text", "right"),
    [("1. a", "1\\. a"), ("- a", "\\- a"), ("+ a", "\\+ a"), ("a\n\nb", "a b"), ("v1.2 - a", "v1.2 - a")],
)
def test_no_text_begins_a_list_or_a_paragraph(text: str, right: str) -> None:
    assert right == pages.escaped(text)


# ---------------------------------------------------------------- the command


def run(*arguments: str) -> int:
    return boundary.run(application(), ["rules", "docs", *arguments])


def test_docs_writes_then_finds_nothing_to_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "docs/rules"
    assert 2 == run(str(folder), "--check")
    assert not folder.exists()
    assert 0 == run(str(folder))
    assert 0 == run(str(folder), "--check")
    count = f"{len(list(folder.iterdir())):,}"
    assert [f"{count} pages, {count} changed", f"{count} pages say what the rules say"] == (
        capsys.readouterr().out.splitlines()
    )


def test_check_names_what_drifted_and_writing_mends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(str(tmp_path))
    (tmp_path / "zoom.md").write_text("other", "utf-8")
    (tmp_path / "github.md").unlink()
    (tmp_path / "gone.md").write_text(f"{pages.MARK}\n", "utf-8")
    (tmp_path / "mine.md").write_text("not made by us", "utf-8")
    capsys.readouterr()
    assert 2 == run(str(tmp_path), "--check")
    error = capsys.readouterr().err
    assert "pages do not say what the rules say: github.md, gone.md, zoom.md; run leaksweep rules docs" in error
    assert 1 == error.count("\n")
    assert 0 == run(str(tmp_path))
    assert 0 == run(str(tmp_path), "--check")
    assert (tmp_path / "mine.md").exists()
    assert not (tmp_path / "gone.md").exists()


def test_a_folder_that_is_a_file_is_one_line_and_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert 2 == run(str(tmp_path / "file"))
    assert 1 == capsys.readouterr().err.count("\n")


def test_two_files_of_one_provider_share_a_page(tmp_path: Path) -> None:
    write(write(tmp_path, GOOD), GOOD.replace("acme-key", "acme-token"), "more.toml")
    made = pages.pages(tmp_path)
    assert {"README.md", "acme.md"} == made.keys()
    assert "## acme-token" in made["acme.md"]


def test_no_page_takes_the_place_of_the_index(tmp_path: Path) -> None:
    assert {"README.md", "readme-.md"} == pages.pages(write(tmp_path, GOOD, "readme.toml")).keys()
    names = [name.lower() for name in pages.pages()]
    assert len(names) == len(set(names))
