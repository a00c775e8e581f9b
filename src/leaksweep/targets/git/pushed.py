"""What a push brings, from the lines that git gives to its hooks: all that the other side lacks, and no more."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from leaksweep.errors import UsageError
from leaksweep.targets.git.places import Asked
from leaksweep.targets.git.range import brought
from leaksweep.targets.git.repository import Repository
from leaksweep.targets.git.target import Objects

#: What a hook on the receiving side must see: new objects lie in quarantine until it has passed.
QUARANTINE = ("GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")
HEADS = 16  #: tips whose files are compared with what was found, to say whether it is still there
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Update(NamedTuple):
    """A ref that a push changes: what it had and what it gets, as ids; all zeros where it had or gets nothing."""

    old: str
    new: str


def sent(lines: bytes) -> list[Update]:
    """The lines of a pre-push hook: ``<local ref> <local id> <remote ref> <remote id>``.

    Raises:
        UsageError: they are none.
    """
    # What was pushed may be written as any expression, with blanks in it.
    return [Update(old, new) for _, new, _, old in _split(lines, lambda line: line.rsplit(b" ", 3), 4)]


def received(lines: bytes) -> list[Update]:
    """The lines of a pre-receive hook: ``<old id> <new id> <ref>``.

    Raises:
        UsageError: they are none.
    """
    return [Update(old, new) for old, new, _ in _split(lines, lambda line: line.split(b" ", 2), 3)]


def framework(environ: Mapping[str, str]) -> list[Update] | None:
    """What the pre-commit framework says of a push in variables; None where it says nothing."""
    if not environ.get("PRE_COMMIT_REMOTE_NAME"):
        return None
    new = environ.get("PRE_COMMIT_TO_REF") or environ.get("PRE_COMMIT_LOCAL_BRANCH") or "HEAD"
    return [Update(environ.get("PRE_COMMIT_FROM_REF", ""), new)]


def outgoing(repository: Repository, updates: Iterable[Update], remote: str) -> Objects | None:
    """What ``remote`` (its name or its address) is sent: all but what it is known to have. None if that is nothing."""
    here = _refs(repository, f"refs/remotes/{remote}/") if remote else []
    return _brought(repository, f"what {remote or 'the remote'} lacks", list(updates), here)


def incoming(repository: Repository, updates: Iterable[Update]) -> Objects | None:
    """What was received and no ref has yet. None if that is nothing, as after deletions."""
    return _brought(repository, "what was pushed", list(updates), _refs(repository, "refs/"))


def _brought(repository: Repository, name: str, updates: list[Update], known: list[str]) -> Objects | None:
    tips = _there(repository, [update.new for update in updates], must=True)
    if not tips:
        return None
    known = _there(repository, [*known, *(update.old for update in updates)])
    commits = _there(repository, [f"{tip}^{{commit}}" for tip in tips])
    asked = Asked(tuple(commits) if len(commits) <= HEADS else (), "range", refs=False)
    return brought(repository, name, asked, (*tips, *(f"^{i}" for i in known)))


def _there(repository: Repository, names: Iterable[str], *, must: bool = False) -> list[str]:
    """The ids of those that are here: of what the other side has, not all may be.

    Raises:
        UsageError: one that ``must`` be here is not.
    """
    asked = list(dict.fromkeys(name for name in names if name.strip("0")))
    listed = repository.run("cat-file", "--batch-check=%(objectname)", "--buffer", stdin=_lines(asked)).splitlines()
    found = [line.decode("ascii", "replace") for line in listed]
    if must and (absent := [name for name, line in zip(asked, found, strict=True) if not _ID.fullmatch(line)]):
        raise UsageError(f"{absent[0]}: there is no such object here", "give what git gives to its hooks")
    return list(dict.fromkeys(line for line in found if _ID.fullmatch(line)))


def _lines(names: Iterable[str]) -> bytes:
    return b"".join(b"%s\n" % os.fsencode(name) for name in names)


def _refs(repository: Repository, prefix: str) -> list[str]:
    listed = repository.run("for-each-ref", "--format=%(objectname) %(refname)").splitlines()
    start = os.fsencode(prefix)
    return [line.partition(b" ")[0].decode() for line in listed if line.partition(b" ")[2].startswith(start)]


def _split(lines: bytes, split: Callable[[bytes], list[bytes]], count: int) -> Iterator[list[str]]:
    for number, line in enumerate(lines.splitlines(), 1):
        parts = [os.fsdecode(part) for part in split(line)]
        if len(parts) != count or sum(bool(_ID.fullmatch(part)) for part in parts) < 2:
            raise UsageError(f"standard input, line {number}: not what git gives to this hook", "let git call it")
        yield parts
