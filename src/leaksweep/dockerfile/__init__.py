"""Dockerfiles: pure functions over texts, without Docker and without input or output.

They read texts of strangers: none raises, and none is slow.
"""

from leaksweep.dockerfile.model import Dockerfile, Heredoc, Instruction, Stage, instruction_at
from leaksweep.dockerfile.parse import parse

__all__ = ["Dockerfile", "Heredoc", "Instruction", "Stage", "instruction_at", "parse"]
