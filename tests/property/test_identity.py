"""The id of a secret: the same through any sequence of moves and re-encodings, and never that of another secret."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaksweep.engine import Engine
from leaksweep.model import Blob, File, Finding, LayerFile, Place
from leaksweep.tally import Tally
from leaksweep.triage import triage
from support.fakes import github
from support.images import zipped

KEY = b"a key"
PLACES: list[Place] = [
    File("a.py"),
    File("deep/er/b.yml"),
    LayerFile("app", "app:1", 1, "sha256:" + "0" * 64, "srv/a.py"),
    LayerFile("app", "app:2", 3, "sha256:" + "1" * 64, "srv/a.py"),
]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "indent": lambda data: b"".join(b"    " + line for line in data.splitlines(keepends=True)),
    "lines above": lambda data: b"# more\n# text\n" + data,
    "lines below": lambda data: data + b"\nend\n",
    "quotes": lambda data: data.replace(b"'", b'"'),
    "line ends": lambda data: data.replace(b"\n", b"\r\n"),
    "another name": lambda data: data.replace(b"TOKEN", b"GITHUB_KEY"),
}
WRAPS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "base64": lambda data: b"value: " + base64.b64encode(data) + b"\n",
    "hex": lambda data: b"value: " + data.hex().encode() + b"\n",
    "utf-16": lambda data: data.decode().encode("utf-16"),
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "zip": lambda data: zipped(("inner", data)),
}


def found(engine: Engine, data: bytes, place: Place) -> tuple[Finding, ...]:
    tally = Tally()
    tally.search([Blob("x", data)], engine)
    return triage([(sighting, (place,)) for sighting in tally.sightings], KEY, None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    changes=st.lists(st.sampled_from(sorted(CHANGES)), max_size=6),
    wrap=st.sampled_from(sorted(WRAPS)),
    place=st.sampled_from(PLACES),
    seed=st.integers(0, 5),
)
def test_any_sequence_of_changes_leaves_the_id(
    engine: Engine, changes: list[str], wrap: str, place: Place, seed: int
) -> None:
    text = b"TOKEN = '" + github(str(seed)) + b"'\n"
    (before,) = found(engine, text, PLACES[0])
    for change in changes:
        text = CHANGES[change](text)
    (after,) = found(engine, WRAPS[wrap](text), place)
    assert before.id == after.id


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(st.sets(st.integers(0, 10_000), min_size=2, max_size=40))
def test_two_secrets_never_share_an_id(engine: Engine, seeds: set[int]) -> None:
    text = b"".join(b"T='" + github(str(seed)) + b"'\n" for seed in sorted(seeds))
    findings = found(engine, text, PLACES[0])
    assert len(seeds) == len({finding.id for finding in findings})
