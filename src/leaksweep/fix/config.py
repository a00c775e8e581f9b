"""Formats of settings that have a look-up of their own, because the program that reads them has."""

from __future__ import annotations

import re

from leaksweep.fix.spans import Cannot
from leaksweep.model import Span

#: The names of files, and how a variable is read in them.
LOOK_UPS = (
    (re.compile(r"(?:^|/)(?:docker-)?compose(?:\.[\w-]+)?\.ya?ml$"), "${@VARIABLE@:?is not set}"),
    (re.compile(r"(?:^|/)(?:application|bootstrap)(?:-[\w-]+)?\.(?:properties|ya?ml)$"), "${@VARIABLE@}"),
    (re.compile(r"(?:^|/)\.npmrc$"), "${@VARIABLE@}"),
    (re.compile(r"(?:^|/)\.github/workflows/[^/]+\.ya?ml$"), "${{ secrets.@VARIABLE@ }}"),
    (re.compile(r"(?:^|/)(?:settings|pom)\.xml$"), "${env.@VARIABLE@}"),
    (re.compile(r"(?:^|/)(?:nuget|NuGet)\.[Cc]onfig$"), "%@VARIABLE@%"),
)


def change(path: str, data: bytes, span: Span, variable: str) -> bytes:
    """``data`` with the secret read from the variable.

    Raises:
        Cannot: nothing is known of this format.
    """
    for name, look_up in LOOK_UPS:
        if name.search(path):
            return data[: span.start] + look_up.replace("@VARIABLE@", variable).encode() + data[span.end :]
    raise Cannot("this kind of file has no look-up: read it from the environment where the file is read")
