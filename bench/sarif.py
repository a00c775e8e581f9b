"""25,000 findings to SARIF: how long it takes, and the most memory that the process had.

python bench/sarif.py [FINDINGS]
"""

from __future__ import annotations

import resource
import sys
import time

from leaksweep.model import (
    Confidence,
    Coverage,
    File,
    Finding,
    LayerFile,
    Location,
    Playbook,
    Provider,
    Result,
    Rule,
    Seen,
    Severity,
    Verdict,
)
from leaksweep.redact import Secret
from leaksweep.reports import report

RULES = [
    Rule(
        id=f"provider-{n}-key",
        name=f"Provider {n} key",
        provider=Provider(f"provider-{n}", f"Provider {n}"),
        summary="Opens the account.",
        severity=Severity(1 + n % 4),
        confidence=Confidence.HIGH,
        kind="pattern",
        pattern="(?P<secret>x)",
        width=40,
        playbook=Playbook(
            revoke="Delete the key under Settings, API keys.", revoke_url="https://provider.example/keys"
        ),
    )
    for n in range(50)
]


def made(count: int, categories: int) -> Result:
    """So many findings, each at one line of a file of its own, in a layer of one of so many images."""
    findings = tuple(
        Finding(
            id=f"{n:032x}",
            rule=RULES[n % len(RULES)],
            secret=Secret(b"%040d" % n),
            verdict=Verdict.NEW,
            confidence=Confidence.HIGH,
            proofs=("checksum passed",),
            companions=(),
            context=Secret(b""),
            places=(Seen(_place(n, categories), Location(n, 8, n, 48), f"{n:016x}:1"),),
        )
        for n in range(1, count + 1)
    )
    return Result(findings, (), (Coverage(".", "workspace", count, count * 1_000),))


def _place(number: int, categories: int) -> File | LayerFile:
    path, category = f"src/module{number % 97}/file{number}.py", number % categories
    return LayerFile(f"app{category}", f"app{category}:1", 1, f"sha256:{1:064x}", path) if category else File(path)


def main() -> None:
    """Render once, as a scan does."""
    given = [int(text) for text in sys.argv[1:]]
    count, categories = (*given, *(25_000, 1)[len(given) :])
    result = made(count, categories)
    began = time.perf_counter()
    data = report("sarif")(result)
    took = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    written = data.count(b"leaksweepSecret/v1")
    print(f"{count:,} findings, {written:,} written: {took:.2f} s, {memory:,.0f} MiB, {len(data) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
