"""How much a rule asks of the pattern engines. Rules may come from a pull request, and the time to compile a pattern
grows with the square of its steps: ``[^a]{1,200}`` are 200 and more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leaksweep.engine.patterns import steps
from leaksweep.rulecheck.fault import Fault, Source

MOST = 6_000  #: steps of one rule, in RE2's instructions
ALL = 300_000  #: steps of all of them together
_MEND = "write it with fewer or smaller bounded repeats, or with {n,} and a width"


def too_heavy(sources: Sequence[Source]) -> Iterator[tuple[Source, Fault]]:
    """The user's own rules that are too large to compile, and those for which the others left nothing."""
    total = 0
    for source in sources:
        if source.built_in:
            continue
        for key, pattern in (("pattern", source.rule.pattern), ("prefilter", source.rule.prefilter)):
            if (count := steps(pattern, MOST)) is None:
                yield source, Fault(key, f"is of more than {MOST:,} steps", _MEND)
                break
            total += count
        else:
            if total > ALL:
                what = f"with the rules before it there are more than {ALL:,} steps"
                yield source, Fault("pattern", what, "give fewer or smaller rules")
