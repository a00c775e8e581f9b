"""The scripts that git calls. They run what stood there before, then leaksweep; if leaksweep is gone, they fail."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from leaksweep.hooks import HOOKS

MARK = "# leaksweep hook"  #: the second line of each begins so
BEFORE = ".before-leaksweep"  #: what is added to the name of the hook that stood there
#: Hooks that a folder for all repositories would silence, but those whose mere presence changes what git does.
PASSED = (
    "applypatch-msg",
    "commit-msg",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-merge",
    "post-rewrite",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-merge-commit",
    "pre-rebase",
    "prepare-commit-msg",
    "sendemail-validate",
    *HOOKS,
)

_HEAD = f"""\
#!/bin/sh
{MARK}: {{name}}
# Made by `leaksweep hook install`. `leaksweep hook uninstall` removes it and puts back what stood here before.
"""
_LINES = """\
lines=$(cat)
feed() { [ -z "$lines" ] || printf '%s\\n' "$lines"; }
"""
_NO_LINES = "feed() { :; }\n"
_RUN_BEFORE = f"""\
if [ -x "$0{BEFORE}" ]; then
  feed | "$0{BEFORE}" "$@" || exit $?
fi
"""
_RUN_OWN = f"""\
# Git looks for hooks here instead of in the repository, whose own hook is run from here.
own=$(git rev-parse --git-common-dir)/hooks/{{name}}
if [ -x "$own" ] && ! [ "$own" -ef "$0" ]; then
  if grep -q '^{MARK}' "$own"; then feed | "$own" "$@"; exit $?; fi
  feed | "$own" "$@" || exit $?
fi
"""
_SCAN = """\
python={python}
if ! [ -x "$python" ]; then
  echo "leaksweep: error: $python is gone, nothing was scanned; install leaksweep, and its hook anew" >&2
  exit 3
fi
feed | "$python" -P -m leaksweep hook run --type {name}{options}
"""


def scanning(name: str, python: str, options: Sequence[str] = (), *, for_all: bool = False) -> str:
    """The script of one of our hooks; ``options`` are those of a scan, ``for_all`` is for all repositories."""
    given = "".join(f" {shlex.quote(option)}" for option in options)
    remote = ' --remote "$1"' if name == "pre-push" else ""
    reads = _LINES if HOOKS[name].reads else _NO_LINES
    parts = (_HEAD, reads, _RUN_BEFORE, _RUN_OWN if for_all else "")
    scan = _SCAN.replace("{python}", shlex.quote(python)).replace("{options}", remote + given)
    return "".join((*parts, scan)).replace("{name}", name)


def passing(name: str) -> str:
    """The script of a hook that is not ours, in a folder for all repositories: it runs the repository's own."""
    own = 'own=$(git rev-parse --git-common-dir)/hooks/{name}\n[ -x "$own" ] || exit 0\nexec "$own" "$@"\n'
    return (_HEAD + own).replace("{name}", name)


def is_ours(script: bytes) -> bool:
    """Whether we made this script."""
    return script.partition(b"\n")[2].startswith(MARK.encode())
