"""Reports that lie about, from another run, hold nothing that is found as a secret: ids of findings are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from leaksweep.engine import Engine
from leaksweep.model import Blob, Result
from leaksweep.reports import REPORTS, report
from leaksweep.rulecheck.samples import example
from leaksweep.rules.load import parse
from leaksweep.scan import Policy, scan
from leaksweep.targets.workspace import Workspace

#: Its signatures are rule and id, as another tool's are rule and secret: only the run that writes it leaves it out.
ALIKE = {"gitlab"}


@pytest.fixture(scope="module")
def everything(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A result with the examples of all rules, ten of them in a file."""
    folder: Path = tmp_path_factory.mktemp("examples")
    rules = [rule for rule in parse() if not rule.files]
    for number, rule in enumerate(rules):
        with (folder / f"{number // 10}.txt").open("ab") as file:
            file.write(example(rule, 0).text + b"\n\n")
    result = scan([Workspace(str(folder))], engine, Policy(b"key", None, False))
    assert len(result.findings) > 1000
    return result


@pytest.mark.parametrize("name", [name for name in REPORTS if name not in ALIKE])
def test_no_report_holds_what_is_found(engine: Engine, everything: Result, name: str) -> None:
    found = engine.matches(Blob("x", report(name)(everything)))
    assert [(match.rule.id, match.secret_span) for match in found] == []
