"""One credential, one finding, one verdict, one id."""

from __future__ import annotations

from itertools import permutations

import pytest

from leaksweep.engine import Engine
from leaksweep.model import (
    Blob,
    Commit,
    CommitFile,
    File,
    Held,
    ImageConfig,
    LayerFile,
    Place,
    Severity,
    Sighting,
    Verdict,
)
from leaksweep.triage import triage
from support.fakes import fake, github

KEY = b"key"
LAYER = LayerFile("app", "app:1", 2, "sha256:" + "0" * 64, "srv/.env")
CONFIG = ImageConfig("app", "app:1", "env/TOKEN")
FILE = File(".env")


def sight(engine: Engine, data: bytes, *places: Place) -> list[tuple[Sighting, tuple[Place, ...]]]:
    return [(s, places) for s in engine.scan(Blob("x", data))]


def test_the_same_secret_in_workspace_and_layer_is_one_finding_at_the_workspace(engine: Engine) -> None:
    sighted = [place for p in (LAYER, CONFIG, FILE) for place in sight(engine, b"TOKEN=" + github(), p)]
    for order in permutations(sighted):
        (finding,) = triage(order, KEY, Severity.LOW)
        assert [FILE, LAYER, CONFIG] == [seen.place for seen in finding.places]


def test_the_same_bytes_of_two_providers_are_two_findings_and_a_nameless_one_joins(engine: Engine) -> None:
    value = fake("{base62:29}")
    sighted = [
        *sight(engine, b"MATTERMOST_TOKEN=" + value, File("a")),
        *sight(engine, b"NETLIFY_TOKEN=" + value, File("b")),
        *sight(engine, b"SERVICE_TOKEN=" + value, File("c")),
    ]
    for order in permutations(sighted):
        one, two = triage(order, KEY, None)
        assert [one.rule.id, two.rule.id] == ["mattermost-unidentified-secret", "netlify-unidentified-secret"]
        assert [File("a"), File("c")] == [seen.place for seen in one.places]
        assert one.id != two.id


def test_a_rule_for_certain_files_holds_in_no_others(engine: Engine) -> None:
    key, named = fake("{hex:32}"), File("app/config/master.key")
    inside = named._replace(path="backup.zip", inside="config/master.key")
    layer = LAYER._replace(path="srv/config/credentials/production.key")
    for place in (named, inside, layer):
        (finding,) = triage(sight(engine, key + b"\n", FILE, place), KEY, None)
        assert finding.rule.id == "rails-master-key-file"
        assert [place] == [seen.place for seen in finding.places]
    assert () == triage(sight(engine, key + b"\n", FILE, File("master.key.md5"), File("credentials.key")), KEY, None)


def test_the_id_does_not_change_with_the_name_that_the_value_stands_under(engine: Engine) -> None:
    value = fake("{base62:29}")
    named, nameless = (triage(sight(engine, t + value, FILE), KEY, None)[0] for t in (b"NETLIFY_TOKEN=", b"API_KEY="))
    assert named.id == nameless.id


def test_the_order_of_sightings_changes_nothing(engine: Engine) -> None:
    sighted = [s for i in range(4) for s in sight(engine, b"T=" + github(str(i)), File(f"f{i}"))]
    results = {triage(order, KEY, Severity.LOW) for order in permutations(sighted)}
    assert 1 == len(results)


def test_the_id_survives_a_move_and_a_new_key_changes_it(engine: Engine) -> None:
    token = github()
    (here,) = triage(sight(engine, b"a=" + token, FILE), KEY, None)
    (there,) = triage(sight(engine, b"\n\n  b: '" + token + b"'", File("moved/x.yml")), KEY, None)
    (other,) = triage(sight(engine, b"a=" + token, FILE), b"other", None)
    assert here.id == there.id
    assert here.id != other.id


def test_a_weak_secret_s_id_says_nothing_about_it(engine: Engine) -> None:
    def url(password: bytes) -> bytes:
        return b"DATABASE_URL=postgres://app:" + password + b"@db.internal:5432/app\n"

    (one,) = triage(sight(engine, url(fake("{base62:12}", "1")), FILE), KEY, None)
    (two,) = triage(sight(engine, url(fake("{base62:12}", "2")), FILE), KEY, None)
    assert one.rule.weak
    assert one.id == two.id


def test_two_weak_secrets_in_the_same_text_are_told_apart(engine: Engine) -> None:
    lines = b"".join(
        b"DATABASE_URL=postgres://app:" + fake("{base62:12}", str(i)) + b"@db.internal/app\n" for i in (1, 2)
    )
    findings = triage(sight(engine, lines, FILE), KEY, None)
    assert 2 == len({f.id for f in findings})


@pytest.mark.parametrize(
    ("fail_on", "verdict"),
    [(Severity.LOW, Verdict.NEW), (Severity.CRITICAL, Verdict.NEW), (None, Verdict.BELOW_THRESHOLD)],
)
def test_the_threshold_gives_the_verdict(engine: Engine, fail_on: Severity | None, verdict: Verdict) -> None:
    (finding,) = triage(sight(engine, b"a=" + github(), FILE), KEY, fail_on)
    assert Severity.CRITICAL == finding.rule.severity
    assert verdict is finding.verdict


def test_below_the_threshold_nothing_vanishes(engine: Engine) -> None:
    data = b"zoom:\n  api_key: " + fake("{base62:22}") + b"\n"
    (finding,) = triage(sight(engine, data, FILE), KEY, Severity.HIGH)
    assert Verdict.BELOW_THRESHOLD is finding.verdict


def version(path: str, number: int, *, in_head: bool = False) -> CommitFile:
    commit = Commit(f"{number:040}", number)
    return CommitFile(path, commit, commit, in_head, Held((f"b{number}",), (), 1, 0))


def test_versions_of_a_file_are_one_place_and_the_newest_file_comes_first(engine: Engine) -> None:
    sighted = [
        *sight(engine, b"TOKEN=" + github(), version("a", 1, in_head=True), version("b", 7)),
        *sight(engine, b"\nTOKEN=" + github(), version("a", 5), LAYER),
        *sight(engine, b"\n\nTOKEN=" + github(), version("a", 3), FILE),
    ]
    for order in permutations(sighted):
        (finding,) = triage(order, KEY, None)
        places = [seen.place for seen in finding.places]
        assert [FILE, LAYER] == [places[0], places[3]]
        b, a = places[1:3]
        assert b == version("b", 7)
        assert isinstance(a, CommitFile)
        assert (5, 1, 3, True, ("b1",)) == (a.commit.order, a.first.order, a.versions, a.in_head, a.held.branches)
        assert 2 == finding.places[2].location.start_line
