"""A history of versions: what a change brings, joins or completes is found, as if each version were read whole."""

from __future__ import annotations

import base64
import os
import signal
import time
from pathlib import Path
from random import Random

import pytest

from leaksweep.cache import Cache
from leaksweep.deadline import NEVER, Deadline
from leaksweep.engine import Engine
from leaksweep.engine.changes import NARROW
from leaksweep.model import Result, Rule
from leaksweep.rules.expand import expand
from leaksweep.scan import scan
from leaksweep.sieve import Sieve
from leaksweep.targets.git import commit_range, history, parse_range
from leaksweep.targets.git.deltas import parts
from leaksweep.targets.git.packs import BLOB
from leaksweep.targets.git.sift import PLACES, _Known, _trace
from leaksweep.targets.git.target import Objects
from leaksweep.targets.git.versions import Version
from leaksweep.traces import MANY, Run, Trace, joined
from support.fakes import github
from support.generated import generated
from support.gitscan import POLICY, files, scan_history
from support.repos import Repo

PLAIN = b"".join(b"line %d of a file that holds nothing\n" % number for number in range(400))
TOKEN = github()
HALF = len(TOKEN) // 2


@pytest.fixture(scope="module")
def engine(rules: tuple[Rule, ...]) -> Engine:
    """All rules."""
    return Engine(rules, Cache.default())


def made(template: str) -> bytes:
    return expand(template, "sift").text


def key() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(65537, 2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


PEM = key()
WRAPPED = base64.b64encode(b"# a file of settings\n" * 30 + b"GITHUB_TOKEN=" + TOKEN + b"\n" + b"# more\n" * 100)

#: The version before, and the one that holds something.
CHANGES: dict[str, tuple[bytes, bytes]] = {
    "inserted": (PLAIN * 2, PLAIN + TOKEN + b"\n" + PLAIN),
    "at the begin": (PLAIN, TOKEN + b"\n" + PLAIN),
    "at the end": (PLAIN, PLAIN + TOKEN),
    "completed": (PLAIN + TOKEN[:HALF] + b"\n" + PLAIN, PLAIN + TOKEN + b"\n" + PLAIN),
    "joined by what was left out": (
        PLAIN + TOKEN[:HALF] + b" -- " + TOKEN[HALF:] + b"\n" + PLAIN,
        PLAIN + TOKEN + b"\n" + PLAIN,
    ),
    "ended by what was left out": (PLAIN + TOKEN + b"abcdefgh" * 20, PLAIN + TOKEN),
    "begun by what was left out": (b"abcdefgh" * 20 + TOKEN + b"\n" + PLAIN, TOKEN + b"\n" + PLAIN),
    "one letter": (PLAIN + TOKEN.replace(b"_", b"-") + b"\n" + PLAIN, PLAIN + TOKEN + b"\n" + PLAIN),
    "the end of a key": (PLAIN + PEM[:-40] + b"\n" + PLAIN, PLAIN + PEM + PLAIN),
    "a line of a key": (PLAIN + PEM[:700] + b"!!!\n" + PEM[700:] + PLAIN, PLAIN + PEM + PLAIN),
    "in base64": (PLAIN + WRAPPED[:200] + b"%%" + WRAPPED[200:] + b"\n" + PLAIN, PLAIN + WRAPPED + b"\n" + PLAIN),
    "the name of a value": (
        PLAIN + b'x = "' + made("{hex:32}") + b'"\n' + PLAIN,
        PLAIN + b'clockify_api_key = "' + made("{base62:48}") + b'"\npassword = "' + made("{base62:24}\n") + PLAIN,
    ),
    "in UTF-16": (PLAIN.decode().encode("utf-16"), (PLAIN + TOKEN + b"\n" + PLAIN).decode().encode("utf-16")),
}


def versions(repo: Repo, *contents: bytes) -> None:
    for number, content in enumerate(contents):
        repo.commit(f"version {number}", file__txt=content)
    repo.pack()


def unsifted(repo: Repo, engine: Engine) -> Result:
    """The same history, each content read whole."""
    target = history(str(repo.folder))
    target.packed = False
    return scan([target], engine, POLICY)


def settled(repo: Repo, engine: Engine) -> Objects:
    """The target after sifting alone."""
    target = history(str(repo.folder))
    sieve = Sieve.of(engine)
    assert sieve
    list(target.sift(lambda: sieve, NEVER))
    return target


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_change_brings_is_found(tmp_path: Path, engine: Engine, change: str) -> None:
    before, after = CHANGES[change]
    repo = Repo(tmp_path / "repo")
    versions(repo, PLAIN, before, after, PLAIN + b"the last\n")
    found = scan_history(repo, engine)
    assert found == unsifted(repo, engine)
    first = {file.first.id for file in files(found)}
    assert first & {repo.git("rev-parse", "HEAD~1"), repo.git("rev-parse", "HEAD~2")}


def test_random_edits_with_parts_of_secrets(tmp_path: Path, engine: Engine) -> None:
    """Tokens, keys, names and halves of them come, go, move and are cut, line by line, for two hundred versions."""
    random, repo = Random(7), Repo(tmp_path / "repo")
    halves = TOKEN[:HALF], TOKEN[HALF:], PEM[:500], PEM[500:]
    bits = [TOKEN, PEM, WRAPPED, *halves, b"password = ", b'"x1!kL9#qQzW"', b"\n"]
    text = PLAIN
    for number in range(200):
        at = random.randrange(len(text))
        cut = at + random.choice((0, 0, 1, 40, 900))
        text = text[:at] + random.choice((b"", b"a", random.choice(bits))) + text[cut:]
        repo.write("file.txt", text)
        if number % 3:
            repo.write("other.txt", text[: random.randrange(len(text))])
        repo.git("add", "--all")
        repo.git("commit", "--quiet", "--allow-empty", "-m", f"change {number}")
    repo.pack()
    found = scan_history(repo, engine)
    assert found == unsifted(repo, engine)
    assert len(found.findings) > 2


def test_what_is_carried_along_misses_nothing(rules: tuple[Rule, ...], engine: Engine) -> None:
    """Of versions that differ at random, with matches of all rules and halves of them, each trace that is made from the
    one before has every place that asking about the whole version tells.
    """
    random, sieve = Random(11), Sieve.of(engine)
    assert sieve
    carried = 0
    for rule in random.sample(rules, 150) + [rule for rule in rules if rule.width > NARROW]:
        known, text, before = _Known(), PLAIN, b""
        for number in range(6):
            bit = generated(rule.pattern, random)
            bit = random.choice((bit, bit[: len(bit) // 2], bit[len(bit) // 2 :], b"", b"other words\n"))
            at, runs = random.randrange(len(text)), [Run(0, 0, 0)]
            if number:
                at = min(len(text), random.choice((0, at, at, text.find(b"\n", at) + 1)))
                cut = min(len(text), at + random.choice((0, 0, 1, 40, 900)))
                before, text = text, text[:at] + bit + text[cut:]
                runs = [Run(0, at, 0), Run(at + len(bit), len(text), cut)]
            differs = parts(runs, len(before), len(text), sieve.around)
            version = Version(number, BLOB, len(text), text, number - 1, runs, differs)
            told = [(differs[i][0], trace) for i, trace in sieve.ask([text[a:b] for a, b in differs]).items()]
            carried += (had := known.before(version)) is not None and bool(had.ends)
            trace = _trace(version, joined(told, len(text)), sieve, known)
            known.add(version, trace)
            whole = sieve.ask([text]).get(0, Trace())
            assert trace.ends >= whole.ends, rule.id
            assert trace.begins >= whole.begins, rule.id
            assert trace.goes_on == whole.goes_on, rule.id
    assert carried > 200


def test_of_very_many_places_none_is_carried_along() -> None:
    many = frozenset((0, at) for at in range(MANY + 1))
    known = _Known()
    version = Version(1, BLOB, MANY, b"x" * MANY, 0, [Run(0, MANY, 0)], [])
    known.add(version._replace(number=0), Trace(many, size=MANY))
    assert known.before(version) is None
    known.add(version._replace(number=0), Trace(frozenset({(0, 1)}), size=MANY))
    assert known.before(version) == Trace(frozenset({(0, 1)}), size=MANY)
    for number in range(1, 2 * PLACES // MANY):
        known.add(version._replace(number=number), Trace(many, size=MANY))
    assert known.before(version) is None  # forgotten


def test_versions_that_hold_nothing_are_not_read_again(tmp_path: Path, engine: Engine, read: list[int]) -> None:
    repo = Repo(tmp_path / "repo")
    versions(repo, *(PLAIN + b"%d\n" % number for number in range(30)), PLAIN + TOKEN + b"\n")
    found = scan([history(str(repo.folder))], engine, POLICY)
    assert len(found.findings) == 1
    assert sum(read) == 1
    assert (found.coverage[0].blobs, found.coverage[0].bytes) == counted(repo)


def counted(repo: Repo) -> tuple[int, int]:
    lines = [line.split() for line in repo.git("cat-file", "--batch-all-objects", "--batch-check").splitlines()]
    sizes = [int(size) for _, kind, size in lines if kind != "tree"]
    return len(sizes), sum(sizes)


def test_contents_that_two_packs_have_count_once(tmp_path: Path, engine: Engine) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit("one", a__txt=PLAIN)
    repo.git("repack", "-aq")
    repo.commit("two", a__txt=PLAIN + b"more\n")
    repo.git("pack-objects", "--all", ".git/objects/pack/pack", "--quiet")
    found = scan_history(repo, engine)
    assert (found.coverage[0].blobs, found.coverage[0].bytes) == counted(repo)
    assert found.complete


def test_packs_that_are_known_are_not_sifted(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo(tmp_path / "repo")
    versions(repo, *(PLAIN + b"%d\n" % number for number in range(20)))

    def again() -> Result:
        target = history(str(repo.folder))
        target.remember(Cache(tmp_path / "cache"), "d")
        return scan([target], engine, POLICY)

    assert again().findings == ()
    repo.commit("one more", a__txt=TOKEN + b"\n")
    monkeypatch.setattr("leaksweep.targets.git.sift.Families", None)
    assert len(again().findings) == 1


def test_where_there_is_nothing_to_sift_no_sieve_is_made(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    versions(repo, PLAIN, PLAIN + b"x\n")
    made: list[bool] = []
    target = commit_range(str(repo.folder), parse_range("HEAD~1..HEAD"))
    assert list(target.sift(lambda: made.append(True), NEVER)) == []
    assert made == []


def test_processes_that_die_take_no_finding_along(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "repo")
    versions(repo, *(PLAIN + b"%d\n" % number for number in range(20)), PLAIN + TOKEN + b"\n")
    found = scan_history(repo, engine)
    here = os.getpid()

    def dies(*_: object) -> bytes:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return bytes(16)

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr("leaksweep.targets.git.sift.FAMILIES", 1)
    monkeypatch.setattr("leaksweep.targets.git.sift._work", dies)
    assert scan_history(repo, engine) == found
    assert len(found.findings) == 1


def test_no_time_to_sift(tmp_path: Path, engine: Engine) -> None:
    repo = Repo(tmp_path / "repo")
    versions(repo, *(PLAIN + b"%d\n" % number for number in range(20)), PLAIN + TOKEN + b"\n")
    over = Deadline(0.001)
    time.sleep(0.01)
    found = scan([history(str(repo.folder))], engine, POLICY, deadline=over)
    assert not found.complete


def test_what_is_sifted_is_not_lost(tmp_path: Path, engine: Engine) -> None:
    repo = Repo(tmp_path / "repo")
    versions(repo, PLAIN, PLAIN + b"x\n")
    repo.commit("loose", b__txt=PLAIN + TOKEN + b"\n")
    found = settled(repo, engine)._sifted
    assert found is not None
    assert (len(found.clean), found.commits, len(found.others)) == (4, 2, 3)
