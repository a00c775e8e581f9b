"""Rule files, which a pull request may bring: rules that a scan can use, or errors that name them."""

from __future__ import annotations

from pathlib import Path

from fuzz.harness._files import written
from leaksweep.cache import Cache
from leaksweep.errors import RuleError
from leaksweep.model import Rule
from leaksweep.proofs import PROOFS
from leaksweep.rulecheck import told, unusable
from leaksweep.rulecheck.fault import Source
from leaksweep.rulecheck.samples import templates_expand
from leaksweep.rules.load import PLAYBOOK_KEYS, PROVIDER_KEYS, RULE_KEYS, each, keep

WORDS = (
    *(key.encode() + b" = " for key in sorted(RULE_KEYS | PLAYBOOK_KEYS | PROVIDER_KEYS)),
    *(b"[provider]\n", b"[[rule]]\n", b"[rule.context]\n", b"[rule.playbook]\n", b"[[rule.example]]\n", b"text = "),
    *(b"(?P<secret>", b"[a-z]{8}", b"{1,4000}", b"\\b", b"(?i)", b"{base62:24}", "⟦".encode(), "⟧".encode()),
    *(b'"' + name.encode() + b'"' for name in sorted(PROOFS)),
)
LENGTH = 4096
MOST = 400  #: characters of a pattern that is compiled: Hyperscan takes seconds for what is far longer


def run(data: bytes) -> None:
    """Read a file as ``scan --rules`` does."""
    name = written("rules", "fuzz.toml", data)
    rules: list[Rule] = []
    errors: list[RuleError] = []
    for item in each(Path(name), "fuzz.toml"):
        (errors if isinstance(item, RuleError) else rules).append(item)  # type: ignore[arg-type]
    assert all(str(error) for error in errors)
    if any(len(rule.pattern) > MOST for rule in rules):
        return
    usable = [Source("fuzz.toml", rule, built_in=False) for rule in rules]
    wrong = list(unusable(usable, (), Cache(None)))
    bad = {id(source) for source, _ in wrong}
    good = [source for source in usable if id(source) not in bad]
    faults = [source.error(fault) for source in good for fault in templates_expand(source.rule)]
    told(len(usable), [*errors, *(error for _, error in wrong), *faults]).decode("utf-8")
    assert len(keep(Cache(None), "rules-0", [source.rule for source in good])) == len(good)
