"""The first configuration file of a project, with everything it can say in comments and a salt of its own."""

from __future__ import annotations

import os
import secrets

from leaksweep.errors import UsageError
from leaksweep.settings import CONFIG

TEXT = """\
# Configuration of leaksweep. Flags and variables outrank it; `leaksweep config show` prints what is in force and why.

# Whose comments may ignore a secret; by default those of all tools that are known.
# markers = ["leaksweep", "gitleaks", "trufflehog", "detect-secrets", "ggshield", "kingfisher"]

[scan]
# What the flags of `leaksweep scan` say, by their names.
# fail-on = "medium"
# rules = ["ci/rules"]

[identity]
# Makes the ids of secrets this project's own. Another salt makes every id another, and every baseline entry void.
salt = "{salt}"

# Findings to ignore; every place of the secret must fit. The reason is required.
# [[ignore]]
# path = "docs/examples/"
# rule = "github-*"
# reason = "documentation, never alive"
# expires = 2030-12-31
"""


def write(folder: str) -> str:
    """Write the file; its name.

    Raises:
        UsageError: there is one already, or it cannot be written.
    """
    name = os.path.normpath(os.path.join(folder, CONFIG))
    try:
        with open(name, "x", encoding="utf-8") as file:
            file.write(TEXT.format(salt=secrets.token_urlsafe(24)))
    except FileExistsError:
        raise UsageError(f"{name} is there already", "change it by hand, or remove it first") from None
    except OSError as error:
        raise UsageError(f"{name}: cannot be written: {error.strerror}", "give a folder you may write to") from None
    return name
