"""Offline proofs: pure functions from a match to an :class:`Outcome`. A rule names its own; ``DEFAULTS`` adds the rest.

A passed checksum raises a match to *proven*, a failed one lowers it; a value that cannot be a credential (a
placeholder, a digest by its own name, a token that does not decode) is no match at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from leaksweep.proofs import (
    assigned,
    base58,
    branded,
    calendly,
    checksum,
    confluent,
    entropy,
    jwt,
    jwt_issuers,
    keys,
    messaging,
    placeholder,
    structure,
    vendor,
    wallet,
)
from leaksweep.proofs.evidence import Evidence, Outcome

Proof = Callable[[Evidence], Outcome]

PROOFS: dict[str, Proof] = {
    "apple-password": vendor.apple_password,
    "atlassian-data-center": vendor.atlassian_data_center,
    "base58check": base58.base58check,
    "base64-password": assigned.base64_password,
    "bech32": checksum.bech32,
    "bip39": wallet.bip39,
    "confluent": confluent.secret,
    "crc32-base36": checksum.base36_tail,
    "crc32-base62": checksum.base62_tail,
    "crc32-base62-ended": checksum.base62_tail_ended,
    "crc32-base62-body": checksum.base62_tail_of_body,
    "crc32-hex": checksum.hex_tail,
    "crc32-hex-middle": vendor.crc32_hex_middle,
    "crc32-hex-little": checksum.hex_tail_little,
    "default-password": placeholder.default_password,
    "digest-name": placeholder.named_as_digest,
    "elastic": checksum.elastic,
    "github-fine-grained": checksum.github_fine_grained,
    "github-fine-grained-ended": checksum.github_fine_grained_ended,
    "grafana": structure.grafana,
    "google-service-account": structure.service_account,
    "jwt": jwt.well_formed,
    "jwt-auth0-management": vendor.auth0_management,
    "jwt-calendly": calendly.token,
    "jwt-entra": jwt.entra,
    "jwt-jfrog": jwt.jfrog,
    "jwt-kubernetes": jwt.kubernetes,
    "jwt-monday": jwt_issuers.monday,
    "jwt-n8n": jwt_issuers.n8n,
    "jwt-pinata": jwt_issuers.pinata,
    "jwt-redhat-offline": jwt_issuers.redhat_offline,
    "jwt-supabase": jwt.supabase,
    "jwt-temporal": branded.temporal_jwt,
    "jwt-not-zoom-sdk": vendor.not_zoom_sdk,
    "jwt-zoom": jwt.zoom,
    "jwt-zoom-sdk": vendor.zoom_sdk,
    "json-base64": structure.json_base64,
    "json-base64-likely": structure.json_base64_likely,
    "macaroon": structure.macaroon,
    "mixed-case": entropy.mixed_case,
    "no-alphabet": vendor.no_alphabet,
    "nkey": messaging.nkey,
    "known-wallet": wallet.published_wallet,
    "named-otherwise": assigned.named_otherwise,
    "not-hex": entropy.not_hex,
    "pem": keys.pem,
    "pem-encrypted": keys.pem_encrypted,
    "pem-fragment": keys.pem_fragment,
    "pgp": keys.pgp,
    "pgp-encrypted": keys.pgp_encrypted,
    "placeholder": placeholder.placeholder,
    "published": placeholder.published,
    "rare-file-password": assigned.file_password,
    "rare-login-password": assigned.login_password,
    "rare-password": assigned.password,
    "rare-quoted-password": assigned.quoted_password,
    "rare-token": assigned.token,
    "rare-typed-password": assigned.typed_password,
    "rare-typed-token": assigned.header_token,
    "rare-url-password": assigned.url_password,
    "random": entropy.looks_random,
    "service-url": placeholder.service_url,
    "synapse": messaging.synapse,
    "strkey-seed": branded.stellar_seed,
    "tink": structure.tink,
    "user-password-base64": structure.user_password_base64,
    "workos": branded.workos_key,
}

DEFAULTS: dict[str, tuple[str, ...]] = {
    "pattern": ("placeholder",),
    "context": ("placeholder", "digest-name", "random"),
    "generic": ("placeholder",),
}

SPOKEN = {Outcome.PROVEN: "passed", Outcome.DOUBTFUL: "failed"}  #: how a proof's word reads in a report

SHORT = 512  #: bytes of a match whose verdict is remembered
REMEMBERED = 8192  #: verdicts; most candidates are refuted, and stand in many files and versions of files

__all__ = ["DEFAULTS", "PROOFS", "Evidence", "Outcome", "Proof", "judge", "judge_again"]


def judge(evidence: Evidence, names: Iterable[str]) -> tuple[Outcome, tuple[str, ...]]:
    """Run the named proofs; the verdict of all, and the names of those that spoke for or against.

    ``REFUTED`` by one ends it; else ``PROVEN`` by one beats ``DOUBTFUL``, and both beat ``PLAUSIBLE``.
    """
    verdict, spoke = Outcome.PLAUSIBLE, []
    for name in names:
        outcome = PROOFS[name](evidence)
        if outcome is Outcome.REFUTED:
            return outcome, (name,)
        if outcome is not Outcome.PLAUSIBLE:
            spoke.append(f"{name} {SPOKEN[outcome]}")
            verdict = max(verdict, outcome, key=Outcome.weight)
    return verdict, tuple(spoke)


def judge_again(evidence: Evidence, names: tuple[str, ...]) -> tuple[Outcome, tuple[str, ...]]:
    """As ``judge``, which is asked once for short evidence that was seen lately."""
    return _remembered(evidence, names) if sum(map(len, evidence)) <= SHORT else judge(evidence, names)


_remembered = lru_cache(REMEMBERED)(judge)
