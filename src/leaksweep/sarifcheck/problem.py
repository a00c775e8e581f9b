"""What a check found: where, who minds, and how to mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from leaksweep.redact import printable

ERROR, WARNING = "error", "warning"
SHOWN = 60  #: characters of a value that are shown
ALIKE = 5  #: places at which one and the same problem is told


class Problem(NamedTuple):
    """One thing that one consumer refuses or loses (an error) or misreads (a warning)."""

    level: str
    consumer: str
    where: str  #: JSON path from the file's root, ``$``
    what: str  #: is wrong with it
    why: str  #: the consumer minds
    mend: str

    def __str__(self) -> str:
        """One printable line that begins with our own word."""
        mend = f" ({self.mend})" if self.mend else ""
        return printable(f"{self.level:<7}  {self.consumer:<7}  {self.where} {self.what}: {self.why}{mend}")


def told(problems: Iterable[Problem]) -> Iterator[str]:
    """A line a problem; how many more there are of those that occur over and over."""
    alike: Counter[tuple[str, str]] = Counter()
    for problem in problems:
        alike[problem.consumer, problem.why] += 1
        if alike[problem.consumer, problem.why] <= ALIKE:
            yield str(problem)
    for (consumer, why), count in alike.items():
        if count > ALIKE:
            yield f"and      {consumer:<7}  {count - ALIKE:,} more like: {why}"


def path(*steps: str | int) -> str:
    """``("runs", 0, "a/b")`` -> ``$.runs[0]['a/b']``."""
    text = "$"
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if step.replace("$", "").isidentifier() else f"[{step!r}]"
    return text


def shown(value: object) -> str:
    """A value of the file in a few characters."""
    text = repr(value) if isinstance(value, str | int | float | bool) or value is None else f"a {type(value).__name__}"
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
