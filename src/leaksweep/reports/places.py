"""What is particular to each kind of place: one line of one table. Whatever all places have, reports ask them for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from leaksweep.model import CommitFile, File, GitText, ImageConfig, LayerFile, Place, Seen, step_of
from leaksweep.redact import printable
from leaksweep.reports import git


class _Kind(NamedTuple):
    name: str
    facts: Callable[[Any], dict[str, Any]]  #: the members that the json report adds for such a place
    lines: bool = True  #: whether lines and columns mean something there


def _layer(place: LayerFile) -> dict[str, Any]:
    facts: dict[str, Any] = {"image": place.reference, "layer": place.layer, "layer_index": place.index}
    facts |= {"gone": place.gone.how, "gone_in_layer": place.gone.layer} if place.gone else {}
    return facts | ({"base": printable(place.base)} if place.base else {}) | _made(place)


def _config(place: ImageConfig) -> dict[str, Any]:
    return {"image": place.reference, "field": place.field} | _made(place)


def _made(place: Place) -> dict[str, Any]:
    step = step_of(place)
    return {"dockerfile": {"uri": step.uri, "start_line": step.first, "end_line": step.last}} if step else {}


KINDS: dict[type, _Kind] = {
    File: _Kind("file", lambda _: {}),
    LayerFile: _Kind("layer", _layer),
    ImageConfig: _Kind("config", _config, lines=False),
    CommitFile: _Kind("git", git.facts),
    GitText: _Kind("git", git.facts),
}


def facts(place: Place) -> dict[str, Any]:
    """The kind of a place, and what places of that kind have: a layer its digest, a field its name."""
    kind = KINDS[type(place)]
    return {"kind": kind.name, **kind.facts(place)}


def where(seen: Seen) -> str:
    """A place, the position in it, and what the secret is wrapped in there: one printable line."""
    encoded = f" (in {', '.join(reversed(seen.encodings))})" if seen.encodings else ""
    at = f":{seen.location.start_line}:{seen.location.start_column}" if KINDS[type(seen.place)].lines else ""
    step = step_of(seen.place)
    return f"{seen.place.label}{at}{encoded}" + (f", made at {step.label}" if step else "")


def path(place: Place) -> str:
    """The place's URI as a path: of a file relative to the scanned root, of an image ``image/<repository>/…``."""
    from urllib.parse import unquote

    return printable(unquote(place.uri, errors="surrogateescape"))
