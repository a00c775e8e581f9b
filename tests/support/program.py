"""The real program, as users run it: ``LEAKSWEEP_TEST_PROGRAM`` says which, split as a shell would.

The default is this source, ``python -m leaksweep``. A wheel's entry point is named by its path; the container is named
by the beginning of a call, which must give it the tests' files and the tests' network:

    LEAKSWEEP_TEST_PROGRAM="docker run --rm --interactive --network=host --volume /tmp:/tmp leaksweep:test"
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PROGRAM = tuple(shlex.split(os.environ.get("LEAKSWEEP_TEST_PROGRAM", ""))) or (sys.executable, "-m", "leaksweep")
IN_CONTAINER = PROGRAM[:2] == ("docker", "run")


class Ran(NamedTuple):
    """What became of a process."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line that an error is: no traceback, no second line, nothing on standard output."""
        assert self.out == ""
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("leaksweep: error: "), self.err
        return self.err.removeprefix("leaksweep: error: ").rstrip("\n")


def command(
    *arguments: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    powerless: bool = False,
) -> list[str]:
    """The call of the program; ``powerless`` takes root's right to read everything away."""
    options = [f"--env={name}={value}" for name, value in (env or {}).items()]
    if IN_CONTAINER:
        options += [f"--workdir={cwd}"] if cwd else []
        options += ["--cap-drop=ALL"] if powerless else []
        return [*PROGRAM[:2], *options, *PROGRAM[2:], *map(str, arguments)]
    no_power = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if powerless and os.geteuid() == 0 else []
    return [*no_power, *PROGRAM, *map(str, arguments)]


def leaksweep(
    *arguments: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    powerless: bool = False,
    timeout: float = 60,
) -> Ran:
    """Run the program to its end."""
    call = command(*arguments, cwd=cwd, env=env, powerless=powerless)
    return run(*call, cwd=cwd, env=env, timeout=timeout)


def run(
    *call: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 60,
    stdin: bytes = b"",
) -> Ran:
    """Run any program to its end."""
    whole = {**os.environ, **(env or {})}
    done = subprocess.run(call, cwd=cwd, env=whole, input=stdin, capture_output=True, timeout=timeout, check=False)
    out, err = (stream.decode("utf-8", "surrogateescape") for stream in (done.stdout, done.stderr))
    return Ran(done.returncode, out, err)
