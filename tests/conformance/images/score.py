"""What a scanner said of an image against what it had to say, in two columns: found, and placed."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple
from urllib.parse import unquote

from conformance.images.cases import Case, Place


class Seen(NamedTuple):
    """One place of one secret as a scanner told it; what it cannot tell is empty."""

    secret: str  #: the token
    layer: int | str = 0  #: its position from 1, or its digest or DiffID
    path: str = ""
    inside: str = ""
    fate: str = ""
    field: str = ""
    platform: str = ""


class Report(NamedTuple):
    """What a scanner said of one image."""

    seen: list[Seen]
    findings: dict[str, int]  #: token -> how many findings it was reported as
    strange: list[str]  #: findings that are no planted secret
    gaps: list[str]  #: what it said it could not scan
    error: str = ""  #: why the scan failed, where it did


class Score(NamedTuple):
    """Whether everything was found and nothing else; whether all of it at the right places; and why not."""

    found: bool
    placed: bool
    why: tuple[str, ...] = ()


def score(case: Case, report: Report, layers: dict[str, list[tuple[str, str]]]) -> Score:
    """The verdict. Where an image cannot be read, an error is what is asked for, and nothing else will do."""
    if case.outcome == "error":
        return Score(True, True) if report.error else Score(False, False, ("no error: it looks scanned",))
    if report.error:
        right = case.outcome == "found or error"
        return Score(right, right, () if right else (f"error: {report.error}",))
    found = tuple(_missing(case, report))
    placed = tuple(_misplaced(case, report, layers))
    return Score(not found, not found and not placed, found + placed)


def _missing(case: Case, report: Report) -> list[str]:
    planted = case.planted
    wanted = {place.secret for place in case.find}
    why = [f"{name}: not found" for name in wanted if planted[name] not in report.findings]
    why += [f"{name}: found, though it is not there" for name in case.never if planted[name] in report.findings]
    why += [f"found, though it is no secret: {what}" for what in report.strange]
    if case.unscanned and not report.gaps:
        why.append("silent about what was not scanned")
    return why


def _misplaced(case: Case, report: Report, layers: dict[str, list[tuple[str, str]]]) -> list[str]:
    why = []
    for name, value in case.planted.items():
        wanted = [place for place in case.find if place.secret == name]
        seen = [place for place in report.seen if place.secret == value]
        more = [place for place in seen if not any(fnmatchcase(place.field, also) for also in case.also)]
        why += [f"{name}: not at {_text(w)}" for w in wanted if not any(_is(s, w, layers) for s in seen)]
        why += [f"{name}: at {_text(s)}" for s in more if not any(_is(s, w, layers) for w in wanted)]
        if report.findings.get(value, 1) > 1:
            why.append(f"{name}: reported as {report.findings[value]} findings")
    for index in case.unscanned:
        names = [digest for some in layers.values() for digest in some[index - 1]]
        if not any(digest[7:19] in gap for gap in report.gaps for digest in names):
            why.append(f"it does not say that layer {index} was not scanned")
    if not case.unscanned:
        why += [f"said to be not scanned: {gap}" for gap in report.gaps]
    return why


def _is(seen: Seen, wanted: Place, layers: dict[str, list[tuple[str, str]]]) -> bool:
    """Whether this is that place."""
    if wanted.field:
        return fnmatchcase(seen.field, wanted.field)
    platform = not wanted.platform or seen.platform == wanted.platform
    fate = wanted.fate in {"*", seen.fate}
    names = _like(seen.path, wanted.path) and _like(seen.inside, wanted.inside)
    return platform and fate and names and _index(seen, wanted, layers) == wanted.layer


def _index(seen: Seen, wanted: Place, layers: dict[str, list[tuple[str, str]]]) -> int:
    if isinstance(seen.layer, int):
        return seen.layer
    some = layers.get(wanted.platform) or next(iter(layers.values()), [])
    positions = [number for number, names in enumerate(some, 1) if seen.layer in names]
    return wanted.layer if wanted.layer in positions else 0


def _like(path: str, pattern: str) -> bool:
    return fnmatchcase(path, unquote(pattern, errors="surrogateescape"))


def _text(place: Seen | Place) -> str:
    fields = place._asdict()
    told = (f"{key} {str(value)[:80]!a}" for key, value in fields.items() if value and key != "secret")
    return ", ".join(told) or "no place"
