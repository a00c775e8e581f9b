"""What reports tell of a place in git's history, besides its path and lines."""

from __future__ import annotations

from typing import Any

from leaksweep.model import CommitFile, GitText, Held
from leaksweep.redact import printable


def facts(place: CommitFile | GitText) -> dict[str, Any]:
    """First and newest commit, whether it is still in HEAD, what holds it: only what is known, safe to print."""
    if isinstance(place, GitText):
        known: dict[str, Any] = {"object": place.kind, "id": place.id, "name": printable(place.name)}
        return _given(known | {"author": printable(place.by)} | _held(place.held))
    known = {
        "object": "file",
        "commit": place.commit.id,
        "first_commit": place.first.id,
        "author": printable(place.first.by),
    }
    return _given(known | _held(place.held)) | {"in_head": place.in_head, "versions": place.versions}


def _held(held: Held) -> dict[str, Any]:
    return {
        "branches": [printable(name) for name in held.branches],
        "branch_count": held.branch_count,
        "tags": [printable(name) for name in held.tags],
        "tag_count": held.tag_count,
    }


def _given(known: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in known.items() if value}
