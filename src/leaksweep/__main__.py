"""``python -m leaksweep``."""

from leaksweep.cli import main

main()
