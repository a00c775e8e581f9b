"""JSON Web Tokens by the service that issued them."""

from __future__ import annotations

import pytest

from leaksweep.proofs import PROOFS, Evidence, Outcome
from support.fakes import fake

OF = {
    "jwt-monday": "{jwt:tid=digits*9,uid=digits*8,actid=digits*8,rgn=euc1}",
    "jwt-n8n": "{jwt:sub=hex*8,iss=n8n,aud=public-api}",
    "jwt-pinata": "{jwt:scopedKeyKey=hex*20,scopedKeySecret=hex*64}",
    "jwt-redhat-offline": "{jwt:iss=https://sso.redhat.com/auth/realms/redhat-external,typ=Offline}",
}


@pytest.mark.parametrize("proof", OF)
@pytest.mark.parametrize("issuer", OF)
def test_only_the_own_tokens_are_taken(proof: str, issuer: str) -> None:
    expected = Outcome.PLAUSIBLE if proof == issuer else Outcome.REFUTED
    assert PROOFS[proof](Evidence(fake(OF[issuer]))) is expected


@pytest.mark.parametrize("proof", OF)
def test_what_does_not_decode_is_refuted(proof: str) -> None:
    assert PROOFS[proof](Evidence(b"eyJhbGciOiJIUzI1NiJ9.eyJ.x")) is Outcome.REFUTED


def test_an_access_token_of_red_hat_is_no_offline_token() -> None:
    token = fake("{jwt:iss=https://sso.redhat.com/auth/realms/redhat-external,typ=Bearer}")
    assert PROOFS["jwt-redhat-offline"](Evidence(token)) is Outcome.REFUTED


def test_n8n_has_keys_that_are_no_jwt() -> None:
    assert PROOFS["jwt-n8n"](Evidence(fake("n8n_api_{base62:96}"))) is Outcome.PLAUSIBLE
