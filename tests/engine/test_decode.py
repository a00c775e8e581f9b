from __future__ import annotations

import base64
import gzip
import json
import marshal
import quopri
import random
import sqlite3
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaksweep.cache import Cache
from leaksweep.engine import Engine, Notes, triggers
from leaksweep.engine.decode import ALLOWED, Allowance, Decoded
from leaksweep.engine.prefilter import Hyperscan, Plain
from leaksweep.engine.records import strings
from leaksweep.model import OVERLAP, Blob, File, Match, Rule
from leaksweep.rules.expand import expand
from leaksweep.rules.load import parse
from leaksweep.triage import triage
from leaksweep.unpack.windows import windows
from support.fakes import fake, github

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "base64url": base64.urlsafe_b64encode,
    "hex": lambda data: data.hex().encode(),
    "HEX": lambda data: data.hex().upper().encode(),
    "utf-16-le": lambda data: data.decode().encode("utf-16-le"),
    "utf-16-be": lambda data: data.decode().encode("utf-16-be"),
}
#: One rule for each of many shapes of patterns: a fixed prefix, alternatives, something in the middle, a URL, a block.
RULES = (
    "github-personal-access-token",
    "github-fine-grained-personal-access-token",
    "aws-access-key-id",
    "slack-bot-token",
    "stripe-live-secret-key",
    "sendgrid-api-key",
    "google-api-key",
    "openai-project-api-key",
    "azure-storage-account-key",
    "discord-webhook-url",
    "generic-postgres-connection-uri",
    "generic-private-key-pkcs1-rsa",
    "npm-access-token",
)


def secrets(matches: list[Match]) -> list[bytes]:
    return [match.secret.reveal() for match in matches]


def one(engine: Engine, data: bytes) -> Match:
    (match,) = engine.matches(Blob("x", data))
    return match


@pytest.fixture(scope="module")
def examples() -> dict[str, tuple[bytes, bytes]]:
    """The first example of each of ``RULES``: its text and its secret."""
    found = {}
    for rule in parse():
        if rule.id in RULES:
            expanded = expand(rule.examples[0].text, f"{rule.id}/0")
            assert expanded.secret
            found[rule.id] = (expanded.text, expanded.secret)
    return found


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("name", RULES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.text(alphabet="abc =:'\n", max_size=8), after=st.text(alphabet=" ;\n", max_size=4))
def test_a_secret_is_found_in_every_alignment(
    engine: Engine, examples: dict[str, tuple[bytes, bytes]], name: str, encoder: str, before: str, after: str
) -> None:
    text, secret = examples[name]
    data = b"value: " + ENCODERS[encoder](before.encode() + b" " + text + b"\n" + after.encode()) + b"\n"
    assert secret in secrets(engine.matches(Blob("x", data)))


@pytest.mark.parametrize("name", RULES[:8])
def test_the_bare_secret_is_found(engine: Engine, examples: dict[str, tuple[bytes, bytes]], name: str) -> None:
    secret = examples[name][1]
    match = one(engine, b'  password: "' + base64.b64encode(secret).rstrip(b"=") + b'"\n')
    assert (secret, name, ("base64",)) == (match.secret.reveal(), match.rule.id, match.encodings)


def test_the_place_is_the_encoding(engine: Engine) -> None:
    token = github()
    encoded = base64.b64encode(b"user:" + token + b"!")
    data = b"# one\nauth: " + encoded + b"\n"
    match = one(engine, data)
    start = data.index(encoded) + len("user:") * 4 // 3
    assert start == match.secret_span.start
    assert base64.b64encode(token)[:20] not in data
    (sighting,) = engine.scan(Blob("x", data))
    assert (2, start - len("# one\n") + 1) == sighting.location[:2]


@pytest.mark.parametrize("width", [48, 64, 76])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\n      "])
def test_wrapped_lines_are_one_text(engine: Engine, width: int, line_end: bytes) -> None:
    key = fake("{pem:RSA PRIVATE KEY:600}")
    digits = base64.b64encode(b"\n" + key + b"\n")
    data = b"key: |\n      " + line_end.join(digits[i : i + width] for i in range(0, len(digits), width)) + b"\n"
    match = one(engine, data)
    assert key.strip() == match.secret.reveal()
    assert ("base64",) == match.encodings
    assert data.count(b"\n") - 3 <= data.count(b"\n", 0, match.secret_span.end)


def test_base64_in_base64(engine: Engine) -> None:
    token = github()
    match = one(engine, b"x: " + base64.b64encode(base64.b64encode(token)) + b"\n")
    assert (token, ("base64", "base64")) == (match.secret.reveal(), match.encodings)


def test_a_bound_ends_the_depth(engine: Engine) -> None:
    data = github()
    for _ in range(5):
        data = base64.b64encode(data)
    assert [] == engine.matches(Blob("x", data))


def test_a_kubernetes_manifest(engine: Engine) -> None:
    url = fake("postgres://app:{base62:24}@db.internal:5432/app")
    token = github()
    auths = json.dumps({"auths": {"ghcr.io": {"auth": base64.b64encode(b"bot:" + token).decode()}}}).encode()
    lines = [b"apiVersion: v1\nkind: Secret\ndata:"]
    lines += [b"  DATABASE_URL: " + base64.b64encode(url), b"  .dockerconfigjson: " + base64.b64encode(auths)]
    matches = engine.matches(Blob("x", b"\n".join(lines) + b"\n"))
    assert {"generic-postgres-connection-uri"} < {match.rule.id for match in matches}
    assert 2 == len(matches)


def test_a_data_url(engine: Engine) -> None:
    token = github()
    page = b'<a href="data:text/plain;base64,' + base64.b64encode(b"token is " + token) + b'">x</a>'
    assert token == one(engine, page).secret.reveal()


def test_what_stands_before_without_a_gap_does_no_harm(engine: Engine) -> None:
    for path in (b"https://host/path/", b"https://host/some/", b"host/p/"):
        assert github() == one(engine, path + base64.b64encode(github())).secret.reveal()


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("bom", ["\ufeff", ""])
def test_utf_16_files(engine: Engine, codec: str, bom: str) -> None:
    token = github()
    data = f"{bom}Größe 1\r\nTOKEN={token.decode()}\r\n".encode(codec)
    (sighting,) = engine.scan(Blob("x", data))
    assert (token, ("utf-16",)) == (sighting.match.secret.reveal(), sighting.match.encodings)
    if bom:
        assert (2, 7) == sighting.location[:2]
        assert "" == sighting.line_hash


def test_a_false_bom_hides_nothing(engine: Engine) -> None:
    token = github()
    for data in (b"\xff\xfe " + token + b" ", b"\xff\xfe  " + token + b" "):
        assert token in {sighting.match.secret.reveal() for sighting in engine.scan(Blob("x", data))}


def test_context_rules_see_utf_16_files_with_a_mark(engine: Engine) -> None:
    text = fake("ZOOM_API_KEY={base62:22}\r\nZOOM_API_SECRET={base62:36}\r\n").decode()
    (sighting,) = engine.scan(Blob("x", text.encode("utf-16")))
    assert "zoom-api-secret" == sighting.match.rule.id


def test_escapes(engine: Engine) -> None:
    token = github()
    url = fake("postgres://app:{base62:24}@db.internal:5432/app").decode()
    hook = fake("https://discord.com/api/webhooks/{digits:18}/{base62:68}").decode()
    cases = {
        b"q=" + token.replace(b"_", b"%5F") + b"&x=1": ("percent",),
        b'{"t": "' + token.replace(b"_", b"\\u005f") + b'"}': ("escapes",),
        b'"' + token.replace(b"_", b"\\x5f") + b'"': ("escapes",),
        b"<p>" + token.replace(b"_", b"&#95;") + b"</p>": ("html",),
        b"t: " + token.replace(b"_", b"=5F") + b"\n": ("quoted-printable",),
        b"next=" + quote(url, safe="").encode() + b"\n": ("percent",),
        b"next=" + quote(quote(url, safe=""), safe="").encode() + b"\n": ("percent", "percent"),
        json.dumps({"u": url}).replace("/", "\\/").encode(): ("escapes",),
        b"u=" + quote(hook, safe="").encode() + b"\n": ("percent",),
    }
    for data, encodings in cases.items():
        match = one(engine, data)
        assert encodings == match.encodings, data
        held = data[match.secret_span.start : match.secret_span.end]
        assert held[:3] == match.secret.reveal()[:3], data
        assert match.secret.reveal() in (token, url.encode(), hook.encode()) or match.secret.reveal() in url.encode()


def test_quoted_printable_line_ends(engine: Engine) -> None:
    url = fake("https://app:{base62:24}@git.internal/x?a=1").decode()
    data = quopri.encodestring((f"ghp = {github().decode()} " + url + "\n").encode())
    assert github() in secrets(engine.matches(Blob("x", data))) or b"=\n" in data


def test_notebooks_bytecode_and_databases(engine: Engine) -> None:
    token, text = github(), github().decode()
    key = fake("{pem:RSA PRIVATE KEY:600}").decode()
    notebook = json.dumps({"cells": [{"source": [f'T = "{text}"\n', f'K = """{key}"""\n']}]}).encode()
    code = b"\xa7\r\r\n" + bytes(12) + marshal.dumps(compile(f"T = {text!r}\n", "x.py", "exec"))
    database = sqlite3.connect(":memory:")
    database.execute("create table t (a text)")
    database.execute("insert into t values (?)", (text,))
    database.commit()
    for data in (notebook, code, database.serialize()):
        assert token in secrets(engine.matches(Blob("x", data)))
    database.close()
    assert 2 == len(engine.matches(Blob("x", notebook)))


@pytest.mark.parametrize("filler", [10, 5_000, 40_000])
@pytest.mark.parametrize("page", [512, 4096])
def test_columns_of_a_database_are_told_apart(engine: Engine, page: int, filler: int) -> None:
    """The bytes of a row stand against each other, and large ones flow over to other pages."""
    tokens = [github(str(i)) for i in range(30)]
    database = sqlite3.connect(":memory:")
    database.execute(f"pragma page_size = {page}")
    database.execute("create table t (a int, b text, c text, d text)")
    rows = [(i, "x" * (filler + i), token.decode(), "after") for i, token in enumerate(tokens)]
    database.executemany("insert into t values (?, ?, ?, ?)", rows)
    database.commit()
    data = database.serialize()
    database.close()
    matches = engine.matches(Blob("x", data))
    assert set(tokens) == set(secrets(matches))
    assert all(data[m.secret_span.start : m.secret_span.start + 2] == b"gh"[:2] for m in matches)


@given(st.binary(max_size=3000), st.sampled_from([512, 1024]))
@settings(max_examples=60, deadline=None)
def test_damaged_databases_do_no_harm(noise: bytes, page: int) -> None:
    head = b"SQLite format 3\0" + page.to_bytes(2, "big") + bytes(82)
    for kind in (b"\x0d", b""):
        strings(head + kind + noise)


RELEASE = b'{"config":{"token":"' + github("one") + b'"},"manifest":"' + b"- name: x; " * 40 + github("two") + b'"}'
PACKED = base64.b64encode(gzip.compress(RELEASE, mtime=0))


@pytest.mark.parametrize(
    ("data", "encodings"),
    [
        (b"data:\n  release: " + base64.b64encode(PACKED) + b"\n", ("base64", "base64", "gzip")),  # Helm
        (b"binaryData:\n  values.gz: " + PACKED + b"\n", ("base64", "gzip")),
        (b"content: |\n    " + b"\n    ".join(textwrap.wrap(PACKED.decode(), 76)[n].encode() for n in range(3)) + b"\n",
         ("base64", "gzip")),  # cloud-init
    ],
)  # fmt: skip
def test_compressed_text_in_base64_is_looked_into(engine: Engine, data: bytes, encodings: tuple[str, ...]) -> None:
    matches = engine.matches(Blob("x", data))
    assert {github("one"), github("two")} == set(secrets(matches))
    assert {encodings} == {match.encodings for match in matches}
    value = data.index(b": ") + 2
    assert all(value <= m.secret_span.start < m.secret_span.end <= len(data) for m in matches)
    assert matches[0].secret_span.start < matches[1].secret_span.start


def test_compressed_text_is_bounded(engine: Engine) -> None:
    bomb = b"\n".join([base64.b64encode(gzip.compress(bytes(4 << 20)))] * 50)
    long = base64.b64encode(gzip.compress(random.Random(1).randbytes(300_000).hex().encode() + b" " + github()))
    for data, word in ((bomb, "take too long to decode"), (long, "compressed text in base64 that is too long")):
        gaps: list[str] = []
        began = time.process_time()
        assert not engine.matches(Blob("x", data), Notes(None, gaps))
        assert time.process_time() - began < 30
        assert [gap for gap in gaps if word in gap]


def test_what_only_begins_like_compressed_text_is_none(engine: Engine) -> None:
    """Documents show the beginnings of such texts: no gap."""
    gaps: list[str] = []
    for data in (PACKED[:60] + b"...", b"H4sIAAAAAAAAA", b"xH4sI" + PACKED, b"H4sI" * 9000):
        assert not engine.matches(Blob("x", data), Notes(None, gaps))
    assert not gaps


def test_plain_and_encoded_are_one_finding(engine: Engine) -> None:
    token = github()
    files = {"a.yaml": b"t: " + base64.b64encode(token), "b.env": b"T=" + token, "c.txt": token.hex().encode()}
    sightings = [(s, (File(name),)) for name, data in files.items() for s in engine.scan(Blob(name, data))]
    (finding,) = triage(sightings, b"k", None)
    assert [("b.env", ()), ("a.yaml", ("base64",)), ("c.txt", ("hex",))] == [
        (seen.place.uri, seen.encodings) for seen in finding.places
    ]


def varint(value: int) -> bytes:
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.insert(0, 0x80 | value & 0x7F)
    return bytes(digits)


def one_page(size: int, cells: int, row: bytes) -> bytes:
    """An SQLite file of one page, all of whose cells are the same row, at its end."""
    made = bytearray(size)
    made[:18] = b"SQLite format 3\0" + (size & 0xFFFF or 1).to_bytes(2, "big")
    made[100], made[103:105] = 0x0D, cells.to_bytes(2, "big")
    made[108 : 108 + 2 * cells] = (size - len(row)).to_bytes(2, "big") * cells
    made[size - len(row) :] = row
    return bytes(made)


def test_rows_that_overlap_are_read_a_bounded_number_of_times() -> None:
    """Two thousand rows of fifty thousand columns each, in 64 KiB."""
    row = varint(50_010) + b"\1" + varint(50_003) + b"\1" * 50_000
    start = time.monotonic()
    strings(one_page(65536, 2000, row))
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("shift", range(4))
def test_overflow_pages_in_a_circle_have_an_end(shift: int) -> None:
    """A row of a terabyte, whose rest is on a page that names itself as the next one."""
    row = varint(1 << 40) + b"\1" + varint(5) + varint(1 << 20) + bytes(shift) + (2).to_bytes(4, "big") * 90
    assert strings(one_page(512, 1, row) + (2).to_bytes(4, "big") * 128) is None


@given(st.integers(0, 200), st.integers(1, 3))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_windows_lose_and_repeat_nothing(engine: Engine, shift: int, lead: int) -> None:
    encoded = base64.b64encode(b"x" * lead + b" " + github() + b"\n")
    data = (b"#" * (3 * OVERLAP - shift) + b" " + encoded + b"\n").ljust(6 * OVERLAP, b"#")
    size = 3 * OVERLAP
    pieces = [(i, data[i : i + size]) for i in range(0, len(data), size)]
    found = [m.secret.reveal() for blob in windows("x", pieces) for m in engine.matches(blob)]
    assert [github()] == found


def test_many_secrets_in_one_long_run(engine: Engine) -> None:
    tokens = [github(str(i)) for i in range(8000)]  # more than is decoded at once
    data = base64.b64encode(b"\n".join(tokens))
    assert set(tokens) == set(secrets(engine.matches(Blob("x", data))))


def test_the_fallback_finds_the_same(rules: tuple[Rule, ...]) -> None:
    some = tuple(rule for rule in rules if rule.id in RULES[:6])
    known = [triggers.Trigger(*row) for row in triggers.load(some, Cache(None)).encoded]
    patterns = [trigger.pattern for trigger in known]
    data = base64.b64encode(b"a " + github()) + b" " + github().hex().encode() + b" \xff" * 9
    slow, fast = Plain(patterns, Cache(None)).ends(data), Hyperscan(patterns, Cache(None)).ends(data)
    assert set(slow) == set(fast)
    assert {"base64", "hex"} <= {known[i].encoding for i, _ in slow}


def test_noise_is_decoded_in_bounded_time(engine: Engine) -> None:
    bait = base64.b64encode(b"ghp_" + b"a" * 20 + b" ") * 40_000
    notes = Notes(None, [])
    assert [] == engine.matches(Blob("x", bait), notes)
    assert ["more than 4,096 encoded texts" in gap for gap in notes.gaps]


def test_encodings_inside_each_other_are_decoded_in_bounded_time(engine: Engine) -> None:
    mixed = rb"%26sig=&amp;sig=\u0026sig=%255F&#95;\u005f" * 50_000
    notes = Notes(None, [])
    assert [] == engine.matches(Blob("x", mixed), notes)
    assert ["take too long to decode" in gap for gap in notes.gaps] == [True] * len(notes.gaps) != []


def test_an_allowance_is_kept_to_and_said_once() -> None:
    gaps: list[str] = []
    allowance = Allowance(b"", gaps)
    texts = [Decoded(bytes(ALLOWED // 2), "hex", ())] * 3
    assert 2 == len(list(allowance.of(iter(texts))))
    assert 1 == len(gaps)


def test_triggers_are_kept(tmp_path: Path, rules: tuple[Rule, ...]) -> None:
    store = Cache(tmp_path)
    first = triggers.load(rules[:9], store)
    (file,) = tmp_path.iterdir()
    assert first == triggers.load(rules[:9], store)
    file.write_text("[[1]]")
    assert first == triggers.load(rules[:9], store)
