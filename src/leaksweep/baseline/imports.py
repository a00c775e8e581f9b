"""Other tools' lists of known secrets: gitleaks' ``.gitleaksignore`` and json reports, detect-secrets' baseline.

Those name a file, a line and a rule of their own. An entry becomes ours where its hash or text is the secret of one of
today's findings; if it has none, where a finding stands on its line and no word of its rule speaks of another provider.
Anything else is for people to look at: a wrong guess would hide a secret.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from leaksweep.errors import UsageError
from leaksweep.inputs import read as read_bytes
from leaksweep.model import File, Finding
from leaksweep.redact import printable
from leaksweep.triage.rulings import KEY, Known

_FINGERPRINT = re.compile(r"(?:[0-9a-f]{7,40}:)?(?P<file>.+):(?P<rule>[\w-]+):(?P<line>\d+)")
_WORDS = re.compile(r"[a-z0-9]+")
# Words that say nothing of whose secret it is, in the names that gitleaks and detect-secrets give to their rules.
_COMMON = frozenset(
    _WORDS.findall(
        "access account api app auth authentication base64 basic bearer client credential credentials curl detector "
        "entropy generic header hex high id identifiable integration json key keyword login long new oauth old "
        "password pat personal potential private public refresh rule secret secrets service session short string "
        "token tokens url user v1 v2 web webhook "
    )
)

HEADER_HASHED = "Private Key"  #: the type of which detect-secrets hashes the first line only


class Foreign(NamedTuple):
    """An entry of another tool's list."""

    file: str
    line: int
    rule: str
    state: str
    digest: str = ""  #: SHA-1 of the secret, in hexadecimal digits
    secret: bytes = b""

    @property
    def label(self) -> str:
        """One printable line."""
        return printable(f"{self.file}:{self.line} {self.rule}")


class Imported(NamedTuple):
    """What became of a list."""

    known: dict[str, Known]
    unmatched: list[Foreign]


def read(name: str) -> list[Foreign]:
    """The entries of a file, whichever of the three it is.

    Raises:
        UsageError: it is none of them.
    """
    text = read_bytes(name, trusted=True).decode("utf-8", "replace")
    try:
        if text.lstrip()[:1] in ("{", "["):
            document = json.loads(text)
            return list(_gitleaks(document) if isinstance(document, list) else _detect_secrets(document["results"]))
        return list(_lines(text))
    except (ValueError, OverflowError, KeyError, TypeError, AttributeError, RecursionError):
        mend = "give a .gitleaksignore, a json report of gitleaks or a .secrets.baseline of detect-secrets"
        raise UsageError(f"{name}: is no list of known secrets that leaksweep reads", mend) from None


def _lines(text: str) -> Iterator[Foreign]:
    for line in text.split("\n"):  # a path may hold other ends of lines
        entry = line.partition("#")[0].strip()
        if entry:
            found = _FINGERPRINT.fullmatch(entry)
            if not found:
                raise ValueError(entry)
            yield Foreign(_path(found["file"]), int(found["line"]), found["rule"], "accepted")


def _gitleaks(rows: list[dict[str, Any]]) -> Iterator[Foreign]:
    for row in rows:
        secret = str(row.get("Secret") or "").encode("utf-8", "surrogateescape")
        shown = b"" if secret == b"REDACTED" or secret.endswith(b"...") else secret
        yield Foreign(_path(row["File"]), int(row["StartLine"]), str(row["RuleID"]), "accepted", secret=shown)


def _detect_secrets(results: dict[str, list[dict[str, Any]]]) -> Iterator[Foreign]:
    for file, rows in results.items():
        for row in rows:
            state = "false-positive" if row.get("is_secret") is False else "accepted"
            digest = str(row.get("hashed_secret", ""))
            yield Foreign(_path(file), int(row["line_number"]), str(row["type"]), state, digest)


def _path(text: str) -> str:
    path = text.replace("\\", "/")
    return path.rpartition("!")[2].removeprefix("./")


def imported(entries: Iterable[Foreign], findings: Sequence[Finding], source: str) -> Imported:
    """The entries that can be told to be findings of today, as ours, and the others."""
    known: dict[str, Known] = {}
    unmatched = []
    for entry in entries:
        if not (found := list(_matches(entry, findings))):
            unmatched.append(entry)
        for finding in found:
            reason = f"imported from {printable(os.path.basename(source))}"
            known.setdefault(finding.id[:KEY], Known(entry.state, finding.rule.id, reason))
    return Imported(known, unmatched)


def _matches(entry: Foreign, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that an entry means: its secret wherever it is; without one, those of its provider on its line."""
    for finding in findings:
        same = _is_secret(entry, finding)
        if same or (same is None and _is_at(entry, finding) and _is_rule(entry.rule, finding)):
            yield finding


def _is_at(entry: Foreign, finding: Finding) -> bool:
    return any(
        isinstance(seen.place, File)
        and not seen.place.inside
        and seen.place.path == entry.file
        and seen.location.start_line <= entry.line <= seen.location.end_line
        for seen in finding.places
    )


def _is_secret(entry: Foreign, finding: Finding) -> bool | None:
    """Whether it is the entry's secret; None if the entry does not tell."""
    secrets = [finding.secret.reveal(), *(c.secret.reveal() for c in finding.companions)]
    if entry.secret:  # other tools draw the borders elsewhere
        return any(secret in entry.secret or entry.secret in secret for secret in secrets)
    if entry.digest and entry.rule != HEADER_HASHED:
        return any(hashlib.sha1(s, usedforsecurity=False).hexdigest() == entry.digest for s in secrets)
    return None


def _is_rule(rule: str, finding: Finding) -> bool:
    """Whether the other tool's rule may be this one: no word in it speaks of somebody else."""
    theirs = set(_WORDS.findall(rule.lower())) - _COMMON
    if rule.lower() in (HEADER_HASHED.lower(), "private-key"):
        return "private-key" in finding.rule.id
    ours = set(_WORDS.findall(f"{finding.rule.id} {finding.rule.name} {finding.rule.provider.name}".lower()))
    return not theirs or bool(theirs & ours)
