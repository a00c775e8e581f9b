"""Makes every image of the suite, without an engine: ``python tests/conformance/images/build.py OUT_FOLDER``.

A folder a case: ``layout/`` (an OCI image layout), ``image.tar`` (what ``docker load`` takes), ``case.json`` (what must
be found, with the planted tokens). It needs Python 3.11 and the package ``zstandard``.
"""

from __future__ import annotations

import sys
from pathlib import Path

if not __package__:  # run as a program
    sys.path[0] = str(Path(__file__).parents[2])

from conformance.images.carriers import Images
from conformance.images.cases import cases


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    images = Images(Path(arguments[0]))
    for case in cases():
        if not case.dockerfile:
            images.made(case)
            sys.stdout.write(f"{case.name}: {case.why}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
