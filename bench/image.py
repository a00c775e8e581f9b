"""leaksweep on a large image, from a registry and from a tar, against ``gunzip`` and Kingfisher: processes, in turn.

    python bench/image.py NAME [--layout FOLDER] [--tar FILE] [--runs 3] [--kingfisher PATH]

``NAME`` is in a registry; ``--layout`` is an OCI layout of it (``skopeo copy docker://NAME oci:FOLDER``), whose layers
are what ``gunzip -c`` unpacks one after another; ``--tar`` is what ``docker save`` wrote. Each round runs gunzip,
leaksweep with no layer remembered, the same again, leaksweep on the tar, and Kingfisher on the image in the engine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from history import Run, run, tell


def layers(layout: Path) -> list[Path]:
    """The compressed layers of the first image of a layout."""

    def blob(digest: str) -> Path:
        return layout / "blobs" / digest.replace(":", "/")

    manifest = json.loads(blob(json.loads((layout / "index.json").read_bytes())["manifests"][0]["digest"]).read_bytes())
    return [blob(layer["digest"]) for layer in manifest["layers"]]


def commands(options: argparse.Namespace, scratch: Path) -> dict[str, list[str]]:
    """The command lines, each writing a SARIF report; the peer's network checks are off."""
    ours = [sys.executable, "-m", "leaksweep", "scan", str(scratch / "empty"), f"--report=sarif={scratch}/ours.sarif"]
    found: dict[str, list[str]] = {}
    if options.layout:
        found["gunzip"] = [
            "sh",
            "-c",
            'for f; do gunzip -c "$f"; done >/dev/null',
            "sh",
            *map(str, layers(options.layout)),
        ]
    found |= {name: [*ours, "--image", f"docker://{options.name}"] for name in ("leaksweep", "again")}
    if options.tar:
        found["tar"] = [*ours, "--image", f"docker-archive:{options.tar}"]
    if options.kingfisher:
        quiet = ["--no-validate", "--no-update-check", "-f", "sarif", "-o", f"{scratch}/kingfisher.sarif"]
        found["kingfisher"] = [options.kingfisher, "scan", "docker", options.name, *quiet]
    return found


def main() -> None:
    """Parse the command line and run the comparison."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what pip installs is compiled once
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--layout", type=Path)
    parser.add_argument("--tar", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kingfisher", default=shutil.which("kingfisher"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "empty").mkdir()
        cache = Path(os.environ.get("LEAKSWEEP_CACHE_DIR") or Path(scratch, "cache"))
        lines = commands(options, Path(scratch))
        environ = os.environ | {"LEAKSWEEP_CACHE_DIR": str(cache)}
        run([sys.executable, "-m", "leaksweep", "rules", "compile"], environ)
        rows: dict[str, list[Run]] = {name: [] for name in lines}
        for _ in range(options.runs):
            for name, command in lines.items():
                for remembered in cache.glob("layers-*") if name != "again" else ():
                    remembered.unlink()
                rows[name].append(run(command, environ))
        print(f"{options.name}, {options.runs} rounds (median, min to max)")
        tell(rows)


if __name__ == "__main__":
    main()
