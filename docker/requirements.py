"""The requirements of the container, from pyproject.toml: what ``make lock`` pins in requirements.lock."""

import sys
import tomllib
from pathlib import Path

EXTRAS = ("vault",)  #: that the container has: fix is for a checkout, and boto3 would be half of its size


def requirements() -> list[str]:
    """Dependencies and those of the extras, as pyproject.toml writes them."""
    project = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text("utf-8"))["project"]
    return [*project["dependencies"], *(text for extra in EXTRAS for text in project["optional-dependencies"][extra])]


if __name__ == "__main__":
    sys.stdout.write("".join(f"{text}\n" for text in requirements()))
