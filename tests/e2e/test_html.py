"""The HTML report in a real Chromium: it opens, filters, follows links, asks for nothing; axe-core minds nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from leaksweep.model import File, Gone, ImageConfig, LayerFile, Result, Severity, Skipped
from leaksweep.reports import html, places
from support.program import ROOT, run
from support.require import require_program, require_that
from support.results import GITHUB, LAYER, PASSWORD, finding, hostile, result, seen

HERE = Path(__file__).parent
BROKEN = GITHUB.playbook._replace(revoke_url="http://[broken", audit_url="javascript:alert(1)")  # in rules of others
OTHER = GITHUB._replace(id="other", name="Other token", severity=Severity.HIGH, playbook=BROKEN)


class Saw(NamedTuple):
    """What ``page.mjs`` saw, by name."""

    facts: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.facts[name]


def look(made: Result, folder: Path) -> Saw:
    require_that(
        (ROOT / "tests/node_modules/playwright-core").exists(), "npm's playwright-core (make test installs it)"
    )
    require_that((ROOT / "tests/node_modules/axe-core").exists(), "npm's axe-core (make test installs it)")
    file = folder / "report.html"
    file.write_bytes(html.render(made))
    ran = run(require_program("node"), HERE / "page.mjs", file, require_program("chromium"), timeout=180)
    assert ran.code == 0, ran.err
    saw = Saw(json.loads(ran.out))
    assert [] == saw.errors
    assert {url.partition("#")[0].rpartition("/")[2] for url in saw.requests if not url.startswith("data:")} == {
        "report.html"
    }
    assert {"light 1200": [], "light 360": [], "dark 1200": [], "dark 360": []} == saw.violations
    assert saw.wide == 0  # nothing to scroll sideways, not even on a telephone
    return saw


def layer(index: int, path: str, gone: Gone | None = None) -> LayerFile:
    return LayerFile("acme/app", "acme/app:1.2", index, LAYER, path, "", gone)


def image() -> Result:
    """A workspace and an image, with secrets that came in, were deleted, and stand in the configuration."""
    return result(
        finding(1, seen(File("src/file1.py"), 1), seen(layer(3, "app/src/file1.py"))),
        finding(2, seen(layer(3, "root/.npmrc", Gone("deleted", 6)))),
        finding(3),
        finding(5, seen(ImageConfig("acme/app", "acme/app:1.2", "env/TOKEN")), rule=OTHER),
        finding(6, rule=PASSWORD),
        skipped=(Skipped("old.zip", "is encrypted"),),
    )


@pytest.fixture(scope="module")
def saw(tmp_path_factory: pytest.TempPathFactory) -> Saw:
    return look(image(), tmp_path_factory.mktemp("image"))


def test_a_page_is_read_filtered_and_followed(saw: Saw) -> None:
    assert saw.title == "leaksweep: 5 secrets found (3 critical, 1 high, 1 low); INCOMPLETE: 1 skipped"
    parts = "Not everything was scanned|Do this first|Where they came into images|Findings|Not scanned|Scanned"
    assert parts.split("|") == saw.headings
    assert (saw.all, saw.cards) == ("5 secrets, the worst first.", 5)
    assert saw.searched == "1 secret of 5."
    assert (saw.mildest, saw.badges) == ("1 secret of 5.", ["low"])
    assert saw.pressed == ["3 critical"]
    assert saw.workspace == "3 secrets of 5."
    assert saw.followed
    assert saw.printed == 5
    assert saw.links == ["https:"]
    (body,) = saw.open
    for part in (
        "ghp_… (40 bytes)",
        "2 places",
        "src/file1.py:1:8",
        "high",
        "Revoke",
        "Delete the token under",
        "github.com",
    ):
        assert part in body
    assert saw.first == [
        "critical GitHub Personal Access Token (classic) (3)",
        "high Other token (1)",
        "low Password in a URL (1)",
    ]


def test_an_image_is_a_stack_with_its_secrets_marked(saw: Saw) -> None:
    config, sixth, between, third, below = saw.layers
    assert config == "ConfigurationOther token env/TOKEN "
    assert sixth.startswith("Layer 6 ")
    assert "/root/.npmrc deleted here" in sixth
    assert (between, below) == ("Layers 4 to 5: no secrets", "Layers 1 to 2: no secrets")
    assert "/root/.npmrc:1:8 deleted in layer 6, still downloadable" in third
    assert "/app/src/file1.py:1:8" in third


def test_a_history_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever kind of place has a commit: here files are given one."""
    commits = {"new": ("b" * 40, 2, True), "old": ("a" * 40, 1, False)}

    def facts(place: File) -> dict[str, Any]:
        commit, order, in_head = commits[place.path]
        return {"commit": commit, "order": order, "in_head": in_head, "author": "Ada"}

    kind = places.KINDS[File]._replace(name="git", facts=facts)
    monkeypatch.setitem(places.KINDS, File, kind)
    newer, older = look(result(finding(1, seen(File("old"))), finding(2, seen(File("new")))), tmp_path).commits
    assert newer.startswith("bbbbbbbbbb Ada")
    assert newer.endswith("new still in HEAD")
    assert older.endswith("old not in HEAD, still in the history")


@pytest.mark.parametrize("made", [hostile(), result(), Result((), (), ())], ids=["hostile", "clean", "nothing"])
def test_whatever_names_are_they_stay_text(made: Result, tmp_path: Path) -> None:
    saw = look(made, tmp_path)
    assert saw.cards == len(made.findings)
    assert saw.all == (f"{len(made.findings)} secrets, the worst first." if made.findings else "No secrets were found.")


def test_five_thousand_findings_open_fast(tmp_path: Path) -> None:
    """Below 2 s on an idle machine; the bound is for busy ones."""
    findings = [
        finding(n, seen(File(f"src/file{n}.py"), n), seen(layer(n % 12 + 1, f"app/src/file{n}.py"), n), rule=rule)
        for n, rule in enumerate([GITHUB] * 2_000 + [OTHER] * 2_000 + [PASSWORD] * 1_000, 1)
    ]
    saw = look(result(*findings), tmp_path)
    assert saw.all == "5,000 secrets, the worst first."
    assert (saw.cards, saw.after) == (100, 200)
    assert saw.searched == "1 secret of 5,000."
    assert saw.followed
    assert saw.milliseconds < 6_000
