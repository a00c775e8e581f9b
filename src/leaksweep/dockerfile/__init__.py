"""Which line of a Dockerfile made which layer: pure functions over texts, without Docker and without input or output.

``parse`` reads a Dockerfile, ``attribute`` aligns it with an image's history, ``from_provenance`` reads what BuildKit
itself wrote down, which is surer. All three read texts of strangers: none raises, and none is slow.
"""

from leaksweep.dockerfile.align import attribute
from leaksweep.dockerfile.base import base_layers, layer_matches
from leaksweep.dockerfile.model import Base, Dockerfile, Heredoc, History, Instruction, Match, Stage, instruction_at
from leaksweep.dockerfile.parse import parse
from leaksweep.dockerfile.provenance import Lines, Provenance, SourceFile, from_provenance

__all__ = [
    "Base",
    "Dockerfile",
    "Heredoc",
    "History",
    "Instruction",
    "Lines",
    "Match",
    "Provenance",
    "SourceFile",
    "Stage",
    "attribute",
    "base_layers",
    "from_provenance",
    "instruction_at",
    "layer_matches",
    "parse",
]
