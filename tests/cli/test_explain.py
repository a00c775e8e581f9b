"""``leaksweep explain``, as users run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leaksweep.rules.expand import expand
from support.program import leaksweep


def fake(template: str) -> str:
    """A secret that is made here."""
    return expand(template, "explain").text.decode()


def test_a_rule_is_explained_in_six_sections() -> None:
    done = leaksweep("explain", "stripe-live-secret-key")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Stripe live secret key (stripe-live-secret-key)\n\nWhat it opens\n  -  ")
    assert done.out.count("\n\n") == 6
    assert "https://dashboard.stripe.com/apikeys" in done.out


def test_code_for_a_language_a_store_and_a_context() -> None:
    done = leaksweep("explain", "zoom-api-secret", "--lang", "go", "--store", "vault", "--context", "kubernetes")
    assert 'client.KVv2("secret").Get(context.Background(), "app/zoom")' in done.out
    assert "vault kv patch -mount=secret app/zoom ZOOM_API_SECRET=@value.txt" in done.out
    assert "name: ZOOM_API_SECRET" in done.out


def test_markdown_is_for_a_ticket() -> None:
    done = leaksweep("explain", "npm-access-token", "--format", "markdown", "--lang", "javascript")
    assert done.out.startswith("# ")
    assert "\n## First five minutes\n\n1. " in done.out
    assert "```js\n" in done.out


def test_a_secret_is_explained_by_its_id_in_a_scan_and_from_a_report(tmp_path: Path) -> None:
    (tmp_path / "app.rb").write_text(fake('token = "{crc32:ghp_:30}"\n'))
    report = tmp_path / "report.json"
    assert leaksweep("scan", tmp_path, "--report", f"json={report}").code == 1
    (finding,) = json.loads(report.read_bytes())["findings"]
    read = leaksweep("explain", finding["id"][:10], "--from", report)
    assert (read.code, read.err) == (0, "")
    assert read.out.startswith(f"GitHub Personal Access Token (classic) {finding['secret']} in app.rb\n")
    assert 'ENV.fetch("' in read.out  # the language of the file
    report.unlink()
    assert leaksweep("explain", finding["id"], tmp_path).out == read.out


def test_a_token_is_explained_by_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(fake('session = "{jwt:iss=base64url*22,exp=1700000000}"\n'))
    report = tmp_path / "report.json"
    leaksweep("scan", tmp_path, "--report", f"json={report}")
    (finding,) = json.loads(report.read_bytes())["findings"]
    told = " ".join(leaksweep("explain", finding["id"], "--from", report).out.split())
    assert "It ended on 2023-11-14T22:13:20Z" in told


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("no-such-rule",), "rule no-such-rule: not known; see leaksweep rules list"),
        (("stripe-live-secret-kye",), "did you mean stripe-live-secret-key"),
        (("zoom-api-jwt", "--lang", "cobol"), "language cobol: not known; use one of python"),
        (("zoom-api-jwt", "--store", "keepass"), "store keepass: not known; use one of env"),
        (("zoom-api-jwt", "--context", "ansible"), "context ansible: not known; use one of dotenv"),
    ],
)
def test_what_is_not_known_is_named(arguments: tuple[str, ...], error: str) -> None:
    done = leaksweep("explain", *arguments)
    assert (done.code, done.out) == (2, "")
    assert error in done.error


def test_an_id_that_is_not_there(tmp_path: Path) -> None:
    done = leaksweep("explain", "abcdef0123456789", tmp_path)
    assert done.code == 2
    assert "no secret with this id was found" in done.err
