"""``leaksweep action``: the entry of the container action, told what to do by ``INPUT_*`` variables only."""

from __future__ import annotations

import os


def command() -> int:
    """Run as a GitHub action: inputs from INPUT_* variables, results to the runner's files."""
    from leaksweep.action import act
    from leaksweep.cli.scan import exit_code, proof, run

    return act(os.environ, run, exit_code, proof)
