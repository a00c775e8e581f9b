"""git: every object of a history once, straight from the object database, or what a range of commits brought."""

from leaksweep.targets.git.history import history
from leaksweep.targets.git.range import Range, commit_range, parse_range
from leaksweep.targets.git.target import Objects

__all__ = ["Objects", "Range", "commit_range", "history", "parse_range"]
