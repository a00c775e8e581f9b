"""From bytes to matches: both prefilters agree, neighbours and halves of pairs are seen, and garbage never crashes."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.engine.prefilter import Hyperscan, Plain
from leaksweep.lines import locate
from leaksweep.model import Blob, Confidence, Rule, Span
from leaksweep.rules.load import load
from support.fakes import fake, github

RULES = load(Cache(None))
FAST, PLAIN = Engine(RULES, Cache(None)), Engine(RULES, Cache(None), Plain)


def found(engine: Engine, data: bytes) -> list[tuple[str, bytes]]:
    return [(m.rule.id, m.secret.reveal()) for m in engine.matches(Blob("x", data))]


@given(st.binary(max_size=3000))
@settings(max_examples=150, deadline=None)
def test_bytes_of_any_kind_scan_the_same_in_both_engines(data: bytes) -> None:
    assert found(PLAIN, data) == found(FAST, data)


@given(
    st.lists(
        st.sampled_from([b" ", b"\n", b'"', b",", b"=", b"x", b"_", b"-", b":", b"{", b"zoom_api_key", b"'"]),
        max_size=12,
    )
)
@settings(max_examples=150, deadline=None)
def test_tokens_between_delimiters_scan_the_same_in_both_engines(parts: list[bytes]) -> None:
    data = b"".join(part + (github(str(i)) if i % 2 else fake("{base62:22}", str(i))) for i, part in enumerate(parts))
    assert found(PLAIN, data) == found(FAST, data)


def test_neighbours_that_share_a_delimiter_are_both_found(engine: Engine) -> None:
    tokens = [github(str(i)) for i in range(5)]
    assert tokens == [secret for _, secret in found(engine, b" ".join(tokens))]


def test_halves_of_a_pair_are_one_match_with_a_companion(engine: Engine) -> None:
    data = fake("ZOOM_API_KEY={base62:22}\nZOOM_API_SECRET={base62:36}\n")
    (match,) = engine.matches(Blob("x", data))
    assert "zoom-api-secret" == match.rule.id
    assert ["zoom-api-key"] == [c.rule for c in match.companions]
    assert Confidence.HIGH == match.confidence


def test_halves_far_apart_stay_two(engine: Engine) -> None:
    data = fake("ZOOM_API_KEY={base62:22}\n") + b"#\n" * 2000 + fake("ZOOM_API_SECRET={base62:36}\n")
    assert ["zoom-api-key", "zoom-api-secret"] == [rule for rule, _ in found(engine, data)]


def test_a_failed_checksum_lowers_and_a_passed_one_proves(engine: Engine) -> None:
    (good,) = engine.matches(Blob("x", b"t=" + github()))
    (bad,) = engine.matches(Blob("x", fake("t=ghp_{base62:36}")))
    assert (Confidence.PROVEN, Confidence.LOW) == (good.confidence, bad.confidence)


def test_lines_and_columns_count_as_editors_do(engine: Engine) -> None:
    token = github()
    (sighting,) = engine.scan(Blob("x", "a\r\n🔑é = '".encode() + token + b"'\n"))
    location = sighting.location
    assert (2, 8, 2, 8 + len(token)) == (
        location.start_line,
        location.start_column,
        location.end_line,
        location.end_column,
    )


@given(st.text(alphabet="a\n\r\té🔑", max_size=60), st.lists(st.integers(0, 60), max_size=6))
def test_positions_walked_forward_are_those_counted_from_the_start(text: str, offsets: list[int]) -> None:
    data = text.encode()
    cuts = sorted({len(text[:offset].encode()) for offset in offsets})
    spans = [Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]

    def slow(offset: int) -> tuple[int, int]:
        head = data[:offset].decode().split("\n")
        return len(head), len(head[-1].encode("utf-16-le")) // 2 + 1

    assert [(*slow(s.start), *slow(s.end)) for s in spans] == [tuple(at) for at in locate(data, spans)]


def test_a_dump_of_secrets_costs_one_pass(engine: Engine) -> None:
    tokens = {github(str(i)) for i in range(3000)}
    sightings = list(engine.scan(Blob("x", b" ".join(tokens))))
    assert tokens == {s.match.secret.reveal() for s in sightings}


def test_threads_share_one_engine(engine: Engine) -> None:
    results: list[list[tuple[str, bytes]]] = []
    data = b"\n".join(github(str(i)) for i in range(200))
    threads = [Thread(target=lambda: results.append(found(engine, data))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 4 == len(results)
    assert all(results[0] == r for r in results)


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_damaged_cache_is_replaced(
    tmp_path: Path, rules: tuple[Rule, ...], damage: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    cache = Cache(tmp_path)
    some = [rule.pattern for rule in rules[:5]]
    Hyperscan(some, cache)
    (file,) = tmp_path.iterdir()
    good = file.read_bytes()
    file.write_bytes(good[:-8] + b"\0" * 8 if damage is None else damage)
    Hyperscan(some, cache)
    assert good == file.read_bytes()


def test_a_cpu_without_hyperscan_falls_back(monkeypatch: pytest.MonkeyPatch, rules: tuple[Rule, ...]) -> None:
    from importlib import import_module

    import hyperscan

    prefilter = import_module("leaksweep.engine.prefilter")

    def refuse(*_: object) -> None:
        raise hyperscan.ArchitectureError("no SSSE3")

    monkeypatch.setattr(prefilter, "_database", refuse)
    assert isinstance(prefilter.prefilter([rule.pattern for rule in rules[:2]], Cache(None)), Plain)
