"""What a hook looks at, as targets of a scan."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from leaksweep.errors import UsageError
from leaksweep.hooks import HOOKS
from leaksweep.targets.git import Objects
from leaksweep.targets.git.pushed import QUARANTINE, framework, incoming, outgoing, received, sent
from leaksweep.targets.git.repository import Repository
from leaksweep.targets.git.staged import Staged

#: Git tells its hooks where the repository is, and which index becomes the commit (``git commit --only`` makes one).
_TOLD = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE")


def targets(
    name: str, lines: bytes, remote: str = "", environ: Mapping[str, str] = os.environ
) -> Iterable[Staged | Objects]:
    """What the hook ``name`` looks at in the current folder's repository; nothing, for a push that only deletes.

    Raises:
        UsageError: there is no such hook, or ``lines`` are not what git gives to it.
        ScanError: there is no repository, or it may not be read.
    """
    repository = Repository(".", environ, keep=(*_TOLD, *QUARANTINE))
    if name == "pre-commit":
        return [Staged(repository)]
    if name == "pre-push":
        updates = framework(environ)
        told = environ.get("PRE_COMMIT_REMOTE_NAME", "") if updates else remote
        found = outgoing(repository, sent(lines) if updates is None else updates, told)
    else:
        found = incoming(repository, received(lines))
    return [found] if found else []


def known(name: str) -> str:
    """The name of a hook.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in HOOKS:
        raise UsageError(f"--type {name}: leaksweep has no such hook", f"use one of {', '.join(HOOKS)}")
    return name
