"""Which line of the workspace's Dockerfile made a layer or a field of an image, and what came from its base image."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from leaksweep.dockerfile import History, Match, Provenance, attribute, base_layers, layer_matches, parse
from leaksweep.errors import UsageError
from leaksweep.inputs import read
from leaksweep.lines import line_hashes
from leaksweep.model import Step
from leaksweep.targets.image.documents import Json, mapping, sequence, text
from leaksweep.targets.workspace import below_root

LARGEST = 1024 * 1024  #: bytes of a Dockerfile that is read
_KEYWORDS = {"cmd": "CMD", "entrypoint": "ENTRYPOINT", "healthcheck": "HEALTHCHECK", "user": "USER", "shell": "SHELL"}
_NAMED = {"env": "ENV", "labels": "LABEL"}


class Made(NamedTuple):
    """What is known of an image: a step for each layer (None: unknown) and field, and its base image."""

    layers: tuple[Step | None, ...] = ()
    fields: Mapping[str, Step] = {}
    base: str = ""
    inherited: int = 0  #: layers, from the lowest, that the base image brought

    def step(self, index: int) -> Step | None:
        """The step that made a layer, by its position from 1."""
        return self.layers[index - 1] if 0 < index <= len(self.layers) else None

    def base_of(self, index: int) -> str:
        """The image that a layer was inherited from, or an empty text."""
        return self.base if 0 < index <= self.inherited else ""


UNKNOWN = Made()


class Maker:
    """The Dockerfile that may have made the images of a run. What it did not make stays unknown."""

    def __init__(self, file: str = "", data: bytes | None = None) -> None:
        self._file = file
        self._data = data or b""
        self._dockerfile = None if data is None else parse(data.decode("utf-8", "replace"))

    def of(self, config: Mapping[str, Json], attested: Provenance | None = None, digests: Sequence[str] = ()) -> Made:
        """What the Dockerfile says of an image with this configuration, and layers of these ``digests``.

        BuildKit's word (``attested``) counts before what the history lets one conclude.
        """
        if self._dockerfile is None:
            return UNKNOWN
        made, told = self._concluded(config), dict(self._attested(attested, digests))
        if not told:
            return made
        known = (*made.layers, *[None] * (len(digests) - len(made.layers)))
        return made._replace(layers=tuple(told.get(number, step) for number, step in enumerate(known)))

    def _concluded(self, config: Mapping[str, Json]) -> Made:
        history = [_entry(mapping(entry)) for entry in sequence(config.get("history"))]
        if self._dockerfile is None or not history:
            return UNKNOWN
        matches = attribute(self._dockerfile, history)
        base = base_layers(self._dockerfile, matches)
        if base is None:
            return UNKNOWN
        inherited = sum(not entry.empty_layer for entry in history[: base.entries]) if base.exact else 0
        layers = tuple(match and self._step(match) for match in layer_matches(history, matches))
        return Made(layers, dict(self._fields(matches)), base.image, inherited)

    def _attested(self, attested: Provenance | None, digests: Sequence[str]) -> Iterator[tuple[int, Step | None]]:
        """The step of each layer that BuildKit names one for, if it built from this very Dockerfile."""
        if attested is None or self._dockerfile is None:
            return
        own = self._data.decode("utf-8", "replace")
        ours = {number for number, file in enumerate(attested.files) if file.text == own}
        count = own.count("\n") + 1
        starts = {stage.instructions[0].first for stage in self._dockerfile.stages}
        for number, digest in enumerate(digests):
            lines = [line for line in attested.of_layer(digest) if line.file in ours and line.last <= count]
            if len(lines) == 1:
                _, first, last = lines[0]
                yield number, None if first in starts else self._lines(first, last)

    def _fields(self, matches: tuple[Match | None, ...]) -> Iterator[tuple[str, Step]]:
        """The step of each field; of several that set it, the last one comes last."""
        for number, match in enumerate(matches):
            if match is None:
                continue
            step, keyword = self._step(match), match.instruction.keyword
            yield f"history/{number}", step
            yield from ((field, step) for field, wanted in _KEYWORDS.items() if wanted == keyword)
            for field, wanted in _NAMED.items():
                if wanted == keyword:
                    yield from ((f"{field}/{name}", step) for name in _names(match.instruction.text))

    def _step(self, match: Match) -> Step:
        return self._lines(match.instruction.first, match.instruction.last)

    def _lines(self, first: int, last: int) -> Step:
        lines = self._data.decode("utf-8", "replace").split("\n")
        width = len(lines[last - 1].rstrip("\r").encode("utf-16-le")) // 2 if last <= len(lines) else 0
        return Step(self._file, first, last, width + 1, line_hashes(self._data, (first,)).get(first, ""))


NOBODY = Maker()


def maker(path: str, scanned: str) -> Maker:
    """The Dockerfile at ``path``, or, without one, that of the scanned folder, if there is one.

    Raises:
        UsageError: ``path`` cannot be read.
    """
    found = path or os.path.join(scanned, "Dockerfile")
    if not path and not os.path.isfile(found):
        return NOBODY
    try:
        return Maker(below_root(found), read(found, trusted=True, largest=LARGEST))
    except UsageError as error:
        raise UsageError(f"--dockerfile {error.what}", "give a Dockerfile") from None


def _entry(entry: Mapping[str, Json]) -> History:
    return History(text(entry.get("created_by")), entry.get("empty_layer") is True, text(entry.get("comment")))


def _names(assigned: str) -> Iterator[str]:
    """The names that ``ENV`` or ``LABEL`` sets: ``A=b "C"=d``, or ``A b``."""
    words = assigned.split()
    named = [word.partition("=")[0].strip("\"'") for word in words if "=" in word]
    yield from named or words[:1]
