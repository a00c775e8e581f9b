"""A private key is told what it belongs to: a certificate or a public key that the same scan saw anywhere."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from leaksweep.engine import Engine, Notes, Witnesses
from leaksweep.model import Blob, Confidence, File, Finding, ImageConfig, LayerFile, Place, Severity, Witness
from leaksweep.redact import Secret
from leaksweep.triage import public, triage
from leaksweep.triage.prove import prove
from leaksweep.triage.public import owners
from support import keypairs as made
from support.results import finding

LAYER = LayerFile("acme/app", "acme/app:1", 2, "sha256:" + "0" * 64, "etc/tls.crt")
CONFIG = ImageConfig("acme/app", "acme/app:1", "env/CERT")


class Known(list[tuple[Witness, Place]]):
    """Witnesses by hand."""

    cut = False

    def __bool__(self) -> bool:
        return len(self) > 0

    def of(self, keys: Collection[bytes]) -> Iterator[tuple[Witness, Place]]:
        return (pair for pair in self if pair[0].key in keys)


def key(number: int = 1, secret: bytes | None = None, **changes: Any) -> Finding:
    return finding(number, secret=Secret(secret or made.rsa()), confidence=Confidence.MEDIUM, **changes)


def certificate(subject: str = "example.org", until: str = "2030-01-31") -> Witness:
    return Witness(made.half(made.rsa()) or b"", "certificate", subject, until)


def notes(*known: tuple[Witness, Place]) -> list[str]:
    (found,) = owners([key()], Known(known)).values()
    return found


@pytest.mark.parametrize(
    ("witness", "note"),
    [
        (certificate(), "key of the certificate in a.crt: CN example.org, valid until 2030-01-31"),
        (certificate(until="2020-01-01"), "key of the certificate in a.crt: CN example.org, valid until 2020-01-01"),
        (certificate("", "2020-01-01"), "key of the certificate in a.crt: valid until 2020-01-01"),
        (certificate("", ""), "key of the certificate in a.crt"),
        (Witness(certificate().key), "private half of the public key in a.crt"),
        (
            certificate()._replace(what="SSH certificate"),
            "key of the SSH certificate in a.crt: id example.org, valid until 2030-01-31",
        ),
    ],
)
def test_the_note(witness: Witness, note: str) -> None:
    assert [note] == notes((witness, File("a.crt")))


def test_one_note_for_each_kind_and_the_best_place() -> None:
    pairs: list[tuple[Witness, Place]] = [
        (Witness(certificate().key), CONFIG),
        (certificate(), LAYER),
        (certificate(), File("b")),
        (certificate(), File("a")),
    ]
    for order in permutations(pairs):
        assert [
            "key of the certificate in a: CN example.org, valid until 2030-01-31",
            f"private half of the public key in {CONFIG.label}",
        ] == notes(*order)


def test_of_two_certificates_the_one_that_is_valid_longer_is_told() -> None:
    pairs: list[tuple[Witness, Place]] = [(certificate(until="2020-01-01"), File("a")), (certificate(), LAYER)]
    for order in permutations(pairs):
        assert [f"key of the certificate in {LAYER.label}: CN example.org, valid until 2030-01-31"] == notes(*order)


def test_a_key_that_fits_is_proven_and_others_stay() -> None:
    fits, other, none = prove([key(), key(2, made.ec()), finding(3)], witnesses=Known([(certificate(), File("a"))]))
    assert Confidence.PROVEN is fits.confidence
    assert (Confidence.MEDIUM, ()) == (other.confidence, other.proofs)
    assert finding(3) == none


def test_where_witnesses_were_left_out_a_key_that_fits_none_says_so() -> None:
    known = Known([(certificate(), File("a"))])
    known.cut = True
    fits, other, none = prove([key(), key(2, made.ec()), finding(3)], witnesses=known)
    assert 1 == len(fits.proofs)
    assert ("compared with 1 of the public keys that were seen",) == other.proofs
    assert (Confidence.MEDIUM, ()) == (other.confidence, none.proofs)


def test_a_bounded_number_of_halves_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "COMPUTED", 2)
    keys = [key(number, made.ed25519()) for number in range(1, 5)]
    known = Known([(Witness(made.half(made.ed25519()) or b""), File("a"))])
    for order in permutations(keys):
        told = {f.id: len(f.proofs) for f in prove(order, witnesses=known)}
        assert [1, 1, 0, 0] == [told[k.id] for k in keys]


def test_a_key_with_a_number_that_is_none_is_passed_over() -> None:
    bare = made.openssl("ec", "-no_public", stdin=made.ec())
    body = made.der(bare)
    zeros = base64.b64encode(body.replace(body[7:39], b"\0" * 32))
    assert [()] == [f.proofs for f in prove([key(1, zeros)], witnesses=Known([(certificate(), File("a"))]))]


def test_from_the_bytes_to_the_note(engine: Engine) -> None:
    witnesses = Witnesses()
    blobs = [Blob("a.key", made.rsa()), Blob("b.crt", made.certificate(made.rsa(), "/CN=example.org", 30))]
    sightings = [(s, (File(str(b.origin)),)) for b in blobs for s in engine.scan(b, Notes(witnesses, []))]
    known = Known([(s.witness, File(str(s.origin))) for s in witnesses.all()])
    (found,) = triage(sightings, b"key", Severity.LOW, known)
    end = (datetime.now(UTC) + timedelta(30)).date()
    assert f"key of the certificate in b.crt: CN example.org, valid until {end}" in found.proofs
    assert Confidence.PROVEN is found.confidence
