"""Fake secrets, made by the rules' own templates: nothing in this repository looks alive."""

from __future__ import annotations

from leaksweep.rules.expand import expand


def fake(template: str, seed: str = "test") -> bytes:
    """The expanded text of a template, the same for the same seed."""
    return expand(template, seed).text


def github(seed: str = "test") -> bytes:
    """A GitHub personal access token with a valid checksum."""
    return fake("{crc32:ghp_:30}", seed)
