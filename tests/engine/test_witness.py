"""Public halves are sighted beside the secrets: bounded, the same in any order, and never as findings."""

from __future__ import annotations

import base64
from itertools import permutations
from time import perf_counter

import pytest

from leaksweep.cache import Cache
from leaksweep.engine import Engine, Notes, Witnesses
from leaksweep.engine.patterns import HALVES
from leaksweep.engine.prefilter import Plain
from leaksweep.engine.witness import TRIES, WAITING, Sighted
from leaksweep.model import Blob, Witness
from leaksweep.proofs import public
from leaksweep.unpack.windows import windows
from support import keypairs as made


def hashes(engine: Engine, *blobs: Blob) -> set[bytes]:
    witnesses = Witnesses()
    for blob in blobs:
        list(engine.scan(blob, Notes(witnesses, [])))
    return {sighted.witness.key for sighted in witnesses.all()}


def certificate_and_half() -> tuple[bytes, bytes]:
    half = made.half(made.rsa())
    assert half is not None
    return made.certificate(made.rsa()), half


def test_a_certificate_is_no_match(engine: Engine) -> None:
    certificate, half = certificate_and_half()
    assert [] == engine.matches(Blob("x", certificate))
    assert [] == list(engine.scan(Blob("x", certificate)))
    assert {half} == hashes(engine, Blob("x", certificate))


def test_both_prefilters_see_them() -> None:
    certificate, half = certificate_and_half()
    plain = Engine((), Cache(None), Plain, encoded=False)
    for text in (certificate, base64.b64encode(certificate), made.ssh()[1]):
        assert {s.witness.key for s in made.sighted(text)} == hashes(plain, Blob("x", text))
    assert {half} == hashes(plain, Blob("x", certificate))


def test_they_are_seen_beside_a_key_in_encoded_text(engine: Engine) -> None:
    certificate, half = certificate_and_half()
    both = made.rsa() + certificate
    for data in (("a\n" * 5 + both.decode()).encode("utf-16"), both.hex().encode(), base64.b64encode(b"---\n" + both)):
        assert half in hashes(engine, Blob("x", data))


def test_one_that_two_windows_share_is_seen_whole(engine: Engine) -> None:
    certificate, half = certificate_and_half()
    size = 8 * 1024 * 1024
    data = b"x" * (size - 300) + b"\n" + certificate + b"y" * size
    blobs = list(windows("x", [(0, data[:size]), (size, data[size:])]))
    assert len(blobs) > 1
    assert {half} == hashes(engine, *blobs)


@pytest.mark.parametrize(
    "text",
    [
        b"-----BEGIN CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE----------END CERTIFICATE-----",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        b"-----BEGIN CERTIFICATE-----\n" + b"A" * 20000 + b"\n-----END CERTIFICATE-----",
        b"---- BEGIN SSH2 PUBLIC KEY ----",
        b"ssh-rsa AAAAB3NzaC1yc2E= x",
        b"ssh-ed25519 AAAAC",
        b"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0t",
    ],
)
def test_what_is_none_is_passed_over(text: bytes) -> None:
    assert [] == made.sighted(text) == made.sighted(text * 2)


@pytest.mark.parametrize(
    "text",
    [
        b"-----BEGIN CERTIFICATE-----",
        b"-----BEGIN PUBLIC KEY-----" + b"A" * 1000,
        b"---- BEGIN SSH2 PUBLIC KEY ----",
        b"ssh-ed25519 AAAAC" + b"A" * 9000,
        b"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0t",
    ],
)
def test_very_many_cost_little(text: bytes) -> None:
    started = perf_counter()
    made.sighted(text * (4_000_000 // len(text)))
    assert perf_counter() - started < 2


def witness(number: int, place: str = "a", until: str = "2030-01-01") -> Sighted:
    return Sighted(Witness(b"%04d" % number, "certificate", "x", until), place, "")


def test_of_several_for_one_key_the_one_valid_longest_is_kept_then_the_first_by_place() -> None:
    expected = witness(1, "b", "2031-01-01")
    for order in permutations([witness(1, "a"), expected, witness(1, "c", "2031-01-01"), witness(1, "d", "")]):
        witnesses = Witnesses()
        witnesses.add(order)
        assert [expected] == list(witnesses.all())


def test_of_too_many_the_same_stay_in_any_order() -> None:
    everything = [witness(number) for number in range(40)]
    for order in (everything, everything[::-1], everything[20:] + everything[:20]):
        total = Witnesses(10)
        for one in order:
            total.add([one])
            assert len(total) <= 20
        assert total.cut
        assert everything[:10] == sorted(total.all())


def test_few_are_not_cut() -> None:
    total = Witnesses(10)
    total.add(map(witness, range(10)))
    assert (10, False) == (len(total), total.cut)


def test_a_blob_with_too_many_says_so() -> None:
    witnesses = Witnesses()
    witnesses.look(Blob("x", b""), [(0, 0)] * TRIES)
    assert not witnesses.cut
    witnesses.look(Blob("x", b""), [(0, 0)] * (TRIES + 1))
    assert witnesses.cut


def test_only_those_asked_for_are_given() -> None:
    witnesses = Witnesses()
    witnesses.add(map(witness, range(5)))
    assert [witness(3)] == list(witnesses.of({b"0003", b"0009"}))


def test_the_patterns_have_no_secret() -> None:
    assert not [pattern for pattern in HALVES if "secret" in pattern or "PRIVATE" in pattern]


def test_nothing_is_read_before_someone_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, _ = certificate_and_half()
    witnesses = Witnesses()
    with monkeypatch.context() as patch:
        patch.setattr(public, "read", None)
        list(Engine((), Cache(None), encoded=False).scan(Blob("x", certificate * 9), Notes(witnesses, [])))
        assert witnesses
    assert 1 == len(witnesses)


def test_texts_that_wait_are_bounded() -> None:
    certificate, _ = certificate_and_half()
    witnesses, engine = Witnesses(), Engine((), Cache(None), encoded=False)
    for number in range(200):
        list(engine.scan(Blob(str(number), certificate * 20), Notes(witnesses, [])))
        assert sum(len(text.text) for text, *_ in witnesses._waiting) <= WAITING
    assert 1 == len(witnesses)
