"""Hooks into a repository, into all of a user's, or to a file that a server names, and out again."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence

from leaksweep.errors import UsageError
from leaksweep.hooks.shim import BEFORE, PASSED, is_ours, passing, scanning
from leaksweep.targets.git.repository import Repository, user_config


def install(name: str, options: Sequence[str] = (), *, for_all: bool = False, file: str = "") -> Iterator[str]:
    """Put a hook in its place; what was done, in lines.

    Raises:
        UsageError: it cannot be put there, or would run nowhere.
        ScanError: there is no repository here.
    """
    place = file or os.path.join(_folder_for_all() if for_all else _folder(name), name)
    yield _put(place, scanning(name, sys.executable, options, for_all=for_all))
    if for_all:
        folder = os.path.dirname(place)
        for other in PASSED:
            if not os.path.lexists(os.path.join(folder, other)):
                _put(os.path.join(folder, other), passing(other))
        if user_config("--get", "core.hooksPath") is None:
            user_config("core.hooksPath", folder)
            yield f"core.hooksPath in your git configuration is now {folder}; hooks of repositories are run from there"


def uninstall(name: str, *, for_all: bool = False, file: str = "") -> Iterator[str]:
    """Take a hook of ours away, and put back what stood there.

    Raises:
        UsageError: there is none of ours.
        ScanError: there is no repository here.
    """
    place = file or os.path.join(_folder_for_all() if for_all else _folder(name), name)
    if not is_ours(_script(place)):
        raise UsageError(f"{place}: is no hook of leaksweep's", "nothing was changed")
    with _told(place):
        if os.path.lexists(place + BEFORE):
            os.replace(place + BEFORE, place)
            yield f"{place}: what stood there before is back"
        else:
            os.unlink(place)
            yield f"{place}: removed"
    if for_all:
        yield from _leave(os.path.dirname(place), name)


def _leave(folder: str, name: str) -> Iterator[str]:
    """The folder for all repositories without one of our hooks: the last one takes all that was made with it."""
    scripts = {other: _script(os.path.join(folder, other)) for other in PASSED}
    if any(is_ours(script) and b"leaksweep hook run" in script for script in scripts.values()):
        if not os.path.lexists(os.path.join(folder, name)):
            _put(os.path.join(folder, name), passing(name))
        return
    for other, script in scripts.items():
        if is_ours(script):
            os.unlink(os.path.join(folder, other))
    if folder == _own_folder() and not os.listdir(folder):
        os.rmdir(folder)
        if user_config("--get", "core.hooksPath") == folder:
            user_config("--unset", "core.hooksPath")
            yield "core.hooksPath is no longer set in your git configuration"


def _folder(name: str) -> str:
    """Where git looks for hooks of the repository here: ``core.hooksPath``, or the repository's own folder."""
    repository = Repository(".")
    listed = repository.says("config", "-z", "--show-scope", "--type=path", "--get-all", "core.hooksPath") or ""
    parts = iter(listed.split("\0"))
    found = [(scope, value) for scope, value in zip(parts, parts, strict=False) if scope != "command"]
    if not found:
        common = repository.run("rev-parse", "--path-format=absolute", "--git-common-dir")
        return os.path.join(os.fsdecode(common[:-1]), "hooks")
    scope, value = found[-1]
    if scope in ("global", "system"):
        why = f"core.hooksPath of your {scope} git configuration sends git to {value}, for all repositories"
        raise UsageError(why, f"add --global to install it there, or --file {value}/{name}")
    top = repository.says("rev-parse", "--show-toplevel") or repository.folder
    return os.path.normpath(os.path.join(top, value))


def _folder_for_all() -> str:
    return user_config("--type=path", "--get", "core.hooksPath") or _own_folder()


def _own_folder() -> str:
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return os.path.join(home, "leaksweep", "hooks")


def _put(place: str, text: str) -> str:
    """Write a script; one that stands there and is not ours is moved beside it and run from it."""
    said = "installed"
    with _told(place):
        os.makedirs(os.path.dirname(place) or ".", exist_ok=True)
        if os.path.lexists(place):
            if is_ours(_script(place)):
                said = "renewed"
            elif os.path.lexists(place + BEFORE):
                raise UsageError(f"{place} and {place}{BEFORE} are both there", "remove one of them")
            else:
                os.rename(place, place + BEFORE)
                said = f"installed; what stood there is {os.path.basename(place)}{BEFORE} now and is run first"
        temporary = f"{place}.new"
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o755), "w") as script:
            script.write(text)
        os.chmod(temporary, 0o755)  # noqa: S103 - a hook must be executable, whatever the umask
        os.replace(temporary, place)
    return f"{place}: {said}"


def _script(place: str) -> bytes:
    try:
        with open(place, "rb") as script:
            return script.read()
    except OSError:
        return b""


@contextlib.contextmanager
def _told(place: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{place}: cannot be changed: {error.strerror}", "check the folder's permissions") from None
