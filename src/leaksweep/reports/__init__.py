"""Result -> bytes. Every report is one pure function; none of them knows where its bytes go."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from leaksweep.model import Result

Report = Callable[[Result], bytes]

REPORTS = (
    "sarif",
    "json",
    "summary",
    "gitlab",
    "codequality",
    "junit",
    "csv",
    "markdown",
    "github",
    "html",
)  #: each a module of this package with a function ``render``


def report(name: str) -> Report:
    """The report of this name; its module (and what it imports) is loaded only when asked for."""
    render: Report = import_module(f"leaksweep.reports.{name}").render
    return render
