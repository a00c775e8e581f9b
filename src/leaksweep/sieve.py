"""What a target may ask about contents that are versions of one another before any of them is scanned."""

from __future__ import annotations

from collections.abc import Sequence

from leaksweep.engine import Changes, Engine, Notes, Witnesses
from leaksweep.model import Blob
from leaksweep.traces import Trace
from leaksweep.unpack.magic import HEAD, ends_as_zip, is_packed


class Sieve:
    """Asks an engine, of contents that hold nothing packed."""

    def __init__(self, engine: Engine, changes: Changes) -> None:
        self._engine = engine
        self._changes = changes
        self.around = changes.around

    @classmethod
    def of(cls, engine: Engine) -> Sieve | None:
        """A sieve, if the engine's rules allow for one."""
        return cls(engine, changes) if (changes := engine.changes()) else None

    def plain(self, data: bytes) -> bool:
        """Whether a content is searched as it stands, and only so."""
        return is_plain(data, self._engine)

    def empty(self, data: bytes, trace: Trace) -> bool:
        """Whether nothing is found in a content with this trace: no secret, no public half of one, nothing that was not
        looked into.
        """
        if not trace.goes_on:
            return not self._engine.holds(data, sorted(trace.ends))
        notes = Notes(Witnesses(), [])
        return not any(self._engine.scan(Blob(None, data), notes)) and not notes.witnesses and not notes.gaps

    def ask(self, contents: Sequence[bytes]) -> dict[int, Trace]:
        """The traces of those in which there may be something, by their indexes."""
        return self._changes.ask(contents)


def is_plain(data: bytes, engine: Engine) -> bool:
    """Whether a whole content has nothing packed in it and is searched as it stands."""
    return not is_packed(data[:HEAD]) and not ends_as_zip(data) and engine.is_plain(data)
