"""git's complaints -> errors that say what to do."""

from __future__ import annotations

from leaksweep.errors import ScanError

UNSHALLOW = "fetch all of it: fetch-depth: 0 (GitHub), GIT_DEPTH: 0 (GitLab), git fetch --unshallow"

#: What git's message holds -> what is wrong, and the mend.
_KNOWN = (
    ("not a git repository", "it is not in a git repository", "give the folder of a clone, its .git included"),
    (
        "dubious ownership",
        "git refuses it: another user owns the repository that this folder is in",
        "name the repository's own folder, or run: git config --global --add safe.directory FOLDER",
    ),
    (
        "cannot use bare repository",
        "git refuses it: safe.bareRepository is explicit",
        "run: git config --global safe.bareRepository all",
    ),
)
_BROKEN = "fetch the repository again: git fsck says what is damaged"


def cause(path: str, command: str, complaints: str, status: int | None) -> ScanError:
    """The error for a git command that failed."""
    for text, what, mend in _KNOWN:
        if text in complaints:
            return ScanError(f"{path}: {what}", mend)
    lines = [line for line in complaints.splitlines() if line.startswith(("fatal: ", "error: "))]
    told = (lines or complaints.splitlines() or [f"it ended with {status}"])[-1]
    return ScanError(f"{path}: {command}: {told.removeprefix('fatal: ').removeprefix('error: ')}", _BROKEN)


def incomplete(path: str, why: str) -> ScanError:
    """The error for objects that did not come though they were asked for."""
    return ScanError(f"{path}: {why}", _BROKEN)


def shallow(path: str) -> ScanError:
    """The error for a history whose beginning is not here."""
    return ScanError(f"{path}: the clone is shallow: most of its history is not here", UNSHALLOW)


def no_commit(path: str, name: str) -> ScanError:
    """The error for an end of a range that is not here."""
    return ScanError(f"{path}: there is no commit {name} here", f"fetch it; {UNSHALLOW}")


def cut_range(path: str, name: str) -> ScanError:
    """The error for a range that reaches beyond a shallow clone's end."""
    return ScanError(f"{path}: the clone is shallow: not all commits of {name} are here", UNSHALLOW)
