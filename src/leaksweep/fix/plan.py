"""From findings to changed files: one variable a secret, from the last place of a file to its first."""

from __future__ import annotations

import os
import re
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from leaksweep.engine import Engine
from leaksweep.explain import variable_of
from leaksweep.fix import code, config, dockerfile, dotenv
from leaksweep.fix.grammar import Language, language_of
from leaksweep.fix.spans import Cannot, line_at, span_of
from leaksweep.model import Blob, File, Finding, Seen, Span
from leaksweep.redact import Secret

LARGEST = 4 << 20  #: bytes of a file that is changed
_NAME = rb"([A-Za-z_][\w.-]{0,60})"
_ASSIGNED = rb"[\"'\])]*\s*(?:=>?|:=?|,|\()\s*[@$A-Za-z]{0,2}[\"'`]{0,3}"
_BEFORE = re.compile(_NAME + _ASSIGNED + rb"([^\"'`=]{0,80})\Z")


class Fixed(NamedTuple):
    """A secret that a change takes away."""

    finding: Finding
    line: int
    variable: str


class Change(NamedTuple):
    """What becomes of a file; ``path`` is relative to the folder, ``old`` is None where it is new."""

    path: str
    old: bytes | None
    new: bytes
    fixed: tuple[Fixed, ...] = ()

    def __repr__(self) -> str:
        """Never the contents: they hold secrets."""
        return f"Change({self.path!r})"


class Left(NamedTuple):
    """A place that stays as it is, and why."""

    finding: Finding
    where: str
    why: str


class Plan(NamedTuple):
    """What is to be changed, what stays, and the secret of each variable."""

    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    values: dict[str, Secret]


class Planner:
    """Makes the changes of a folder, in memory. Files that git may not know are emptied only if that is allowed."""

    def __init__(self, folder: Path, engine: Engine, *, empties: bool = True) -> None:
        self._folder, self._engine, self._empties = folder, engine, empties
        self._names: dict[bytes, str] = {}
        self._secrets: frozenset[bytes] = frozenset()
        self._left: list[Left] = []
        self._emptied: dict[str, list[str]] = defaultdict(list)  #: names of the variables of each dotenv file

    def plan(self, findings: Iterable[Finding]) -> Plan:
        """Changes for the places of these findings in files of the folder."""
        findings = list(findings)
        self._secrets = frozenset(finding.secret.reveal() for finding in findings)
        files: dict[str, list[tuple[Seen, Finding]]] = defaultdict(list)
        for finding in findings:
            for seen in finding.places:
                if isinstance(seen.place, File) and not seen.place.inside:
                    files[seen.place.path].append((seen, finding))
                else:
                    where = f"{seen.place.label}:{seen.location.start_line}"
                    self._left.append(Left(finding, where, "it stands in no file that could be changed: revoke it"))
        for path in sorted(files):
            files[path].sort(key=_position)
        changes = [change for path in sorted(files) if (change := self._file(path, files[path]))]
        changes += self._beside(changes)
        used = {fixed.variable for change in changes for fixed in change.fixed}
        values = {name: Secret(raw) for raw, name in self._names.items() if name in used}
        return Plan(tuple(changes), tuple(self._left), values)

    def _file(self, path: str, seen: list[tuple[Seen, Finding]]) -> Change | None:
        try:
            old = read(self._folder, path)
        except Cannot as why:
            self._left.extend(Left(finding, f"{path}:{s.location.start_line}", str(why)) for s, finding in seen)
            return None
        new, fixed = old, list[Fixed]()
        language = language_of(path, old)
        for place, finding in seen:
            self._named(path, old, place, finding)
        for place, finding in reversed(seen):
            line = place.location.start_line
            try:
                variable, new = self._place(path, language, new, place, finding)
                fixed.append(Fixed(finding, line, variable))
            except Cannot as why:
                self._left.append(Left(finding, f"{path}:{line}", str(why)))
        if not fixed:
            return None
        try:
            new = code.with_import(language, new, old) if language else new
        except Cannot as why:
            self._left.extend(Left(one.finding, f"{path}:{one.line}", str(why)) for one in fixed)
            return None
        return self._proven(Change(path, old, new, tuple(reversed(fixed))))

    def _place(
        self, path: str, language: Language | None, data: bytes, seen: Seen, finding: Finding
    ) -> tuple[str, bytes]:
        if seen.encodings:
            raise Cannot("it is encoded there: decode it and replace it by hand")
        raw = finding.secret.reveal()
        span, name = span_of(data, seen.location, raw), self._names[raw]
        if dotenv.is_dotenv(path):
            if not self._empties and not dotenv.is_example(path):
                raise Cannot("its value may stand nowhere else: give --values DIR, which keeps it")
            made = dotenv.change(data, span)
            self._emptied[path].append(dotenv.name_at(data, span))
            return name, made
        if dockerfile.is_dockerfile(path):
            return name, dockerfile.change(data, span)
        if language:
            return name, code.change(language, data, span, name)
        return name, config.change(path, data, span, name)

    def _named(self, path: str, data: bytes, seen: Seen, finding: Finding) -> None:
        """One variable for each secret; a name that another secret has gets a number."""
        raw = finding.secret.reveal()
        try:
            span = span_of(data, seen.location, raw)
        except Cannot:
            return
        if raw not in self._names:
            kind = dotenv if dotenv.is_dotenv(path) else dockerfile if dockerfile.is_dockerfile(path) else None
            called = kind.name_at(data, span) if kind else _called(finding, data, span)
            if any(secret in called.encode() for secret in self._secrets):
                called = ""  # names are printed
            name, number, taken = called or variable_of(finding.rule), 1, set(self._names.values())
            while (unique := f"{name}_{number}" if number > 1 else name) in taken:
                number += 1
            self._names[raw] = unique

    def _proven(self, change: Change) -> Change | None:
        """The change, if none of its secrets is found in what it makes."""
        found = {match.secret.reveal() for match in self._engine.matches(Blob(change.path, change.new))}
        if still := [fixed for fixed in change.fixed if fixed.finding.secret.reveal() in found]:
            why = "it would still be found after the change: replace it by hand"
            self._left.extend(Left(fixed.finding, f"{change.path}:{fixed.line}", why) for fixed in still)
            return None
        return change

    def _beside(self, changes: list[Change]) -> list[Change]:
        """What goes with emptied dotenv files: an example to commit, and a line that keeps git from taking them."""
        made: dict[str, Change] = {}
        for change in changes:
            names = self._emptied.get(change.path, [])
            if names and not dotenv.is_example(change.path):
                folder, slash, name = change.path.rpartition("/")
                self._other(made, f"{folder}{slash}.env.example", partial(dotenv.example, names=names[::-1]))
                self._other(made, f"{folder}{slash}.gitignore", partial(dotenv.ignored, name=name))
        return list(made.values())

    def _other(self, made: dict[str, Change], path: str, make: Callable[[bytes], bytes]) -> None:
        try:
            old = made[path].old if path in made else there(self._folder, path)
        except Cannot:
            return
        base = made[path].new if path in made else old or b""
        if (new := make(base)) != base:
            made[path] = Change(path, old, new)


def _position(place: tuple[Seen, Finding]) -> tuple[int, int]:
    return place[0].location.start_line, place[0].location.start_column


def there(folder: Path, path: str) -> bytes | None:
    """The content of such a file, or None where there is none."""
    return read(folder, path) if os.path.lexists(folder / path) else None


def read(folder: Path, path: str) -> bytes:
    """A regular file of the folder, reached without a link.

    Raises:
        Cannot: it is something else, too large, or cannot be read.
    """
    file = folder / path
    if os.path.realpath(file.parent) != os.path.join(os.path.realpath(folder), os.path.dirname(path)).rstrip("/"):
        raise Cannot("a link leads there: change it where it is")
    try:
        with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise Cannot("it is no regular file")
            data = stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise Cannot("the file is gone: scan again") from None
    except OSError as error:
        raise Cannot(f"the file cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise Cannot("the file is too large to be changed: replace it by hand")
    return data


def _called(finding: Finding, data: bytes, span: Span) -> str:
    """The usual variable of the provider, or, where nobody knows whose secret it is, the name before it."""
    if finding.rule.kind != "generic" and finding.rule.playbook.env:
        return finding.rule.playbook.env[0]
    found = _BEFORE.search(data[line_at(data, span.start).start : span.start])
    if not found:
        return ""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", found[1].decode())
    name = "_".join(words).upper()
    if found[2].strip() and not re.search("PASS|PWD|SECRET|TOKEN|KEY", name):
        name += "_PASSWORD"  # a part of the value, such as the password of an address
    return name if re.match(r"[A-Z]{2}", name) else ""
