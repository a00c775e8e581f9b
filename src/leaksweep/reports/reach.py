"""The blast radius of one secret in sentences: who has it by now, and what that means for the clean-up."""

from __future__ import annotations

from collections.abc import Iterator

from leaksweep.model import CommitFile, File, Finding, GitText, ImageConfig, LayerFile, Place
from leaksweep.redact import printable

NAMED = 3  #: images that a sentence names


def reach(finding: Finding) -> Iterator[str]:
    """What follows from the places of a secret beyond its playbook; nothing where it is in files of a folder alone."""
    places = [seen.place for seen in finding.places]
    yield from _git(places)
    yield from _images([place for place in places if isinstance(place, LayerFile | ImageConfig)])


def _git(places: list[Place]) -> Iterator[str]:
    found = [place for place in places if isinstance(place, CommitFile | GitText)]
    if not found:
        return
    if all(place.category == "range" for place in found):
        yield "It is in commits that are about to be merged: take it out of those commits, a later one is not enough."
        return
    widest = max(found, key=lambda place: place.held.branch_count + place.held.tag_count)
    held = f", {printable(widest.held.label)}" if widest.held.label else ""
    yield f"It is in git's history{held}: every clone has it. Rewriting history calls no copy back; revoking does."
    here = any(isinstance(place, File) for place in places)
    if not here and not any(isinstance(place, CommitFile) and place.in_head for place in found):
        yield "It is no longer in the files that are checked out."


def _images(places: list[LayerFile | ImageConfig]) -> Iterator[str]:
    if not places:
        return
    names = sorted({place.reference for place in places})
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    which = printable(", ".join(names[:NAMED])) + more
    yield f"Whoever can pull {which} has it: revoke it, build anew without it, then delete the old image."
    layers = [place for place in places if isinstance(place, LayerFile)]
    if layers and all(place.gone and place.gone.how == "deleted" for place in layers):
        yield "Deleting it in a later layer did not remove it from the image."
    if any(isinstance(place, ImageConfig) and place.field.startswith("env/") for place in places):
        yield "docker inspect shows it: give it when the container starts, not by ENV or ARG."
    if bases := sorted({place.base for place in layers if place.base}):
        yield f"It came with the base image {printable(', '.join(bases[:NAMED]))}: tell those who build that."
