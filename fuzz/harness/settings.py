"""A configuration file of a stranger: it says what it may say, and nothing else, or there is an error."""

from __future__ import annotations

import os

from fuzz.harness._files import folder, written
from leaksweep.config import Config
from leaksweep.errors import UsageError
from leaksweep.model import File, LayerFile
from leaksweep.settings import CONFIG, Choice, settle, show
from leaksweep.settings.options import OPTIONS
from leaksweep.triage.globs import place_matches

WORDS = (
    *(
        name.encode() + b" = "
        for name in (*OPTIONS, "baseline", "markers", "salt", "reason", "path", "rule", "expires")
    ),
    *(b"[scan]\n", b"[[ignore]]\n", b"[identity]\n", b"id = ", b"expires = ", b"2027-01-31", b"true", b"'**/*'"),
    *(b"'.'", b"'..'", b"'/etc'", b"'high'", b"'never'", b"'gitleaks'", b"registry-password = "),
)
LENGTH = 2048
_PLACES = (File("a/b.py"), File("x.jar", "inner/.env"), LayerFile("app", "app:1", 1, "sha256:0", "srv/.env"))


def run(data: bytes) -> None:
    """Settle a scan of the folder in which it lies, and one whose user named it."""
    name = written("settings", CONFIG, data)
    flags = Config(path=str(folder("settings")))
    found = _settled(flags, Choice())
    if found is not None:
        for option in OPTIONS.values():
            same = getattr(found, option.field) == getattr(flags, option.field)
            assert same or not option.trusted, option.field
        root = os.path.realpath(folder("settings"))
        named = [path for path in (found.dockerfile, *found.rules) if path]
        assert all(os.path.commonpath((root, os.path.realpath(path))) == root for path in named)
        assert not any("\0" in text for text in (*named, *found.platforms, found.range))
        _ignores(found)
    trusted = _settled(flags, Choice(config=name))
    assert found is None or trusted is not None


def _settled(flags: Config, choice: Choice) -> Config | None:
    try:
        settings = settle(flags, {}, choice)
    except UsageError as error:
        assert choice.config or str(folder("settings")) in error.what, error
        return None
    show.as_text(settings).decode()
    show.as_json(settings).decode()
    return settings.config


def _ignores(config: Config) -> None:
    for ignore in config.rulings.ignores:
        for place in _PLACES:
            for pattern in filter(None, (getattr(ignore, "path", ""), getattr(ignore, "rule", ""))):
                place_matches(place, pattern)
