"""What a rule's own examples say of it, in both engines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.engine.confirm import confirm
from leaksweep.engine.patterns import spans
from leaksweep.engine.prefilter import Plain, Prefilter
from leaksweep.model import Blob, Example, Rule, Span
from leaksweep.rulecheck.fault import Fault
from leaksweep.rules.expand import Expanded, expand

MARKS = "mark the secret once, with ⟦ and ⟧"


def example(rule: Rule, number: int) -> Expanded:
    """An example (from 0) with its generators run."""
    return expand(rule.examples[number].text, f"{rule.id}/{number}")


def lookalike(rule: Rule, number: int) -> Expanded:
    """A counter-example (from 0) with its generators run."""
    return expand(rule.counterexamples[number].text, f"{rule.id}/-{number}")


def texts(rule: Rule) -> list[bytes]:
    """All that a rule gives to try it on."""
    found = [example(rule, n).text for n in range(len(rule.examples))]
    return found + [lookalike(rule, n).text for n in range(len(rule.counterexamples))]


def templates_expand(rule: Rule) -> Iterator[Fault]:
    """Generators get arguments that they understand; nothing else is asked of a rule where one does not."""
    for key, samples in (("example", rule.examples), ("counterexample", rule.counterexamples)):
        for number, sample in enumerate(samples, 1):
            try:
                expand(sample.text, rule.id)
            except Exception as error:  # whatever a generator makes of an argument that is not for it
                what = f"a generator does not take its argument: {type(error).__name__}"
                yield Fault(f"{key} {number}", what, "see the list in src/leaksweep/rules/expand.py")


def prefilter_is_part(rule: Rule) -> Iterator[Fault]:
    """What stands for the pattern in the prefilter matches inside each match of it."""
    for text in texts(rule) if rule.prefilter else ():
        for span, _secret in spans(rule.pattern, text, Span(0, len(text))):
            if not any(spans(rule.prefilter, text, span)):
                yield Fault("prefilter", "does not match where the pattern does", "give a part of it, or leave it out")
                return


def examples_match(rule: Rule, engine: Engine) -> Iterator[Fault]:
    """Each example's marked secret is the only thing that the whole rule set finds in it."""
    for number, template in enumerate(rule.examples):
        key = f"example {number + 1}"
        if not _is_marked(template):
            yield Fault(key, "has not exactly one marked secret", MARKS)
            continue
        sample = example(rule, number)
        found = [(m.rule.id, m.secret.reveal()) for m in engine.matches(Blob("x", sample.text))]
        if found != [(rule.id, sample.secret)]:
            yield Fault(key, _told(rule, found, sample.secret or b""), "mend the pattern or the example")


def lookalikes_pass(rule: Rule, engine: Engine) -> Iterator[Fault]:
    """No counter-example is matched by this rule (another rule may)."""
    for number, template in enumerate(rule.counterexamples):
        key = f"counterexample {number + 1}"
        if {"⟦", "⟧"} & set(template.text):
            yield Fault(key, "has a marked secret", "remove ⟦ and ⟧: nothing is to be found there")
        elif rule.id in [m.rule.id for m in engine.matches(Blob("x", lookalike(rule, number).text))]:
            yield Fault(key, "is matched", "narrow the pattern, or name a proof that refutes it")


def engines_agree(rules: Sequence[Rule], fast: Prefilter, text: bytes) -> list[str]:
    """The ids of the rules that find other secrets behind the prefilter than RE2 finds alone."""
    blob = Blob("x", text)
    quick, plain = _spans(rules, blob, fast), _spans(rules, blob, Plain([rule.pattern for rule in rules], Cache(None)))
    return sorted({rule for rule, _ in quick ^ plain})


def _spans(rules: Sequence[Rule], blob: Blob, using: Prefilter) -> set[tuple[str, Span]]:
    ends = [found for found in using.ends(blob.data) if found[0] < len(rules)]
    return {(match.rule.id, match.secret_span) for match in confirm(rules, blob, ends)}


def _is_marked(template: Example) -> bool:
    marks = [c for c in template.text if c in "⟦⟧"]
    return marks == ["⟦", "⟧"]


def _told(rule: Rule, found: list[tuple[str, bytes]], secret: bytes) -> str:
    """What was found instead, without a byte of it."""
    others = sorted({f"rule {name!r}" for name, _ in found if name != rule.id})
    own = [value for name, value in found if name == rule.id]
    if secret in own:
        return f"finds more than the marked secret: {', '.join(others) or 'this rule again'}"
    if own:
        return f"finds {len(own[0])} bytes where {len(secret)} are marked"
    return f"is found by {', '.join(others)} instead" if others else "is not found"
