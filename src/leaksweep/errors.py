"""The error tree, and the exit codes that are our contract with every CI.

    LeaksweepError
    ├── UsageError        2  the command line or a configuration file is wrong
    │   └── RuleError     2  a rule file is wrong: names file, rule and key
    └── ScanError         3  a target could not be read to its end, so the scan is incomplete

    Interrupted           3  a signal ended the run: Ctrl-C, or a CI that stops a job. Nothing may swallow it

An exception of any other type that reaches the command line is our bug: exit 4.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller; the same in every format."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INCOMPLETE = 3
    BUG = 4


class LeaksweepError(Exception):
    """One clear line for the user: what is wrong, and how to mend it."""

    exit_code: ExitCode = ExitCode.BUG

    def __init__(self, what: str, mend: str = "") -> None:
        self.what = what
        self.mend = mend
        super().__init__(f"{what}; {mend}" if mend else what)


class UsageError(LeaksweepError):
    """The user asked for something that does not exist or makes no sense."""

    exit_code = ExitCode.USAGE


class RuleError(UsageError):
    """A rule file is not what it must be."""


class ScanError(LeaksweepError):
    """A target could not be read to its end: nothing may be called clean."""

    exit_code = ExitCode.INCOMPLETE


class Interrupted(BaseException):
    """The run was ended before it was through, as ``text`` says: raised wherever the main thread happens to be."""

    def __init__(self, text: str, exit_code: ExitCode = ExitCode.INCOMPLETE) -> None:
        self.exit_code = exit_code
        super().__init__(text)
