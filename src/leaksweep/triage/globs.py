"""Globs over the paths of places: ``*`` stays within a folder, ``**`` does not, a name alone is found in any folder.

The path of a place is what its URI says: ``src/.env``, ``image/acme/app/srv/.env``, and ``app.jar!/config`` inside an
archive. Time is bounded by the lengths of path and glob multiplied: both may come from a pull request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache

from leaksweep.model import Place, Sighting


def in_place(
    sightings: Iterable[tuple[Sighting, tuple[Place, ...]]],
) -> Iterator[tuple[Sighting, tuple[Place, ...]]]:
    """The sightings, but for places in other files than those that their rules are meant for."""
    for sighting, places in sightings:
        if globs := sighting.match.rule.files:
            places = tuple(place for place in places if any(place_matches(place, glob) for glob in globs))  # noqa: PLW2901
        if places:
            yield sighting, places


def place_matches(place: Place, pattern: str) -> bool:
    """Whether the glob names this place: its file, or what is inside it, or a folder that it is in."""
    from urllib.parse import unquote

    path = unquote(place.uri, errors="surrogateescape")
    return matches(path, pattern) or (bool(place.inside) and matches(f"{path}!/{place.inside}", pattern))


def fits(name: str, pattern: str) -> bool:
    """Whether the name is as a pattern whose ``*`` stand for anything; without the price of compiling one."""
    first, *rest = pattern.split("*")
    if not rest:
        return name == pattern
    *middle, last = rest
    at, end = len(first), len(name) - len(last)
    if at > end or not (name.startswith(first) and name.endswith(last)):
        return False
    for part in middle:
        if (at := name.find(part, at, end)) < 0:
            return False
        at += len(part)
    return True


@lru_cache(maxsize=16_384)  # a secret may stand at a hundred thousand lines of one file
def matches(path: str, pattern: str) -> bool:
    """Whether the glob names this path.

    >>> matches("a/tests/b/c.py", "**/tests/"), matches("a/b.py", "*.py"), matches("a/b.py", "/*.py")
    (True, True, False)
    """
    parts = pattern.removeprefix("/").split("/")
    if parts[-1] == "":  # a folder: all that is below it
        parts[-1] = "**"
    if len(parts) == 1 and not pattern.startswith("/"):
        parts.insert(0, "**")
    return _match(path.split("/"), parts)


def _match(names: list[str], parts: list[str]) -> bool:
    """``reached[i]``: the parts so far may have taken the first ``i`` names."""
    reached = [True] + [False] * len(names)
    for number, part in enumerate(parts):
        if part == "**":
            first = reached.index(True) if True in reached else len(reached)
            if number == len(parts) - 1:  # a folder's contents, not the folder's own name
                first += 1
            reached = [i >= first for i in range(len(reached))]
        else:
            reached = [False] + [reached[i] and fnmatchcase(names[i], part) for i in range(len(names))]
    return reached[-1]
