"""What BuildKit itself says of a build: the lines that made each layer, in a provenance attestation of ``mode=max``."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_V02 = "https://mobyproject.org/buildkit@v1#metadata"
_V1 = "buildkit_metadata"
_TEXT = 4 * 1024 * 1024  #: characters of an embedded file, in base64
_LINE = 10_000_000  #: no file has more lines


class SourceFile(NamedTuple):
    """A file that the build was read from, usually the Dockerfile; ``text`` is None where it is not embedded."""

    name: str
    text: str | None


class Lines(NamedTuple):
    """Lines (1-based, both included) of a file, by its number in ``Provenance.files``."""

    file: int
    first: int
    last: int


class Provenance(NamedTuple):
    """The parts of an attestation that tell lines."""

    files: tuple[SourceFile, ...]
    steps: Mapping[str, tuple[Lines, ...]]  #: by the step's name; several where equal instructions share a step
    layers: Mapping[str, str]  #: digest of a layer, as its manifest has it -> the step that made it

    def of_layer(self, digest: str) -> tuple[Lines, ...]:
        """The lines that made a layer; those of a ``FROM`` for a layer of the base image."""
        return self.steps.get(self.layers.get(digest, ""), ())


def from_provenance(predicate: object) -> Provenance | None:
    """What an SLSA predicate of BuildKit (v0.2 or v1), or the whole statement round it, says of lines and layers.

    None where it says nothing, as with ``mode=min``.
    """
    metadata = _metadata(_mapping(_mapping(predicate).get("predicate")) or _mapping(predicate))
    source = _mapping(metadata.get("source"))
    steps = {name: lines for name, found in _mapping(source.get("locations")).items() if (lines := _lines(found))}
    files = tuple(_file(_mapping(info)) for info in _list(source.get("infos")))
    layers = _layers(_mapping(metadata.get("layers")))
    return Provenance(files, steps, layers) if steps or files else None


def _metadata(predicate: Mapping[str, Any]) -> Mapping[str, Any]:
    old = _mapping(_mapping(predicate.get("metadata")).get(_V02))
    return old or _mapping(_mapping(_mapping(predicate.get("runDetails")).get("metadata")).get(_V1))


def _lines(found: object) -> tuple[Lines, ...]:
    known: dict[Lines, None] = {}
    for location in _list(_mapping(found).get("locations")):
        ranges = [_mapping(entry) for entry in _list(_mapping(location).get("ranges"))]
        first = [line for entry in ranges if (line := _line(entry.get("start")))]
        last = [line for entry in ranges if (line := _line(entry.get("end")))]
        if first:
            file = _mapping(location).get("sourceIndex", 0)
            known[Lines(file if type(file) is int else 0, min(first), max(first + last))] = None
    return tuple(known)


def _line(position: object) -> int | None:
    line = _mapping(position).get("line")
    return line if type(line) is int and 0 < line <= _LINE else None


def _file(info: Mapping[str, Any]) -> SourceFile:
    name, data = info.get("filename"), info.get("data")
    return SourceFile(name if isinstance(name, str) else "", _text(data) if isinstance(data, str) else None)


def _text(data: str) -> str | None:
    if not data or len(data) > _TEXT:
        return None
    try:
        return base64.b64decode(data, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None


def _layers(chains: Mapping[str, Any]) -> dict[str, str]:
    """Each step lists its own layer after all those below it: the step with the shortest list made a layer."""
    found: dict[str, str] = {}
    for _, step, digests in sorted(_digests(chains)):
        for digest in digests:
            found.setdefault(digest, step)
    return found


def _digests(chains: Mapping[str, Any]) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    for output, variants in chains.items():
        for layers in _list(variants):
            digests = tuple(d for layer in _list(layers) if isinstance(d := _mapping(layer).get("digest"), str))
            yield len(digests), output.partition(":")[0], digests


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
