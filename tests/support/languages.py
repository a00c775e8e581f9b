"""The languages that tests compile and run, with an environment of nothing but what a program needs to start."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from support.program import Ran, run
from support.require import require_program

MODULES = Path(__file__).parents[1] / "node_modules"
_TYPESCRIPT = """
const ts = require(process.argv[1]), fs = require("fs");
for (const file of process.argv.slice(2)) {
  const options = { reportDiagnostics: true, fileName: file };
  const { diagnostics } = ts.transpileModule(fs.readFileSync(file, "utf8"), options);
  for (const d of diagnostics) { console.error(file, d.messageText); process.exitCode = 1; }
}"""


def call(words: Sequence[str], folder: Path, **env: str) -> Ran:
    """Run a command in a folder. ``python`` is the one that runs the tests; ``typescript`` parses with its compiler."""
    name, *rest = words
    if name == "typescript":
        if not (MODULES / "typescript").is_dir():
            require_program("typescript, from tests/package.json")
        name, rest = "node", ["-e", _TYPESCRIPT, str(MODULES / "typescript"), *rest]
    program = sys.executable if name == "python" else require_program(name)
    keep = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    caches = {"GOCACHE": str(folder / "gocache"), "GOFLAGS": "-mod=mod", "LC_ALL": "C.UTF-8"}
    return run("env", "-i", *(f"{k}={v}" for k, v in {**keep, **caches, **env}.items()), program, *rest, cwd=folder)
