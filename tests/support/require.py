"""What the environment must offer for a test: without it the test is skipped, and says which variable is missing."""

from __future__ import annotations

import os
import shutil
import sys
from typing import NoReturn

import pytest

NO_SKIP = "LEAKSWEEP_TESTS_NO_SKIP"


def require(*names: str) -> tuple[str, ...]:
    """The values of these environment variables. Where ``LEAKSWEEP_TESTS_NO_SKIP=1``, a missing one is a failure."""
    for name in names:
        if not os.environ.get(name):
            _missing(f"the environment variable {name} is missing (tools/docker-lab sets it)")
    return tuple(os.environ[name] for name in names)


def require_program(name: str) -> str:
    """The path of a program, on the path or next to this Python."""
    found = shutil.which(name) or shutil.which(name, path=os.path.dirname(sys.executable))
    if found is None:
        _missing(f"the program {name} is not installed")
    return found


def require_that(condition: object, why: str) -> None:
    """Whatever else must hold; ``why`` says what is missing where it does not."""
    if not condition:
        _missing(why)


def _missing(why: str) -> NoReturn:
    if os.environ.get(NO_SKIP) == "1":
        pytest.fail(why)
    pytest.skip(why)
