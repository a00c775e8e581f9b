"""The whole history: every object of the object database once, whatever number of commits and paths have it."""

from __future__ import annotations

from leaksweep.targets.git.causes import shallow
from leaksweep.targets.git.inventory import inventory
from leaksweep.targets.git.memory import Memory
from leaksweep.targets.git.places import Asked
from leaksweep.targets.git.repository import Repository
from leaksweep.targets.git.target import Objects

REACHABLE = ("--all", "--reflog")  #: refs, HEADs of all work trees, stashes, reflogs


def history(path: str, *, dangling: bool = False, authors: bool = False) -> Objects:
    """What refs, stashes and reflogs reach; with ``dangling``, whatever else the object database holds.

    All of it is read, in the order in which it is packed: sorting out the dangling first would take longer. Without
    ``dangling``, what only a dangling object has is no finding.

    Raises:
        ScanError: there is no repository, it may not be read, or its history is not all here.
    """
    repository = Repository(path)
    if repository.shallow:
        raise shallow(path)
    head = repository.says("rev-parse", "--quiet", "--verify", "HEAD^{commit}") or ""
    asked = Asked((head,) if head else (), "history", dangling, authors)
    name = f"history of {path}{_submodules(repository, head)}"
    target = Objects(name, repository, lambda _: inventory(repository), asked)
    target.revisions, target.packed = REACHABLE, True
    if not dangling:
        target.memory = lambda cache, digest: Memory(cache, digest, repository, head, authors)
    return target


def _submodules(repository: Repository, head: str) -> str:
    """What to say of submodules: their histories are other repositories'."""
    there = head and repository.says("cat-file", "-e", f"{head}:.gitmodules") is not None
    return " (without its submodules)" if there else ""
