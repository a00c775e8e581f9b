"""The few objects with secrets -> places: commit, path, branches and tags, all of them in one pass over the walk."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import NamedTuple, Protocol

from leaksweep.model import Commit, CommitFile, GitText, Place
from leaksweep.targets.git.objects import Origin
from leaksweep.targets.git.refs import Marks, held, only_notes, refs
from leaksweep.targets.git.repository import Repository
from leaksweep.targets.git.walk import Step

Places = Mapping[Hashable, tuple[Place, ...]]

PATHS = 5  #: names that one content has in the commit that brought it
_DIFF = ("diff-tree", "--stdin", "-r", "-m", "--root", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff")
_AUTHOR = re.compile(rb"^author (.*?) ?(?<!\d)(\d{1,18}) ([+-])(\d\d)(\d\d)$", re.MULTILINE)


class Asked(NamedTuple):
    """What the places of a target are made of: the commit whose files are there now, the category, the facts told."""

    heads: tuple[str, ...]  #: none where there is none
    category: str
    dangling: bool = False  #: whether an object that the walk did not meet has a place
    authors: bool = False
    refs: bool = True


class _Firsts(NamedTuple):
    """What the walk tells of the objects asked for."""

    commit: dict[str, str]  #: object -> the first commit that has it; of a commit, itself
    order: dict[str, int]  #: of those commits
    name: dict[str, str]  #: object -> what git calls it there
    holders: dict[str, list[str]]  #: commit -> refs
    tips: dict[str, str]  #: what a ref leads to -> the ref


class Steps(Protocol):
    """A walk over history."""

    def steps(self, wanted: Collection[str]) -> Iterator[Step]:
        """The commits, parents first, each with those of the ``wanted`` objects that it was the first to have."""


def located(
    repository: Repository, walk: Steps, origins: Collection[Hashable], asked: Asked, known: Places
) -> dict[Hashable, tuple[Place, ...]]:
    """The places of these origins; none for what only a dangling object has, unless that was asked for.

    ``known`` ones are where they were; what is in HEAD, and what branches and tags hold, is told anew.
    """
    objects = [origin for origin in origins if isinstance(origin, Origin)]
    if not objects:
        return {}
    firsts = _firsts(repository, walk, {o.id for o in objects}, asked.refs)
    brought = {firsts.commit.get(o.id, "") for o in objects if o not in known} - {""}
    commits = sorted(brought, key=firsts.order.__getitem__, reverse=True)  # trees alike in turn
    paths = _paths(repository, commits, firsts.commit)
    authors = _authors(repository, commits) if asked.authors else {}
    in_head = _in_heads(repository, asked.heads)
    placed: dict[Hashable, tuple[Place, ...]] = {}
    for origin in objects:
        if origin in known:
            placed[origin] = tuple(_still(place, origin, origin.id in in_head, firsts) for place in known[origin])
        elif origin.id in paths and origin.kind == "blob":
            commit = firsts.commit[origin.id]
            by = Commit(commit, firsts.order[commit], authors.get(commit, ""))
            files = (_file(path, by, origin.id in in_head, firsts, asked) for path in paths[origin.id])
            placed[origin] = tuple(_note(file, origin.id, firsts, repository.digits) for file in files)
        elif origin.id in firsts.commit or asked.dangling:
            placed[origin] = (_text(origin, firsts, authors, asked.category),)
        else:
            placed[origin] = ()
    return placed


def _firsts(repository: Repository, walk: Steps, wanted: set[str], with_refs: bool) -> _Firsts:
    first, order, name, marks = dict[str, str](), dict[str, int](), dict[str, str](), Marks()
    for number, step in enumerate(walk.steps(wanted)):
        matters = bool(step.new) or step.id in wanted
        for found, called in step.new.items():
            first[found], name[found] = step.id, called
        if step.id in wanted:
            first[step.id] = step.id
        if matters:
            order[step.id] = number
        if with_refs:
            marks.step(step.id, step.parents, matters)
    known = list(refs(repository)) if with_refs and first else []
    return _Firsts(first, order, name, marks.holders(known), {tip: ref for ref, tip in reversed(known)})


def _paths(repository: Repository, commits: Sequence[str], first: Mapping[str, str]) -> dict[str, list[str]]:
    """The names that objects have in their first commits: the walk cuts those with newlines, and knows only one."""
    found: dict[str, dict[str, None]] = {}
    commit, parts = "", iter(_changed(repository, commits))
    for part in parts:
        if not part.startswith(b":"):
            commit = part.decode()
            continue
        new, path = part.split(b" ")[3].decode(), os.fsdecode(next(parts))
        if first.get(new) == commit:
            found.setdefault(new, {})[path] = None
    return {name: sorted(paths)[:PATHS] for name, paths in found.items()}


def _changed(repository: Repository, commits: Sequence[str]) -> Iterator[bytes]:
    """What git says of the files that these commits change; two processes share them."""
    half = len(commits) // 2
    asked = ["".join(f"{commit}\n" for commit in some).encode() for some in (commits[:half], commits[half:]) if some]
    for answer in repository.each(*_DIFF, stdins=asked):
        yield from answer.split(b"\0")


def _in_heads(repository: Repository, heads: Iterable[str]) -> frozenset[str]:
    listed = [repository.run("ls-tree", "-r", "-z", "--full-tree", head).split(b"\0") for head in heads]
    return frozenset(entry.partition(b"\t")[0].rpartition(b" ")[2].decode() for tree in listed for entry in tree)


def _file(path: str, commit: Commit, in_head: bool, firsts: _Firsts, asked: Asked) -> CommitFile:
    return CommitFile(path, commit, commit, in_head, held(firsts.holders, commit.id), category=asked.category)


def _still(place: Place, origin: Origin, in_head: bool, firsts: _Firsts) -> Place:
    """A place that was known, with what may have changed about it."""
    if isinstance(place, CommitFile):
        commit = place.commit._replace(order=firsts.order[place.commit.id])
        return place._replace(commit=commit, first=commit, in_head=in_head, held=held(firsts.holders, commit.id))
    return place._replace(held=held(firsts.holders, origin.id)) if isinstance(place, GitText) else place


def _note(file: CommitFile, content: str, firsts: _Firsts, digits: int) -> CommitFile | GitText:
    """A file of a history of notes is a note, on the object that its path names."""
    on = file.path.replace("/", "")
    if only_notes(firsts.holders, file.first.id) and re.fullmatch(rf"[0-9a-f]{{{digits}}}", on):
        return GitText("note", content, on, by=file.first.by, category=file.category)
    return file


def _text(origin: Origin, firsts: _Firsts, authors: Mapping[str, str], category: str) -> GitText:
    commit = origin.id if origin.kind == "commit" else ""
    name = firsts.name.get(origin.id) or ("" if commit else firsts.tips.get(origin.id, "").removeprefix("refs/tags/"))
    by = authors.get(commit, "")
    return GitText(origin.kind, origin.id, name, held(firsts.holders, commit), by, category=category)


def _authors(repository: Repository, commits: Iterable[str]) -> dict[str, str]:
    """Author and date of commits, as the author's clock showed it."""
    return dict(_by(repository, sorted(commits)))


def _by(repository: Repository, commits: list[str]) -> Iterator[tuple[str, str]]:
    answer = repository.run("cat-file", "--batch", stdin="".join(f"{c}\n" for c in commits).encode())
    at = 0
    for commit in commits:
        header, _, _ = answer[at : at + 200].partition(b"\n")
        start = at + len(header) + 1
        at = start + int(header.rpartition(b" ")[2]) + 1
        if match := _AUTHOR.search(answer, start, at):
            who, when, sign, hours, minutes = match.groups()
            offset = timedelta(hours=int(hours), minutes=int(minutes)) * (1 if sign == b"+" else -1)
            yield commit, f"{who.decode('utf-8', 'replace')}, {_date(int(when), offset)}"


def _date(when: int, offset: timedelta) -> str:
    try:
        return datetime.fromtimestamp(when, timezone(offset)).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return "at no time"
