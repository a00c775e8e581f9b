"""How well an entry of a history fits an instruction, from 0 to 1."""

from __future__ import annotations

from collections import Counter

from leaksweep.dockerfile.forms import Form
from leaksweep.dockerfile.history import Made
from leaksweep.dockerfile.words import UNKNOWN

LEAST = 0.65  #: below it, an entry was made by something else
_ALIKE = 0.95  #: the best score of a text that differs
_EDITABLE = frozenset({"RUN", "COPY", "ADD", "ENV", "LABEL", "CMD", "ENTRYPOINT", "HEALTHCHECK", "EXPOSE", "ONBUILD"})
_NAMED = 0.7  #: the same variables with other values
_TOLD = 0.9  #: all that an entry tells is the same, but it does not tell all
_LONG = 8  #: characters that are no chance at the end of a command
_LITERAL = 3  #: characters that must be known of a text with unknown variables
_WEIGHTS = {"RUN": 1.0, "COPY": 1.0, "ADD": 1.0, "ENV": 0.9, "LABEL": 0.9, "": 0.0}
_OTHER = 0.6


def weight(kind: str) -> float:
    """How much an instruction of a kind tells: commands differ, while many images have the same ``USER``."""
    return _WEIGHTS.get(kind, _OTHER)


class Comparer:
    """Compares texts until it has read ``room`` characters; from then on it knows only equal ones."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._counted: dict[str, Counter[str]] = {}

    def score(self, made: Made, form: Form) -> float:
        """0 where ``form`` cannot have made ``made``; else at least ``LEAST``."""
        if made.kind != form.instruction.keyword:
            return 0.0
        if made.text and made.text in form.texts:
            return 1.0
        self.room -= len(made.text) + sum(map(len, form.texts))
        if self.room < 0:
            return 0.0
        best = _copied(made, form) if made.target else max(self._likeness(made, text) for text in form.texts)
        if form.names and best < _ALIKE:
            best = max(best, self._named(made, form))
        return best if best >= LEAST else 0.0

    def _likeness(self, made: Made, text: str) -> float:
        same = _same(made.text, text)
        if same or made.kind not in _EDITABLE:
            return same
        if made.arguments and len(text) > _LONG and made.text.endswith(f" {text}"):
            return _TOLD
        return _ALIKE * self._shared(made.text, text)

    def _named(self, made: Made, form: Form) -> float:
        """The same variables with other values; ``ARG`` is told with its value, without it, or with those before it."""
        if made.kind == "ARG":
            said = {word.partition("=")[0] for word in made.text.split()}
            return 0.85 if said.issuperset(form.names) else 0.0
        if not _has_names(made.text, form.names):
            return _TOLD if is_part(made, form) else 0.0
        return _NAMED + (_ALIKE - _NAMED) * self._shared(made.text, form.texts[0])

    def _shared(self, left: str, right: str) -> float:
        """The share of words that two texts have in common."""
        a, b = self._words(left), self._words(right)
        total = a.total() + b.total()
        if not total or 2 * min(a.total(), b.total()) < LEAST * total:
            return 0.0
        return 2 * (a & b).total() / total

    def _words(self, text: str) -> Counter[str]:
        if text not in self._counted:
            self._counted[text] = Counter(text.split())
        return self._counted[text]


def is_part(made: Made, form: Form) -> bool:
    """Whether ``made`` is one of several pairs that ``form`` sets, for builders that write an entry for each."""
    if made.kind not in {"ENV", "LABEL"} or len(form.names) < 2 or made.text in form.texts:
        return False
    begins = any(made.text.startswith(f"{name}=") for name in form.names)
    return begins and f" {made.text} " in f" {form.texts[0]} "


def _copied(made: Made, form: Form) -> float:
    """The sources were told as a hash, so the target must be the same, and whether there was more than one."""
    patterns = any(mark in form.texts[0] for mark in "*?[" + UNKNOWN)
    if form.several != (made.sources == "multi") and not patterns:
        return 0.0
    return _TOLD * max((_same(made.target, target) for target in form.targets), default=0.0)


def _same(said: str, text: str) -> float:
    if UNKNOWN not in text:
        return float(said == text and bool(text))
    known = len(text) - text.count(UNKNOWN)
    return 0.7 + 0.3 * known / max(known, len(said)) if known >= _LITERAL and _fits(said, text.split(UNKNOWN)) else 0.0


def _fits(said: str, parts: list[str]) -> bool:
    """Whether ``said`` is the parts in their order, with anything between them."""
    if not said.startswith(parts[0]):
        return False
    at = len(parts[0])
    for part in parts[1:-1]:
        at = said.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return len(said) - at >= len(parts[-1]) and said.endswith(parts[-1])


def _has_names(said: str, names: tuple[str, ...]) -> bool:
    """Whether ``said`` begins with the first name, and has the others after it."""
    if not said.startswith(f"{names[0]}="):
        return False
    at = 0
    for name in names[1:]:
        at = said.find(f" {name}=", at)
        if at < 0:
            return False
        at += len(name) + 2
    return True
