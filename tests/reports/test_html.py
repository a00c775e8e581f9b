"""The HTML report as a file: nothing in it comes from elsewhere, and no data can leave the element they stand in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

import pytest

from leaksweep.model import File, Result, Skipped
from leaksweep.reports import html
from support.results import GITHUB, finding, hostile, result, seen

EVIL = "</script><script>alert(1)</script><!-- <script> ]]> @style@ @script@ @policy@ @data@ &amp; \u2028"


def page(made: Result) -> str:
    return html.render(made).decode()


def data(text: str) -> dict[str, Any]:
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    loaded: dict[str, Any] = json.loads(found)
    return loaded


@pytest.mark.parametrize("made", [hostile(), result(), Result((), (), ())])
def test_its_policy_allows_what_stands_in_it_and_nothing_else(made: Result) -> None:
    text = page(made)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    hashes = {}
    for name in ("style", "script"):
        (part,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        hashes[name] = f"{name}-src 'sha256-{digest}'"
    own = (
        f"default-src 'none'; {hashes['style']}; {hashes['script']}; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert own == policy


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert re.findall(r"(?:src|href)=\"(?!#|data:,)[^\"]*\"|url\(|@import|fetch\(|XMLHttp", page(result())) == []


def test_data_cannot_leave_their_element() -> None:
    rule = GITHUB._replace(name=EVIL, summary=EVIL)
    text = page(result(finding(1, seen(File(EVIL)), rule=rule), skipped=(Skipped(EVIL, EVIL),)))
    assert text.count("<script") == page(result()).count("<script")
    assert "<!--" not in text
    assert data(text)["skipped"] == [[EVIL.replace("\u2028", "\\u2028")] * 2]


def test_places_of_one_secret_are_capped_and_counted() -> None:
    (found,) = data(page(result(finding(1, *(seen(File(f"{n}")) for n in range(300))))))["findings"]
    assert (len(found["places"]), found["more"]) == (200, 100)
