"""Comments that say to ignore a secret: which secrets they are meant for, and what is taken from them."""

from __future__ import annotations

import time

import pytest

from leaksweep.engine import Engine
from leaksweep.engine.markers import markers
from leaksweep.model import MARKERS, Blob, Marker, Span
from support.fakes import github

TOKEN = github()


def marked(engine: Engine, text: bytes) -> list[tuple[Marker, ...]]:
    return [sighting.markers for sighting in engine.scan(Blob("x", text.replace(b"@", TOKEN)))]


OURS = (Marker("leaksweep"),)


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        (b"a = '@'  # leaksweep:ignore", "leaksweep"),
        (b"a = '@'  # gitleaks:allow", "gitleaks"),
        (b"a = '@'  # trufflehog:ignore", "trufflehog"),
        (b"a = '@'  # pragma: allowlist secret", "detect-secrets"),
        (b"a = '@'  # pragma: whitelist secret", "detect-secrets"),
        (b"// pragma: allowlist nextline secret\na = '@'", "detect-secrets"),
        (b"a = '@'  # ggignore", "ggshield"),
        (b"a = '@'  # gitguardian:ignore", "ggshield"),
        (b"a = '@'  # kingfisher:ignore", "kingfisher"),
    ],
)
def test_each_tools_marker_is_known_on_the_secrets_line(engine: Engine, text: bytes, tool: str) -> None:
    assert tool in MARKERS
    assert [(Marker(tool),)] == marked(engine, text)


@pytest.mark.parametrize(
    "text",
    [
        b"/* leaksweep:ignore */ a = '@'",
        b"  # leaksweep:ignore\na = '@'",
        b"<!-- leaksweep:ignore -->\r\n<a>@</a>",
        b"a = '@' // gitleaks is not asked: leaksweep:ignore",
    ],
)
def test_it_may_stand_before_the_secret_or_alone_on_the_line_before(engine: Engine, text: bytes) -> None:
    assert [OURS] == marked(engine, text)


@pytest.mark.parametrize(
    "text",
    [
        b"b = 1  # leaksweep:ignore\na = '@'",
        b"# leaksweep:ignore\n\na = '@'",
        b"a = '@'\n# leaksweep:ignore",
        b"a = '@'  # leaksweep:ignored",
        b"a = '@'  # leaksweep:ignore-file",
        b"a = '@'  # pragma: allowlist nextline secret",
        b"# ggignore-start\na = '@'",
        b"a = '@'" + b" " * 2000 + b"# leaksweep:ignore",
    ],
)
def test_it_is_not_meant_for_others(engine: Engine, text: bytes) -> None:
    assert [()] == marked(engine, text)


def test_a_marker_beside_one_secret_is_not_for_the_line_below(engine: Engine) -> None:
    text = b"a = '" + github("1") + b"' # leaksweep:ignore\nb = '" + github("2") + b"'\n"
    assert [OURS, ()] == marked(engine, text)
    text = b"/* leaksweep:ignore */ '" + github("1") + b"'\n'" + github("2") + b"'\n"
    assert [OURS, ()] == marked(engine, text)


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        (b"# leaksweep:ignore github-* -- a test account", Marker("leaksweep", ("github-*",), "a test account")),
        (b"# leaksweep:ignore -- revoked in May", Marker("leaksweep", (), "revoked in May")),
        (b"# leaksweep:ignore a-1,b-*", Marker("leaksweep", ("a-1", "b-*"))),
        (b"/* leaksweep:ignore -- test */ more", Marker("leaksweep", (), "test")),
        (b"<!-- leaksweep:ignore -- test --> more", Marker("leaksweep", (), "test")),
        (b"/* leaksweep:ignore */", Marker("leaksweep")),
        (b"# leaksweep:ignore -- a\x1b[2Jb", Marker("leaksweep", (), "a\\x1b[2Jb")),
    ],
)
def test_rules_and_reason_are_taken_from_it(engine: Engine, text: bytes, marker: Marker) -> None:
    assert [(marker,)] == marked(engine, b"a = '@' " + text)


def test_the_list_of_rules_is_bounded(engine: Engine) -> None:
    """A glob of megabytes would be compiled, a million of them too."""
    ((marker,),) = marked(engine, b"a = '@' # leaksweep:ignore a" + b"*a" * 4_000_000)
    assert 100 == len(marker.rules[0])
    ((marker,),) = marked(engine, b"a = '@' # leaksweep:ignore " + b",".join(b"a*%d" % n for n in range(99_999)))
    assert 50 == len(marker.rules)


def test_a_reason_never_runs_into_a_secret(engine: Engine) -> None:
    text = b"# leaksweep:ignore -- see " + github("1") + b" there\na = '" + github("2") + b"'\n"
    for found in marked(engine, text):
        assert all("see" == marker.reason for marker in found)
    (found,) = marked(engine, b"leaksweep:ignore -- @")
    assert [""] == [marker.reason for marker in found]


def test_any_line_of_a_long_secret_may_hold_it() -> None:
    data = b"-----BEGIN\nabc # leaksweep:ignore\n-----END"
    assert [OURS] == markers(data, [Span(0, len(data))])


def test_a_utf_16_file_is_read_as_text(engine: Engine) -> None:
    text = ("a = '" + TOKEN.decode() + "' # leaksweep:ignore\n").encode("utf-16")
    assert [OURS] == marked(engine, text)


def test_many_markers_on_one_line_cost_no_time() -> None:
    piece = b"0123456789 leaksweep:ignore -- "
    data = piece * 40_000
    began = time.perf_counter()
    markers(data, [Span(n * len(piece), n * len(piece) + 10) for n in range(40_000)])
    assert time.perf_counter() - began < 20
