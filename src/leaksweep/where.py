"""The blast radius of one secret: every place of it in a json report, by kind, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leaksweep.errors import UsageError
from leaksweep.redact import printable

SHORTEST = 6  #: digits of an id
KINDS = {"file": "files", "layer": "files in layers of images", "config": "fields of images' configurations"}


def find(report: dict[str, Any], name: str) -> dict[str, Any]:
    """The finding whose id begins so.

    Raises:
        UsageError: none does, or several do.
    """
    if len(name) < SHORTEST:
        raise UsageError(f"{name}: is too short for an id", f"give {SHORTEST} digits or more")
    found = [finding for finding in report["findings"] if finding["id"].startswith(name.lower())]
    if not found:
        gap = "" if report["complete"] else ", but not everything was scanned"
        raise UsageError(
            f"{name}: no secret with this id was found{gap}", "take an id from a report of the same project"
        )
    if len(found) > 1:
        raise UsageError(f"{name}: begins the ids of {len(found)} secrets", "give more digits")
    finding: dict[str, Any] = found[0]
    return finding


def lines(finding: dict[str, Any]) -> Iterator[str]:
    """All of it for people: what, verdict, places by kind, playbook."""
    yield f"{finding['severity'].upper():<8}  {printable(finding['name'])}  {printable(finding['secret'])}"
    why = f" ({printable(str(finding['reason']))})" if finding.get("reason") else ""
    yield f"  verdict  {finding['verdict']}{why}"
    kinds: dict[str, list[dict[str, Any]]] = {}
    for place in finding["places"]:
        kinds.setdefault(str(place.get("kind", "")), []).append(place)
    for kind, places in kinds.items():
        yield f"  {KINDS.get(kind, printable(kind))}: {len(places):,}"
        yield from (f"    {_place(place)}" for place in places)
    if images := sorted({str(place["image"]) for place in finding["places"] if "image" in place}):
        yield f"  images   {printable(', '.join(images))}"
    yield from (f"  reach    {printable(str(sentence))}" for sentence in finding.get("reach", ()))
    for title, key in (("revoke", "revoke"), ("check", "audit"), ("breaks", "breaks")):
        if text := finding["playbook"].get(key):
            yield f"  {title:<8} {printable(str(text))}"
    yield f"  id       {finding['id']}"


def _place(place: dict[str, Any]) -> str:
    encodings = f" (in {', in '.join(reversed(place['encodings']))})" if place.get("encodings") else ""
    line = "" if place.get("kind") == "config" else f":{place.get('start_line', 1)}:{place.get('start_column', 1)}"
    return printable(f"{place['label']}{line}{encodings}")
