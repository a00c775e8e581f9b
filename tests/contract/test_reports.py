"""Every report: a pure function of the result that leaves nothing out, shows no secret and is safe to print."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

import pytest

from leaksweep.model import Result, Skipped, Verdict
from leaksweep.redact import printable
from leaksweep.reports import REPORTS, markdown, report
from support.results import GITHUB, finding, hostile, result, verdicts

HASHES = ("md5", "sha1", "sha256", "sha512", "blake2b", "blake2s")
COMMANDS = (b"::error title=", b"::warning title=", b"::notice title=")
ISSUES = {"codequality"}  #: a list of issues and nothing else: what is none has no place in it
RESULTS = {
    "hostile": hostile(),
    "clean": result(),
    "nothing-covered": Result((), (), ()),
    "gaps-allowed": hostile()._replace(allow_skipped=True),
    "verdicts": verdicts(),
    "many": result(*(finding(n) for n in range(1, 200))),
}


@pytest.fixture(params=REPORTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=RESULTS)
def case(request: pytest.FixtureRequest) -> Result:
    return RESULTS[request.param]


def test_two_renderings_are_byte_equal(name: str, case: Result) -> None:
    assert report(name)(case) == report(name)(case)


def test_nothing_is_printed_and_the_result_stays_as_it_was(
    name: str, case: Result, capfd: pytest.CaptureFixture[str]
) -> None:
    before = repr(case)
    report(name)(case)
    assert before == repr(case)
    assert capfd.readouterr() == ("", "")


def test_no_secret_is_in_it_in_any_form(name: str, case: Result) -> None:
    data = report(name)(case)
    secrets = [s.reveal() for f in case.findings for s in (f.secret, *(c.secret for c in f.companions))]
    for secret in secrets:
        assert secret not in data
        assert secret[4:] not in data  # the first characters may be shown: they are the type's prefix
        assert secret.hex().encode() not in data.lower()
        assert [name for name in HASHES if hashlib.new(name, secret).hexdigest().encode() in data.lower()] == []
        for shift in range(3):  # base64 looks different at each offset; its edges depend on the neighbours
            assert base64.b64encode(b"\0" * shift + secret)[4:-4] not in data


def test_the_text_round_a_password_is_not_in_it(name: str) -> None:
    data = report(name)(RESULTS["hostile"])
    assert b"admin" not in data


def test_it_is_utf_8_of_whole_lines_without_control_characters(name: str, case: Result) -> None:
    data = report(name)(case)
    assert data.endswith(b"\n")
    if name == "csv":  # RFC 4180 ends lines so
        assert data.count(b"\r\n") == data.count(b"\n")
        data = data.replace(b"\r\n", b"\n")
    assert re.sub(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", "", data.decode("utf-8")).replace("\n", "") == ""


def test_no_line_is_a_command_to_a_ci(name: str, case: Result) -> None:
    for line in report(name)(case).splitlines():
        ours = name == "github" and line.startswith(COMMANDS)  # that is what this one is for
        assert ours or not line.lstrip().startswith((b"::", b"##["))


def test_every_finding_is_in_it_by_its_id(name: str, case: Result) -> None:
    data = report(name)(case._replace(show_suppressed=True)).decode()
    assert [f.id for f in case.findings if f.id not in data] == []


def test_known_findings_are_in_it_unless_a_consumer_would_open_alerts_for_them(name: str) -> None:
    case = RESULTS["verdicts"]
    data = report(name)(case).decode()
    missing = [f.verdict for f in case.findings if f.id not in data]
    hidden = [Verdict.BASELINED, Verdict.IGNORED_INLINE, Verdict.IGNORED_BY_CONFIG]
    assert set(missing) == set(hidden if name in {"sarif", *ISSUES} else [])


def test_it_counts_the_verdicts_and_gives_their_reasons(name: str) -> None:
    case = RESULTS["verdicts"]._replace(show_suppressed=True)
    data = report(name)(case).decode()
    for verdict, count in case.verdicts.items():
        assert name in ISSUES or f"{count} {verdict}" in data or f'"{verdict}": {count}' in data
    assert [f.reason for f in case.findings if not any(form in data for form in forms(f.reason))] == []


def test_a_revoked_secret_that_is_still_there_stays_visible(name: str) -> None:
    if name in ISSUES:
        return
    (revoked,) = (f for f in RESULTS["verdicts"].findings if f.reason.startswith("revoked"))
    data = report(name)(RESULTS["verdicts"]).decode()
    assert revoked.id in data
    assert any(form in data for form in forms(revoked.reason))


def test_notes_are_in_it(name: str) -> None:
    assert name in ISSUES or b"the ignore entry for rule x expired" in report(name)(RESULTS["verdicts"])


def test_everything_skipped_is_in_it_with_the_reason(name: str, case: Result) -> None:
    data = report(name)(case).decode()
    for skipped in case.skipped:
        for text in (skipped.what, skipped.why):
            assert any(form in data for form in forms(text)), text


def test_a_secret_that_is_not_redacted_would_be_noticed() -> None:
    """The guard itself: a Secret refuses every implicit way into text."""
    (leak,) = result(finding(1)).findings
    for way in (str, "{}".format):
        with pytest.raises(TypeError):
            way(leak.secret)


def test_a_rule_s_playbook_is_in_it(name: str) -> None:
    assert b"Delete the token under Settings" in report(name)(result(finding(1, rule=GITHUB)))


def test_a_gap_is_told_apart_from_a_clean_scan(name: str) -> None:
    gap = result(skipped=(Skipped("x", "cannot be read"),))
    assert report(name)(result()) != report(name)(gap)


def forms(text: str) -> Iterator[str]:
    """A name as it is for people, and as JSON (in HTML too), XML, CSV, Markdown and commands have it."""
    shown = printable(text)
    yield from (shown, json.dumps(shown)[1:-1], json.dumps(text)[1:-1], markdown.cell(text))
    yield json.dumps(shown)[1:-1].replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    yield from (quoteattr(shown)[1:-1], escape(shown), shown.replace('"', '""'), shown.replace("%", "%25"))
