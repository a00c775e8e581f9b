"""Which certificates and public keys a private key that was found belongs to; the notes name their places."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Protocol

from leaksweep.model import Finding, Place, Witness
from leaksweep.triage.merge import kind_order

COMPUTED = 100  #: public halves that one scan may compute: a second at worst; most keys hold theirs


class Witnesses(Protocol):
    """The public halves that a scan saw."""

    @property
    def cut(self) -> bool:
        """Whether some were left out."""

    def __bool__(self) -> bool:
        """Whether there is any, asked before they are read."""

    def __len__(self) -> int:
        """How many."""

    def of(self, keys: Collection[bytes]) -> Iterable[tuple[Witness, Place]]:
        """Those of these keys, with their places."""


class Unwitnessed:
    """No public halves."""

    cut = False

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def of(self, keys: Collection[bytes]) -> Iterable[tuple[Witness, Place]]:  # noqa: ARG002
        """None."""
        return ()


def owners(found: Iterable[Finding], witnesses: Witnesses) -> dict[str, list[str]]:
    """Notes on private keys by the finding's id; an empty list where a key belongs to nothing that was seen.

    No clock is asked whether a certificate has expired: two runs of one scan say the same.
    """
    if not (halves := dict(_halves(found))):
        return {}
    seen: dict[bytes, list[tuple[Witness, Place]]] = {}
    for witness, place in witnesses.of(set(halves.values())):
        seen.setdefault(witness.key, []).append((witness, place))
    return {finding: list(_notes(seen.get(half, ()))) for finding, half in halves.items()}


def _halves(found: Iterable[Finding]) -> Iterator[tuple[str, bytes]]:
    from leaksweep.proofs import private
    from leaksweep.proofs.der import BrokenError

    computed = 0
    for finding in sorted(found, key=lambda f: f.id):
        half = private.half(finding.secret.reveal())
        if isinstance(half, bytes):
            yield finding.id, half
        elif half is not None and computed < COMPUTED:
            from leaksweep.proofs.curves import solve

            computed += 1
            try:
                yield finding.id, solve(half)
            except BrokenError:
                continue


def _notes(seen: Collection[tuple[Witness, Place]]) -> Iterator[str]:
    """One note for each kind of witness: of several certificates, the one that is valid longest, at its best place."""
    for what in sorted({witness.what for witness, _ in seen}):
        alike = [(witness, place) for witness, place in seen if witness.what == what]
        last = max((witness.until, witness.subject) for witness, _ in alike)
        best = [(witness, place) for witness, place in alike if (witness.until, witness.subject) == last]
        yield _note(*min(best, key=lambda pair: kind_order(pair[1])))


def _note(witness: Witness, place: Place) -> str:
    told = []
    if witness.subject:
        told.append(f"{'CN' if witness.what == 'certificate' else 'id'} {witness.subject}")
    if witness.until:
        told.append(f"valid until {witness.until}")
    half = "private half" if witness.what == "public key" else "key"
    return ": ".join([f"{half} of the {witness.what} in {place.label}", *([", ".join(told)] if told else [])])
