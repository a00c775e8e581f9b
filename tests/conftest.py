"""Every test runs with a clean environment, its own cache, and the rules loaded once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.model import Rule
from leaksweep.rules.load import load

_LEAKY = (
    "CI",
    "NO_COLOR",
    "FORCE_COLOR",
    "GITHUB_",
    "INPUT_",
    "GIT_",
    "JENKINS_",
    "TRAVIS",
    "DRONE",
    "BUILDKITE",
    "TF_BUILD",
    "BITBUCKET_",
    "GITLAB_",
    "LEAKSWEEP_REGISTRY",
    "LEAKSWEEP_IDENTITY",
    "LEAKSWEEP_FINGERPRINT",
    "LEAKSWEEP_CACHE",
)


@pytest.fixture(autouse=True)
def clean_environ(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of the caller's environment changes what the program prints; the cache is shared by one test run only."""
    for name in list(os.environ):
        if name.startswith(_LEAKY):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LEAKSWEEP_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def rules() -> tuple[Rule, ...]:
    """Every rule, without examples."""
    return load(Cache(None))


@pytest.fixture(scope="session")
def engine(rules: tuple[Rule, ...], tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The engine that the program uses."""
    return Engine(rules, Cache(Path(tmp_path_factory.getbasetemp(), "cache")))
