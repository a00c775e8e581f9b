"""What a proof sees, and what it may answer."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Outcome(Enum):
    """What an offline check says of a match."""

    REFUTED = "refuted"  #: not a credential of this type: no match
    PLAUSIBLE = "plausible"  #: nothing against it
    DOUBTFUL = "doubtful"  #: probably made up or broken: confidence becomes low
    PROVEN = "proven"  #: chance cannot pass this check

    def weight(self) -> int:
        """Order in which outcomes beat each other."""
        return ("refuted", "plausible", "doubtful", "proven").index(self.value)


class Evidence(NamedTuple):
    """A match as bytes: ``before`` and ``after`` are the rest of the match round ``secret``."""

    secret: bytes
    before: bytes = b""
    after: bytes = b""

    def __repr__(self) -> str:
        """Never the secret: evidence may stand in a traceback."""
        return f"Evidence({len(self.secret)} bytes)"
