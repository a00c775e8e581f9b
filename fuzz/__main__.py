"""Runs harnesses for a time each and says what came of it: ``fuzz/run [--seconds N] [--jobs N] [NAME ...]``."""

from __future__ import annotations

import argparse
import base64
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from fuzz import CORPUS, FOLDER, FOUND, HARNESSES, load

BUILD = FOLDER.parent / "build" / "fuzz"  #: what was learned, found and logged; a later run goes on from there
TIMEOUT, MEMORY = 25, 2048  #: seconds that one input may take, MiB of the process
_STATE = re.compile(r"^#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)", re.MULTILINE)


class Outcome(NamedTuple):
    """What came of one harness."""

    name: str
    seconds: float
    state: tuple[int, ...]  #: executions, edges, features, inputs that were learned
    found: tuple[Path, ...]
    failed: bool


def main(arguments: Sequence[str]) -> int:
    """Run them, so many at a time; 1 where something was found."""
    parser = argparse.ArgumentParser(prog="fuzz/run", description="Fuzz leaksweep, each harness for a time.")
    parser.add_argument("--seed", type=int, help="try the same inputs in the same order each time, as CI does")
    parser.add_argument("--seconds", type=int, default=60, help="of each harness (default: 60; before a release 3600)")
    parser.add_argument("--jobs", type=int, default=2, help="harnesses at a time (default: 2)")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(HARNESSES)} (default: all)")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - set(HARNESSES):
        parser.error(f"no such harness: {', '.join(sorted(unknown))}")
    names = asked.names or HARNESSES
    for name in names:
        load(name)  # here: threads that import the same modules in different orders wait for each other
    with ThreadPoolExecutor(asked.jobs) as pool:
        outcomes = list(pool.map(lambda name: _fuzz(name, asked.seconds, asked.seed), names))
    sys.stdout.write("".join(f"{line}\n" for line in _told(outcomes)))
    return int(any(outcome.failed for outcome in outcomes))


def _fuzz(name: str, seconds: int, seed: int | None) -> Outcome:
    started = time.time()
    learned, artifacts, log = _folder("corpus", name), _folder("found", name), BUILD / f"{name}.log"
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={TIMEOUT}",
        f"-rss_limit_mb={MEMORY}",
        f"-max_len={getattr(load(name), 'LENGTH', 4096)}",
        f"-artifact_prefix={artifacts}/",
        *_dictionary(name),
        "-print_final_stats=1",
        str(learned),  # before the others, which are read only
        *(map(str, _seeds(name)) if seed is None else _repeatable(name, seed)),
    ]
    command = [*_same_each_time(seed), sys.executable, "-m", "fuzz.drive", name, *options]
    with log.open("wb") as printed:
        done = subprocess.run(command, stdout=printed, stderr=printed, cwd=FOLDER.parent, check=False)
    found = tuple(sorted(file for file in artifacts.iterdir() if file.stat().st_mtime >= started))
    states = _STATE.findall(log.read_text("utf-8", "replace"))
    state = tuple(map(int, states[-1])) if states else (0, 0, 0, 0)
    return Outcome(name, time.time() - started, state, found, bool(found) or done.returncode != 0)


def _folder(*steps: str) -> Path:
    made = BUILD.joinpath(*steps)
    made.mkdir(parents=True, exist_ok=True)
    return made


def _seeds(name: str) -> Iterator[Path]:
    """The kept inputs, and those that are made anew since they look like secrets."""
    yield from (folder for folder in (CORPUS / name, FOUND / name) if folder.is_dir())
    make: Callable[[], Iterator[bytes]] | None = getattr(load(name), "seeds", None)
    if make:
        folder = _folder("seeds", name)
        for number, seed in enumerate(make()):
            (folder / f"{number:05}").write_bytes(seed)
        yield folder


def _repeatable(name: str, seed: int) -> Iterator[str]:
    """The options for the same inputs in the same order: a folder's files would come in the file system's order."""
    files = sorted(file for folder in _seeds(name) for file in folder.iterdir())
    listed = _folder("listed") / name
    listed.write_text(",".join(map(str, files)), "utf-8")
    yield from (f"-seed={seed}", f"-seed_inputs=@{listed}", "-reload=0")


def _same_each_time(seed: int | None) -> Sequence[str]:
    """With a seed, what starts a process with the same hashes and, where that can be had, the same addresses: libFuzzer
    makes some of its choices of them.
    """
    if seed is None:
        return ()
    places = ("setarch", "-R")
    fixed = (
        shutil.which(places[0]) and not subprocess.run([*places, "true"], capture_output=True, check=False).returncode
    )
    return ("env", "PYTHONHASHSEED=0", *(places if fixed else ()))


def _dictionary(name: str) -> Iterator[str]:
    """The option that gives the harness's words."""
    words: Sequence[bytes] = getattr(load(name), "WORDS", ())
    if not words:
        return
    file = _folder("words") / name
    quoted = ("".join(rf"\x{byte:02x}" for byte in word) for word in words)
    file.write_text("".join(f'"{word}"\n' for word in quoted), "ascii")
    yield f"-dict={file}"


def _told(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield _row("harness", "executions", "a second", "edges", "features", "inputs", "seconds", "found")
    for one in outcomes:
        executions, *others = one.state
        pace = executions / max(one.seconds, 1)
        yield _row(one.name, *(f"{n:,.0f}" for n in (executions, pace, *others, one.seconds, len(one.found))))
    for one in outcomes:
        if one.failed:
            yield f"{one.name}: {_cause(one)}"
            for file in one.found:
                yield f"  {os.path.relpath(file)}"
                yield f"  in base64: {base64.b64encode(file.read_bytes()).decode()}"  # CI keeps no files


def _row(name: str, *columns: str) -> str:
    return f"{name:<12}" + "".join(f"{column:>12}" for column in columns)


def _cause(outcome: Outcome) -> str:
    """The last line of the exception, or what libFuzzer said."""
    text = (BUILD / f"{outcome.name}.log").read_text("utf-8", "replace")
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if "Uncaught Python exception" in line]
    told = [line for line in lines[starts[0] :] if line[:1].isalpha()] if starts else []
    told = told or [line for line in lines if "ERROR" in line] or lines[-1:] or ["it did not start"]
    return told[0][:500]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
