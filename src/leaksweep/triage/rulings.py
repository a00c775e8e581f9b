"""What people said of secrets that they know of: in a baseline, by a marker in the content, in the configuration.

A secret of the baseline is known wherever it stands. The others speak of places: only a secret that is ignored at every
one of its places is ignored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import NamedTuple

from leaksweep.model import MARKERS, Finding, Seen, Verdict
from leaksweep.redact import printable
from leaksweep.triage.globs import fits, place_matches

KEY = 18  #: digits of an id that the baseline holds: enough to be sure, and a length that no type of secret has

PAIRS = 20_000_000  #: of a reason and a secret that are looked at; where there are more, no reason is shown


class Ignore(NamedTuple):
    """An entry of the configuration: findings that all of its conditions name are ignored."""

    reason: str
    rule: str = ""  #: a rule's id, or a glob of them
    path: str = ""  #: a glob over the path of places
    id: str = ""  #: a finding's id, or how it begins
    expires: str = ""  #: the last day on which it counts, ``YYYY-MM-DD``

    @property
    def label(self) -> str:
        """What it is about, on one line."""
        return ", ".join(f"{name} {value}" for name in ("rule", "path", "id") if (value := getattr(self, name)))


class Known(NamedTuple):
    """An entry of the baseline: what was decided of one secret."""

    state: str  #: ``accepted``, ``false-positive`` or ``revoked``
    rule: str
    reason: str = ""
    owner: str = ""
    expires: str = ""


class Rulings(NamedTuple):
    """Everything that was said; ``today`` decides which of it is still in force."""

    markers: tuple[str, ...] = MARKERS  #: the tools whose markers count
    ignores: tuple[Ignore, ...] = ()
    known: Mapping[str, Known] = MappingProxyType({})  #: by the first ``KEY`` digits of the finding's id
    today: str = ""  #: ``YYYY-MM-DD``; empty: nothing has expired


NONE = Rulings()


def rule(findings: Iterable[Finding], rulings: Rulings) -> Iterator[Finding]:
    """The findings with the verdicts that people gave; all others stay new, and may say what came close."""
    found = list(findings)
    ruled = [_ruled(finding, rulings) for finding in found]
    told = {finding.reason for finding in ruled if finding.reason}
    secrets = {s.reveal() for f in found for s in (f.secret, *(c.secret for c in f.companions))} if told else set()
    many = len(told) * len(secrets) > PAIRS
    unsafe = told if many else {text for text in told if _holds_one(text.encode("utf-8", "replace"), secrets)}
    why = "there are too many reasons" if many else "the reason holds a secret"
    for finding in ruled:
        yield finding._replace(reason=_blank(finding, why)) if finding.reason in unsafe else finding


def _holds_one(text: bytes, secrets: Collection[bytes]) -> bool:
    return any(secret in text for secret in secrets)


def _blank(finding: Finding, why: str) -> str:
    """What to say instead of a reason: the state in the baseline is a word of ours."""
    state = finding.reason.partition(":")[0] + ": " if finding.verdict is Verdict.BASELINED else ""
    return f"{state}({why})"


def expired(rulings: Rulings, findings: Iterable[Finding]) -> tuple[str, ...]:
    """Notes on the entries that no longer count; of the baseline's, on those whose secret is still found."""
    late = [i for i in rulings.ignores if _is_over(i.expires, rulings)]
    notes = [f"the ignore entry for {i.label} expired on {i.expires}: it is no longer applied" for i in late]
    for finding in findings if rulings.known else ():
        known = rulings.known.get(finding.id[:KEY])
        if known and _is_over(known.expires, rulings):
            notes.append(f"the baseline entry of {finding.id} ({finding.rule.id}) expired on {known.expires}")
    return tuple(map(printable, notes))


def _is_over(expires: str, rulings: Rulings) -> bool:
    return bool(expires) and expires < rulings.today


def _ruled(finding: Finding, rulings: Rulings) -> Finding:
    known = rulings.known.get(finding.id[:KEY])
    if known and not _is_over(known.expires, rulings):
        return finding._replace(verdict=Verdict.BASELINED, reason=_of_known(known))
    by_marker = [_marker(finding, seen, rulings) for seen in finding.places]
    if all(by_marker):
        return finding._replace(verdict=Verdict.IGNORED_INLINE, reason=_joined(by_marker))
    ignores = [i for i in rulings.ignores if not _is_over(i.expires, rulings) and _is_meant(i, finding)]
    said = [m or _by_config(ignores, seen) for m, seen in zip(by_marker, finding.places, strict=True)]
    if all(said):
        return finding._replace(verdict=Verdict.IGNORED_BY_CONFIG, reason=_joined(said))
    if known:
        return finding._replace(reason=f"new again: {known.state} until {known.expires}")
    if count := len(said) - said.count(""):
        return finding._replace(reason=f"ignored at {count} of its {len(said)} places only")
    return finding._replace(reason=_other_rule(finding, rulings))


def _of_known(known: Known) -> str:
    more = [f"owner {known.owner}"] if known.owner else []
    more += [f"until {known.expires}"] if known.expires else []
    reason = f"{known.state}: {known.reason}" if known.reason else known.state
    return printable(reason + (f" ({', '.join(more)})" if more else ""))


def _marker(finding: Finding, seen: Seen, rulings: Rulings) -> str:
    for marker in seen.markers:
        meant = not marker.rules or any(fits(finding.rule.id, pattern) for pattern in marker.rules)
        if marker.tool in rulings.markers and meant:
            return f"marker of {marker.tool}" + (f": {marker.reason}" if marker.reason else "")
    return ""


def _other_rule(finding: Finding, rulings: Rulings) -> str:
    """A marker that names another rule is most often a slip, and must not look as if it were not read."""
    for marker in finding.best.markers:
        if marker.rules and marker.tool in rulings.markers:
            return f"its marker is for the rule {','.join(marker.rules)}"
    return ""


def _is_meant(ignore: Ignore, finding: Finding) -> bool:
    by_rule = not ignore.rule or fnmatchcase(finding.rule.id, ignore.rule)
    return by_rule and finding.id.startswith(ignore.id)


def _by_config(ignores: Iterable[Ignore], seen: Seen) -> str:
    for ignore in ignores:
        if not ignore.path or place_matches(seen.place, ignore.path):
            return printable(ignore.reason + (f" (until {ignore.expires})" if ignore.expires else ""))
    return ""


def _joined(reasons: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(reasons))
