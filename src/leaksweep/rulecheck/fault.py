"""What a check finds, and what it may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from leaksweep.errors import RuleError
from leaksweep.model import Rule


class Source(NamedTuple):
    """A rule, and the file that it stands in, as the user names it."""

    file: str
    rule: Rule
    built_in: bool = False

    def error(self, fault: Fault) -> RuleError:
        """The fault as one line: file, rule, key, what is wrong and how to mend it."""
        return RuleError(f"{self.file}: rule {self.rule.id!r}: {fault.key}: {fault.what}", fault.mend)


class Fault(NamedTuple):
    """Something wrong with one key of a rule."""

    key: str
    what: str
    mend: str


class Known(NamedTuple):
    """All rules that will be used together: those that are checked and those that are there anyway."""

    by_id: dict[str, Rule]
    checked: frozenset[str]  #: ids


Check = Callable[[Rule, Known], Iterator[Fault]]
