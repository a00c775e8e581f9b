"""What the matches say of an image as a whole: where its base ends, and which line made each layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leaksweep.dockerfile.forms import leaves_entry
from leaksweep.dockerfile.model import Base, Dockerfile, History, Match
from leaksweep.dockerfile.stages import NO_ARGUMENTS, chain, images, line, parents

_CHANGES = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})  #: what changes files


def base_layers(
    dockerfile: Dockerfile, matches: Sequence[Match | None], given: Mapping[str, str] = NO_ARGUMENTS
) -> Base | None:
    """How many entries of the history the base image brought, and its name; None where nothing was matched.

    ``given`` are the build's arguments, if they are known: ``FROM ${BASE}`` may depend on them.
    """
    found = [(number, match.instruction) for number, match in enumerate(matches) if match]
    if not found:
        return None
    stages = line(parents(dockerfile, given), found[-1][1].stage)
    start = dockerfile.stages[stages[0]].instructions[0]
    first = next(filter(leaves_entry, chain(dockerfile, stages)), start)
    return Base(
        entries=found[0][0],
        image=images(dockerfile, given)[stages[0]],
        start=start,
        exact=first == found[0][1],
    )


def layer_matches(history: Sequence[History], matches: Sequence[Match | None]) -> tuple[Match | None, ...]:
    """The match of each layer, from the base upwards; None where the layer may be more than one instruction's.

    Buildah without ``--layers`` puts everything into one layer, at the entry of the last instruction.
    """
    layers: list[Match | None] = []
    pending = False
    for entry, match in zip(history, matches, strict=True):
        changes = match is not None and match.instruction.keyword in _CHANGES
        if entry.empty_layer:
            pending |= changes and not entry.comment
            continue
        squashed = pending and entry.comment.startswith("FROM ")
        layers.append(match if changes and not squashed else None)
        pending = False
    return tuple(layers)
