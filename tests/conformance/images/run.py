"""Runs a scanner over every image of the suite and says what it found, and whether at the right places.

    python tests/conformance/images/run.py --tool leaksweep
    python tests/conformance/images/run.py --tool kingfisher=/opt/kingfisher --carrier tar --case deleted

Carriers: ``tar`` and ``layout`` always; ``engine`` where DOCKER_HOST is set, and with it the images that an engine
builds; ``registry`` where REGISTRY (``host:port``, plain HTTP) is. Another scanner is one function in adapters.py.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

if not __package__:  # run as a program
    sys.path[0] = str(Path(__file__).parents[2])

from conformance.images.adapters import ADAPTERS, UnsupportedError
from conformance.images.carriers import Built, Images, has_engine, has_skopeo
from conformance.images.cases import CARRIERS, Case, cases
from conformance.images.score import Report, Score, score

BUILDERS = ("buildkit", "legacy")
MARKS = ("<!-- results -->\n", "<!-- end of results -->\n")


class Row(NamedTuple):
    """What one scanner made of one image in one carrier; no score where the carrier cannot hold it."""

    tool: str
    case: str
    carrier: str
    score: Score | None
    why: str

    @property
    def mark(self) -> str:
        """One letter: placed, found, missed, or a dot."""
        if self.score is None:
            return "·"
        return "P" if self.score.placed else "F" if self.score.found else "–"


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        wanted = [case for case in cases() if not options.case or case.name in options.case]
        for name, case, images in _images(Path(folder), wanted):
            for carrier in options.carrier or available():
                rows += [_row(tool, name, case, carrier, images) for tool in options.tool]
                for row in rows[-len(options.tool) :]:
                    why = f": {row.why}" if row.why else ""
                    sys.stdout.write(f"{row.mark} {row.tool} {row.carrier} {row.case}{why}\n")
                    sys.stdout.flush()
    sys.stdout.write("\n" + summary(rows))
    if options.markdown:
        page = Path(options.markdown)
        before, _, rest = page.read_text("utf-8").partition(MARKS[0])
        page.write_text(f"{before}{MARKS[0]}{markdown(rows)}{MARKS[1]}{rest.partition(MARKS[1])[2]}", "utf-8")
    return 0 if all(row.score is None or row.score.placed for row in rows) else 1


def available() -> list[str]:
    """The carriers that this machine has."""
    missing = {"engine": not has_engine(), "registry": not os.environ.get("REGISTRY")}
    return [carrier for carrier in CARRIERS if not missing.get(carrier)]


def cannot(case: Case, carrier: str) -> str:
    """Why an image is not in a carrier here, or an empty text."""
    if case.dockerfile and carrier == "layout" and not has_skopeo():
        return "skopeo is not installed"
    return case.cannot.get(carrier, "")


def _images(folder: Path, wanted: Iterable[Case]) -> Iterator[tuple[str, Case, Images]]:
    """Each case under its name; those with a Dockerfile once for each builder."""
    registry = os.environ.get("REGISTRY", "")
    made, built = Images(folder, registry), [Built(folder, registry, builder) for builder in BUILDERS]
    for case in wanted:
        if not case.dockerfile:
            yield case.name, case, made
        elif has_engine():
            yield from ((f"{case.name} ({images.builder})", case, images) for images in built)
    for images in (made, *built):
        images.forget()


def _row(tool: str, name: str, case: Case, carrier: str, images: Images) -> Row:
    tool, _, program = tool.partition("=")
    if why := cannot(case, carrier):
        return Row(tool, name, carrier, None, why)
    reference = images.reference(case, carrier)
    try:
        report = ADAPTERS[tool](reference, carrier, case.planted, program)
    except UnsupportedError as error:
        return Row(tool, name, carrier, None, str(error))
    except subprocess.TimeoutExpired:
        report = Report([], {}, [], [], "no answer in time")
    verdict = score(case, report, images.layers[case.name])
    return Row(tool, name, carrier, verdict, "; ".join(verdict.why))


def summary(rows: list[Row]) -> str:
    """A Markdown table: of each scanner and carrier, how many were found and placed."""
    lines = ["| scanner | carrier | images | found | placed |", "| --- | --- | --- | --- | --- |"]
    for tool, carrier in dict.fromkeys((row.tool, row.carrier) for row in rows):
        scores = [row.score for row in rows if (row.tool, row.carrier) == (tool, carrier) and row.score]
        found, placed = sum(one.found for one in scores), sum(one.placed for one in scores)
        lines.append(f"| {tool} | {carrier} | {len(scores)} | {found} | {placed} |")
    return "\n".join(lines) + "\n"


def markdown(rows: list[Row]) -> str:
    """The summary, and a table of every image."""
    columns = list(dict.fromkeys((row.tool, row.carrier) for row in rows))
    marks = {(row.case, row.tool, row.carrier): row.mark for row in rows}
    lines = [f"| image | {' | '.join(f'{tool} {carrier}' for tool, carrier in columns)} |"]
    lines.append(f"| --- |{' :-: |' * len(columns)}")
    for case in dict.fromkeys(row.case for row in rows):
        cells = [marks.get((case, *column), "·") for column in columns]
        lines += [f"| {' | '.join([case, *cells])} |"]
    return summary(rows) + "\n" + "\n".join(lines) + "\n"


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tools = f"{' or '.join(ADAPTERS)}, with =PROGRAM where it is not on the path; repeatable"
    parser.add_argument("--tool", action="append", required=True, metavar="NAME[=PROGRAM]", help=tools)
    parser.add_argument("--carrier", action="append", choices=CARRIERS, help="only this carrier; repeatable")
    parser.add_argument("--case", action="append", help="only this case; repeatable")
    parser.add_argument("--markdown", metavar="FILE", help="write the tables between the marks of this page")
    options = parser.parse_args(arguments)
    for tool in options.tool:
        if tool.partition("=")[0] not in ADAPTERS:
            parser.error(f"there is no adapter for {tool}")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
