"""Proofs of single vendors: yes to the real thing, no to its look-alike."""

from __future__ import annotations

import pytest

from leaksweep.proofs import PROOFS, Evidence, Outcome
from support.fakes import fake

P, Q, D, R = Outcome.PROVEN, Outcome.PLAUSIBLE, Outcome.DOUBTFUL, Outcome.REFUTED


@pytest.mark.parametrize(
    ("name", "template", "outcome"),
    [
        ("jwt-auth0-management", "{jwt:iss=https://acme.eu.auth0.com/,aud=https://acme.eu.auth0.com/api/v2/}", Q),
        ("jwt-auth0-management", "{jwt:iss=https://acme.eu.auth0.com/,aud=https://api.acme.example/}", R),
        ("jwt-auth0-management", "eyJ{base64url:20}.eyJ{base64url:30}.{base64url:43}", R),
        ("jwt-zoom-sdk", "{jwt:sdkKey=base62*22,mn=digits*10,role=0}", Q),
        ("jwt-zoom-sdk", "{jwt:iss=base64url*22,exp=1}", R),
        ("jwt-not-zoom-sdk", "{jwt:app_key=base62*22,tpc=standup}", R),
        ("jwt-not-zoom-sdk", "{jwt:iss=base64url*22,exp=1}", Q),
        ("atlassian-data-center", "{b64:digits*12:base62*20}", P),
        ("atlassian-data-center", "{b64:base62*12:base62*20}", R),
        ("atlassian-data-center", "MTIz", R),
        ("atlassian-data-center", "M", R),
        ("apple-password", "xxxx-xxxx-xxxx-xxxx", R),
        ("apple-password", "abcd-efgh-ijkl-mnop", R),
        ("apple-password", "aaaa-bbbb-cccc-dddd", R),
        ("apple-password", "-".join(("qzkw", "hbvt", "mjxe", "rold")), Q),
        ("crc32-hex-middle", "{zuplo:}", P),
        ("crc32-hex-middle", "zpka_123456789_cbf43926", P),
        ("crc32-hex-middle", "zpka_123456789_00000000", D),
        ("crc32-hex-middle", "zpka_123456789", D),
    ],
)
def test_vendor_proof(name: str, template: str, outcome: Outcome) -> None:
    assert PROOFS[name](Evidence(fake(template))) is outcome
