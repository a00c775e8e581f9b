"""The fields of an image's configuration as blobs: each gets its own, whatever its type.

Fields that we know get short names and a text that reads like its source (``env/API_KEY``: ``API_KEY=value``; ``cmd``:
the words in a line). Every other string is scanned too, under its path in the document, so that a field of a wrong type
or of a later version is no hiding place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leaksweep.model import Blob
from leaksweep.targets.image.documents import Json, mapping, sequence, text, texts
from leaksweep.targets.image.places import InDocument
from leaksweep.unpack.streams import is_digest

_Field = tuple[str, str]  # the field's name, its text


def blobs(key: str, document: Mapping[str, Json]) -> list[Blob]:
    """A blob for each field of a configuration; ``key`` is the carrier's name for the document."""
    return [_blob(key, field) for field in _fields(document)]


def notes(key: str, document: Mapping[str, Json]) -> list[Blob]:
    """A blob for each annotation and address in a manifest or an index, its own and those of its descriptors."""
    return [_blob(key, field) for field in _notes("", document)]


def _blob(key: str, field: _Field) -> Blob:
    return Blob(InDocument(key, field[0]), field[1].encode("utf-8", "surrogatepass"))


def _notes(prefix: str, document: Mapping[str, Json]) -> Iterator[_Field]:
    for key, value in document.items():
        name = f"{prefix}{key}"
        if key in {"annotations", "urls"}:
            yield from _leaves(name, value)
            continue
        yield from _notes(f"{name}/", mapping(value))
        for number, child in enumerate(sequence(value)):
            yield from _notes(f"{name}/{number}/", mapping(child))


def _fields(document: Mapping[str, Json]) -> Iterator[_Field]:
    for key, value in document.items():
        if key in {"config", "container_config"} and isinstance(value, dict):
            yield from _container("" if key == "config" else f"{key}/", value)
        elif key == "history" and isinstance(value, list):
            yield from _history(value)
        else:
            yield from _leaves(key, value)


def _container(prefix: str, config: Mapping[str, Json]) -> Iterator[_Field]:
    for key, value in config.items():
        name = f"{prefix}{key.lower()}"
        if key == "Env" and isinstance(value, list):
            yield from _environment(name, value)
        elif key in {"Cmd", "Entrypoint", "Shell"} and _is_words(value):
            yield name, " ".join(texts(value))
        elif key == "Healthcheck" and _is_words(mapping(value).get("Test")):
            yield name, " ".join(texts(mapping(value)["Test"]))
            yield from _leaves(name, {k: v for k, v in mapping(value).items() if k != "Test"})
        else:
            yield from _leaves(name, value)


def _environment(name: str, entries: list[Json]) -> Iterator[_Field]:
    for number, entry in enumerate(entries):
        variable, equals, _ = text(entry).partition("=")
        # Without "=" the text may be the secret itself, which must not become the name of a place.
        yield from _leaves(f"{name}/{variable if equals else number}", entry)


def _history(entries: list[Json]) -> Iterator[_Field]:
    for number, entry in enumerate(entries):
        fields = mapping(entry)
        if command := text(fields.get("created_by")):
            yield f"history/{number}", command
            fields = {k: v for k, v in fields.items() if k != "created_by"}
        yield from _leaves(f"history/{number}", dict(fields) if isinstance(entry, dict) else entry)


def _is_words(value: Json) -> bool:
    return bool(sequence(value)) and all(isinstance(word, str) for word in sequence(value))


def _leaves(name: str, value: Json) -> Iterator[_Field]:
    """Every string below ``value``; digests are none of anybody's secrets."""
    pending: list[tuple[str, str, Json]] = [(name, "", value)]
    while pending:
        path, label, node = pending.pop()
        if isinstance(node, str):
            if node and not is_digest(node):
                yield path, f"{label}={node}" if label else node
        elif isinstance(node, dict):
            pending.extend((f"{path}/{key}", key, child) for key, child in reversed(node.items()))
        elif isinstance(node, list):
            pending.extend((f"{path}/{i}", "", child) for i, child in reversed(tuple(enumerate(node))))
