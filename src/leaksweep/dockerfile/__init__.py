"""Which line of a Dockerfile made which layer: pure functions over texts, without Docker and without input or output.

``parse`` reads a Dockerfile, ``attribute`` aligns it with an image's history. Both read texts of strangers: neither
raises, and neither is slow.
"""

from leaksweep.dockerfile.align import attribute
from leaksweep.dockerfile.base import base_layers, layer_matches
from leaksweep.dockerfile.model import Base, Dockerfile, Heredoc, History, Instruction, Match, Stage, instruction_at
from leaksweep.dockerfile.parse import parse

__all__ = [
    "Base",
    "Dockerfile",
    "Heredoc",
    "History",
    "Instruction",
    "Match",
    "Stage",
    "attribute",
    "base_layers",
    "instruction_at",
    "layer_matches",
    "parse",
]
