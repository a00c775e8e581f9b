"""Small contents that are asked about together: nothing is found less, nothing more, and each is counted."""

from __future__ import annotations

import pytest

from leaksweep.engine import Engine
from leaksweep.engine.coarse import BETWEEN, joined
from leaksweep.engine.prefilter import Ends
from leaksweep.model import Blob, Known, Skipped
from leaksweep.rules.expand import expand
from leaksweep.rules.load import parse
from leaksweep.tally import Tally
from support.fakes import fake, github


def examples() -> list[bytes]:
    return [expand(example.text, rule.id).text for rule in parse() for example in rule.examples]


def found(tally: Tally) -> set[object]:
    return {(s.origin, s.match.rule.id, s.match.span, s.location, s.content) for s in tally.sightings}


def test_every_example_of_every_rule_is_found_in_the_middle_of_others(engine: Engine) -> None:
    blobs = [Blob(number, text) for number, text in enumerate(examples())]
    together, alone = Tally(), Tally()
    together.search(together.noted(blobs), engine)
    for blob in blobs:
        alone.search(alone.noted([blob]), engine)
    assert found(alone) == found(together)
    assert (alone.blobs, alone.bytes) == (together.blobs, together.bytes)
    assert len(found(alone)) > len(blobs) // 2


def test_where_something_may_end_in_a_content_it_may_end_there_among_others(engine: Engine) -> None:
    """What the joining relies on, of every rule: neighbours with a mark between hide nothing."""

    def ends(data: bytes) -> Ends:
        return engine._prefilter.ends(data)

    for text in examples():
        for before, after in ((b"word", b"word"), (b"=", b"="), (b"a:b@", b'"x')):
            start = len(joined([before]))
            inside = {(rule, end - start) for rule, end in ends(joined([before, text, after]))}
            # The mark after it may be the end of what ended with the content.
            missing = {(r, end) for r, end in ends(text) if not {(r, end + n) for n in range(len(BETWEEN))} & inside}
            assert set() == missing, text
            assert not ends(text) or 1 in engine.promising([before, text, after])


@pytest.mark.parametrize("count", [1, 2, 3, 500])
def test_a_secret_is_found_wherever_it_stands_in_the_row(engine: Engine, count: int) -> None:
    for at in {0, 1, count // 2, count - 1} & set(range(count)):
        blobs = [Blob(number, fake("{base62:30}", str(number))) for number in range(count)]
        blobs[at] = Blob(at, github())
        tally = Tally()
        tally.search(tally.noted(blobs), engine)
        assert [at] == [sighting.origin for sighting in tally.sightings]
        assert count == tally.blobs


def test_what_must_be_scanned_by_itself_is(engine: Engine) -> None:
    import gzip

    secret = b"GITHUB_TOKEN=" + github() + b"\n"
    text = secret.decode()
    blobs = [
        Blob("before", b"x\n"),
        Blob("utf-16", text.encode("utf-16")),
        Blob("gzip", gzip.compress(secret)),
        Blob("empty", b""),
        Blob("window", secret, offset=100, line=7, overlap=5),
        Blob("after", b"x\n"),
    ]
    tally = Tally()
    tally.search(tally.noted([*blobs, Skipped("a", "b"), Known(5, 50)]), engine)
    assert {"utf-16", "gzip", "window"} == {sighting.origin for sighting in tally.sightings}
    assert 5 + 5 == tally.blobs
    assert [Skipped("a", "b")] == tally.skipped
