"""Would GitHub, GitLab and Jenkins take this SARIF file, and show what it means?

``profiles`` asks the JSON Schemas in ``sarif/``, one a consumer; ``rules`` holds the checks that no schema can say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from leaksweep.errors import UsageError
from leaksweep.sarifcheck import profiles, rules
from leaksweep.sarifcheck.problem import Problem

__all__ = ["CONSUMERS", "OTHERS", "Problem", "check"]

CONSUMERS = ("github", "gitlab", "jenkins")  #: that are asked unless others are named
OTHERS = ("defectdojo", "sonarqube", "reviewdog")


def check(data: bytes, consumers: Sequence[str] = CONSUMERS) -> Iterator[Problem]:
    """What these consumers would refuse, lose or misread in the SARIF file that ``data`` is.

    Raises:
        UsageError: it is no JSON, so nobody reads it.
    """
    log = _parse(data)
    for consumer in consumers:
        yield from profiles.check(log, consumer)
        yield from rules.check(log, data, consumer)


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        what = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"not JSON: {what}", "give a SARIF file") from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")
