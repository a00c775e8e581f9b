"""Values that a vendor publishes, and names of environments that look like placeholders."""

from __future__ import annotations

from leaksweep.proofs.evidence import Evidence, Outcome
from leaksweep.proofs.placeholder import placeholder, published
from support.fakes import fake


def test_the_recaptcha_secret_for_tests_is_published() -> None:
    """From Google's reCAPTCHA FAQ: "I'd like to run automated tests with reCAPTCHA"."""
    assert published(Evidence(b"6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe")) is Outcome.REFUTED
    assert published(Evidence(b"6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWf")) is Outcome.PLAUSIBLE


def test_klarna_names_its_playground_in_the_key() -> None:
    assert placeholder(Evidence(fake("klarna_test_api_{base62:40}"))) is Outcome.PLAUSIBLE
    assert placeholder(Evidence(b"acme_test_api_key")) is Outcome.REFUTED
