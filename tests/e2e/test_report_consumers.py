"""Reports other than SARIF and HTML, as programs of others read them."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

import pytest

from leaksweep.model import Result, Skipped
from leaksweep.reports import report
from support.require import require_that
from support.results import finding, hostile, result

CASES = {
    "hostile": hostile(),
    "clean": result(),
    "gap": result(finding(1), skipped=(Skipped("a.zip", "is encrypted"),)),
}


@pytest.mark.parametrize("made", CASES.values(), ids=CASES)
def test_junitparser_reads_every_test_with_its_outcome(made: Result, tmp_path: Path) -> None:
    require_that(importlib.util.find_spec("junitparser"), "junitparser (the dependency group validators)")
    junitparser = importlib.import_module("junitparser")
    file = tmp_path / "leaksweep.xml"
    file.write_bytes(report("junit")(made))
    suites = junitparser.JUnitXml.fromfile(str(file))
    tests = [test for suite in suites for test in suite]
    assert len(tests) == len(made.findings) + len(made.coverage) + len(made.skipped)
    outcomes = [type(outcome).__name__ for test in tests for outcome in test.result]
    assert outcomes.count("Failure") == len(made.new) == suites.failures
    assert outcomes.count("Error") == len(made.skipped) == suites.errors
    assert outcomes.count("Skipped") == len(made.findings) - len(made.new)
