"""What stands round a secret changes nothing: other secrets on the lines beside it, indentation, the ends of lines."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator

import pytest

from leaksweep.engine import Engine
from leaksweep.model import Blob, Rule
from leaksweep.rulecheck.samples import example
from leaksweep.rules.load import parse

TOGETHER = 25  #: examples in one text
HEX, MIXED = b"0fff5f614cbcafefb9c1ba319b9905d2", b"tbmk9npm47wgr69yfrqcu7l6wh3ibx9y2asi8o5kaqxt9l4y76"

#: Rules whose secret begins where a line of a certain kind of file does.
OF_LINES = {"generic-dotenv-password", "generic-rclone-config-password"}
#: Rules whose example, further indented, is out of the reach of its name, and nothing that a general rule would take.
OUT_OF_REACH = {"logzio-shipping-token", "zoom-webhook-verification-token"}

#: Rules of which an example with quotes is not found, or not by its name, in a string of JSON, as in a notebook.
NOT_IN_JSON = {
    "akamai-edgegrid-client-secret",
    "azure-publish-profile-password",
    "coinbase-cdp-private-key",
    "contribsys-credentials",
    "docker-registry-auth-config",
    "freemius-secret-key",
    "generic-bundler-credentials",
    "generic-define-password",
    "generic-define-secret",
    "generic-dockerfile-env-password",
    "generic-dotnet-machine-key",
    "generic-ethereum-keystore-v3",
    "generic-filezilla-password",
    "generic-ipsec-psk",
    "generic-login-pair-password",
    "generic-npmrc-auth-token",
    "generic-npmrc-password",
    "generic-password-directive",
    "generic-sql-row-password-hash",
    "generic-tink-keyset",
    "generic-wifi-psk",
    "generic-windows-net-use-password",
    "generic-wp-config-salts",
    "group-policy-preferences-cpassword",
    "infura-api-key",
    "jfrog-artifactory-npm-auth",
    "kubernetes-kubeconfig-user-token",
    "laravel-app-key",
    "loggly-token",
    "logzio-shipping-token",
    "mozilla-firefox-saved-login",
    "nats-user-credentials-file",
    "prospectcrm-api-token",
    "slack-webhook-url",
    "wireguard-private-key",
    "zoom-webhook-verification-token",
}

Found = set[tuple[str, bytes]]


@pytest.fixture(scope="module")
def examples() -> list[tuple[Rule, bytes]]:
    """Every example of every rule, but of those that are for certain whole files."""
    rules = [rule for rule in parse() if not rule.files]
    return [(rule, example(rule, number).text) for rule in rules for number in range(len(rule.examples))]


def found(engine: Engine, text: bytes) -> Found:
    """Each secret with its rule, the halves of pairs too; blanks and escapes in it do not count."""
    secrets: Found = set()
    for match in engine.matches(Blob("x", text)):
        secrets.add((match.rule.id, _bare(match.secret.reveal())))
        secrets |= {(other.rule, _bare(other.secret.reveal())) for other in match.companions}
    return secrets


def _bare(secret: bytes) -> bytes:
    return b"".join(secret.replace(b"\\n", b"").translate(None, b'\\",').split())


def shuffled(examples: list[tuple[Rule, bytes]], seed: int) -> Iterator[list[bytes]]:
    texts = [text for _, text in examples]
    random.Random(seed).shuffle(texts)
    return (texts[at : at + TOGETHER] for at in range(0, len(texts), TOGETHER))


@pytest.mark.parametrize(("seed", "between"), [(1, b"\n"), (2, b"\n\n"), (3, b"\r\n\r\n")])
def test_each_secret_is_found_and_named_among_others(
    engine: Engine, examples: list[tuple[Rule, bytes]], seed: int, between: bytes
) -> None:
    for texts in shuffled(examples, seed):
        alone = set[tuple[str, bytes]]().union(*(found(engine, text) for text in texts))
        assert alone - found(engine, between.join(texts)) == set()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"".join(b"    " + line for line in text.splitlines(keepends=True)),
        lambda text: b"".join(b"\t" + line for line in text.splitlines(keepends=True)),
        lambda text: text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n",
    ],
    ids=["indented", "indented with a tab", "with the line ends of Windows"],
)
def test_each_secret_is_found_and_named_however_its_lines_are_laid_out(
    engine: Engine, examples: list[tuple[Rule, bytes]], change: Callable[[bytes], bytes]
) -> None:
    lost = [
        rule.id
        for rule, text in examples
        if rule.id not in OF_LINES | OUT_OF_REACH and found(engine, text) - found(engine, change(text))
    ]
    assert lost == []


def test_secrets_in_code_are_found_in_the_strings_of_a_notebook(
    engine: Engine, examples: list[tuple[Rule, bytes]]
) -> None:
    def in_notebook(text: bytes) -> bytes:
        lines = text.decode("latin-1").splitlines(keepends=True)
        return json.dumps({"cells": [{"source": lines}]}).encode()

    quoted = [(rule, text) for rule, text in examples if b'"' in text or b"'" in text]
    lost = {rule.id for rule, text in quoted if found(engine, text) - found(engine, in_notebook(text))}
    assert lost == NOT_IN_JSON


NEXT_TO = {
    "another provider's setting before": (
        b'DATADOG_SITE=eu\nMIXPANEL_API_KEY="%s"\n' % HEX,
        "mixpanel-unidentified-secret",
    ),
    "another provider's failed secret before": (
        b'DATADOG_RUM_TOKEN=not_a_valid_token\n\nMIXPANEL_API_KEY="%s"\n' % HEX,
        "mixpanel-unidentified-secret",
    ),
    "on the same line": (b'{"datadogSite": "eu", "mixpanelApiKey": "%s"}' % HEX, "mixpanel-unidentified-secret"),
    "the provider's own, further down": (b'{"datadogSite": "eu", "datadogApiKey": "%s"}' % HEX, "datadog-api-key"),
    "a closing tag before": (
        b"<atlassianToken>\n</atlassianToken>\n\ntwitter_token: %s\n" % MIXED,
        "twitter-unidentified-secret",
    ),
    "an example before": (
        b'Authorization: Bearer example-token\nadobe_TOKEN = "%s"\n' % HEX,
        "adobe-unidentified-secret",
    ),
    "a word of two letters in a number before": (
        b"COMMIT=3c9fbd6477a29b2ad484a9f0\nLOOPS_API_KEY=%s\n" % HEX,
        "loops-api-key",
    ),
    "its own name, some lines before": (
        b'variable "trello_api_key" {\n  type        = string\n  description = "x"\n  default     = "%s"\n}\n' % HEX,
        "trello-api-key",
    ),
}


@pytest.mark.parametrize("what", NEXT_TO)
def test_a_secret_is_named_by_what_stands_nearest(engine: Engine, what: str) -> None:
    text, expected = NEXT_TO[what]
    assert [match.rule.id for match in engine.matches(Blob("x", text))] == [expected]


def test_what_follows_a_closing_tag_is_not_what_the_tag_names(engine: Engine) -> None:
    assert not engine.matches(Blob("x", b"</password>\nsome-text-" + HEX + b"\n"))
