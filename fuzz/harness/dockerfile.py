"""A Dockerfile and an image's history, both of strangers: nothing is an error, and every line named is one of the text.

The input is the Dockerfile, then entries of the history after ``\0`` each: the first letter says whether it is an empty
layer. What begins with ``{`` is provenance too.
"""

from __future__ import annotations

import json

from leaksweep.dockerfile import History, attribute, base_layers, from_provenance, instruction_at, layer_matches, parse
from leaksweep.dockerfile.words import expand, pairs, words

WORDS = (
    *(b"FROM ", b"RUN ", b"COPY ", b"ADD ", b"ENV ", b"ARG ", b"LABEL ", b"CMD ", b"WORKDIR ", b"ONBUILD "),
    *(b"HEALTHCHECK ", b"SHELL ", b"EXPOSE ", b"VOLUME ", b"USER ", b" AS ", b"--from=", b"--mount=", b"<<EOF"),
    *(b"/bin/sh -c ", b"#(nop) ", b"# buildkit", b"|1 A=b ", b"# escape=`\n", b"${A:-", b"${A:+", b"\\\n", b"\0"),
    *(b"buildkit_metadata", b"layers", b"step0", b"locations", b"sourceRange", b"infos", b"digestMapping"),
)
LENGTH = 4096


def run(data: bytes) -> None:
    """Parse, align, and ask what the history's layers are made by."""
    text, *entries = data.decode("utf-8", "surrogateescape").split("\0")
    read = parse(text)
    lines = text.count("\n") + 1
    last = 0
    for found in read.instructions:
        assert last < found.first <= found.last <= lines, found
        last = found.last
        assert instruction_at(read, found.first) == found
        words(found.text, read.escape)
        pairs(found.text, read.escape)
        expand(found.text, {"A": "$A"}, read.escape)
    history = [History(entry[1:], entry[:1] == "e", "FROM x" if entry[:1] == "f" else "") for entry in entries]
    for target in (None, "a"):
        matches = attribute(read, history, target)
        assert len(matches) == len(history)
        assert all(
            match is None or (match.instruction in read.instructions and 0 < match.score <= 1) for match in matches
        )
        base_layers(read, matches)
        assert len(layer_matches(history, matches)) == sum(not entry.empty_layer for entry in history)
    if text.startswith("{"):
        _provenance(text)


def _provenance(text: str) -> None:
    try:
        predicate = json.loads(text)
    except (ValueError, RecursionError):
        return
    if found := from_provenance(predicate):
        for digest in found.layers:
            for lines in found.of_layer(digest):
                assert 1 <= lines.first <= lines.last  # a file may have a number that none has: then they are nobody's
