"""What a playbook adds for a JSON Web Token, from what a finding says of it (``proofs.token.claims``)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from leaksweep.model import Rule

SECTIONS = ("opens", "first", "rotate", "misuse", "stops", "next")  #: of a playbook, as one reads them
NAMES = ("alg", "exp", "iss", "aud", "years")  #: what a finding may tell, and a text may hold
_PAIR = ("RS", "ES", "PS", "Ed")


def said(key: str, rule: Rule, proofs: Sequence[str], today: str = "") -> Iterator[str]:
    """The steps of one section; none where the secret is no token. ``today`` (ISO 8601) tells whether it has ended."""
    told = dict(_told(proofs))
    if "alg" not in told and not any("jwt" in proof for proof in rule.proofs):
        return
    for case in _cases(told, proofs, today):
        if text := _texts()[case].get(key):
            yield text.format_map({**dict.fromkeys(NAMES, ""), **told})


def of_token(rule: Rule, proofs: Sequence[str]) -> Iterator[str]:
    """What is said of this very token, in all sections, and not of every token."""
    general = {text for key in SECTIONS for text in said(key, rule, ())}
    yield from (text for key in SECTIONS for text in said(key, rule, proofs) if text not in general)


def _cases(told: dict[str, str], proofs: Sequence[str], today: str) -> Iterator[str]:
    yield "always"
    algorithm = told.get("alg")
    if algorithm is None:
        return
    if algorithm.startswith("none"):
        yield "none"
    elif algorithm.startswith("HS"):
        yield "hmac"
    elif algorithm.startswith(_PAIR):
        yield "pair"
    if any("key that everyone tries" in proof for proof in proofs):
        yield "weak"
    if "exp" in told:
        yield "ended" if today and told["exp"] < today else "ends"
    else:
        yield "endless"
    yield from (case for case, name in (("years", "years"), ("issuer", "iss"), ("audience", "aud")) if name in told)


def _told(proofs: Sequence[str]) -> Iterator[tuple[str, str]]:
    for proof in proofs:
        name, _, value = proof.partition(" ")
        if name in ("alg", "iss", "exp", "aud"):
            yield name, value
        elif name == "lives":
            yield "years", value.removesuffix(" years")


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("data").joinpath("tokens.toml").read_text("utf-8"))
