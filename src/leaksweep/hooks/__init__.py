"""Git hooks: what each of them looks at, what it tells, and how it gets into a repository without ousting another."""

from __future__ import annotations

from typing import NamedTuple


class Hook(NamedTuple):
    """A hook of git's: what it stops, and how a person mends that."""

    stops: str
    mend: str
    allow: str  #: how to get past it, where that is the person's own decision
    on_server: bool = False
    reads: bool = True  #: whether git tells it on standard input what it is about


_REWRITE = "take it out of the commit that brought it (git commit --amend, git rebase -i)"
HOOKS = {
    "pre-commit": Hook(
        "commit",
        "take it out of the file, git add the file again, and commit",
        "git commit --no-verify commits all the same",
        reads=False,
    ),
    "pre-push": Hook("push", f"{_REWRITE}: a later commit is not enough", "git push --no-verify pushes all the same"),
    "pre-receive": Hook("push", f"{_REWRITE}, and push again", "", on_server=True),
}
