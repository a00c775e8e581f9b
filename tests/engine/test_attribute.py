"""The names round a value say whose secret it is, where its own shape does not."""

from __future__ import annotations

import pytest

from leaksweep.engine import Engine
from leaksweep.model import NAMED, Blob
from support.fakes import fake

ODD = fake("{base62:29}", "odd")  # a length that no rule with a context knows


def found(engine: Engine, text: str) -> list[tuple[str, bytes]]:
    return [(m.rule.id, m.secret.reveal()) for m in engine.matches(Blob("x", text.encode().replace(b"VALUE", ODD)))]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("MATTERMOST_TOKEN=VALUE\n", "mattermost"),
        ("export MATTER_MOST_SECRET='VALUE'\n", "mattermost"),
        ('mattermostToken := "VALUE"', "mattermost"),
        ('matterMostApiToken = "VALUE"', "mattermost"),
        ('mattermosttoken = "VALUE"', "mattermost"),
        ('"new-relic-token": "VALUE"', "newrelic"),
        ('System.setProperty("NEW_RELIC_TOKEN", "VALUE")', "newrelic"),
        ('settings.mattermost.token = "VALUE"', "mattermost"),
        ('github_proxy_mattermost_token = "VALUE"', "mattermost"),
        ("LINE_TOKEN=VALUE\n", "line"),
        ('curl https://mattermost.corp.example/api -H "Authorization: Bearer VALUE"', "mattermost"),
        ("WANDB_SWEEP_TOKEN=VALUE", "wandb"),
    ],
)
def test_the_nearest_name_is_the_provider(engine: Engine, text: str, slug: str) -> None:
    assert found(engine, text) == [(f"{slug}-unidentified-secret", ODD)]


@pytest.mark.parametrize(
    "text",
    [
        "SERVICE_TOKEN=VALUE\n",
        "# our Mattermost\nSERVICE_TOKEN=VALUE\n",
        'mattermostly_token = "VALUE"',
        'unmattermost_token = "VALUE"',
        'db1_password = "VALUE"',  # not 1Password
        'per_line_token = "VALUE"',  # a word of everyday code, unless the name begins with it
    ],
)
def test_what_names_no_provider_stays_generic(engine: Engine, text: str) -> None:
    ((rule, secret),) = found(engine, text)
    assert rule.startswith("generic-")
    assert secret == ODD


def test_a_secret_of_a_known_kind_keeps_its_rule(engine: Engine) -> None:
    token = fake("{crc32:ghp_:30}").decode()
    assert [("github-personal-access-token", token.encode())] == found(engine, f"MATTERMOST_TOKEN={token}\n")


def test_the_playbook_is_the_provider_s(engine: Engine) -> None:
    (match,) = engine.matches(Blob("x", b"MATTERMOST_TOKEN=" + ODD))
    assert match.rule.kind == NAMED
    assert match.rule.provider.name == "Mattermost"
    assert "Personal Access Tokens" in match.rule.playbook.revoke
    assert match.rule.family == engine.matches(Blob("x", b"SERVICE_TOKEN=" + ODD))[0].rule.family
