"""A software bill of materials (CycloneDX 1.6, JSON) of the Python packages that this interpreter has.

Run by the container's own interpreter at the end of its build. It holds no time and no random number: the same packages
make the same bytes.
"""

import json
import platform
import re
import sys
from importlib.metadata import Distribution, distributions
from typing import Any
from urllib.parse import quote


def component(package: Distribution) -> dict[str, Any]:
    """One package, by its package URL."""
    name = re.sub(r"[-_.]+", "-", package.metadata["Name"]).lower()
    purl = f"pkg:pypi/{quote(name)}@{quote(package.version)}"
    made: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": name, "version": package.version, "purl": purl}
    if "License-Expression" in package.metadata:
        made["licenses"] = [{"expression": package.metadata["License-Expression"]}]
    return made


def bill() -> dict[str, Any]:
    """All packages, in order of their names; leaksweep itself is what the bill is of."""
    found = {entry["name"]: entry for entry in map(component, distributions())}
    subject = found.pop("leaksweep") | {"type": "application"}
    python = {"type": "platform", "bom-ref": "python", "name": "python", "version": platform.python_version()}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": subject},
        "components": [python, *(found[name] for name in sorted(found))],
        "dependencies": [
            {"ref": subject["bom-ref"], "dependsOn": ["python", *(found[name]["bom-ref"] for name in sorted(found))]}
        ],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(bill(), indent=1) + "\n")
