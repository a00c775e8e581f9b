"""One credential, one finding: every place where the same bytes were seen, the most telling place first."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from itertools import chain

from leaksweep.model import (
    CommitFile,
    File,
    Finding,
    GitText,
    ImageConfig,
    LayerFile,
    Match,
    Place,
    Seen,
    Sighting,
    Verdict,
    step_of,
)

_Placed = tuple[Sighting, tuple[Place, ...]]
_MADE = 0.5  #: of what a known line of the Dockerfile made: after files, before all else
_PLACE_ORDER = (File, CommitFile, GitText, LayerFile, ImageConfig)  # where a developer can mend it first


def merge(sightings: Iterable[tuple[Sighting, tuple[Place, ...]]]) -> Iterator[Finding]:
    """Findings without identity (empty id), each with its places in order."""
    alike: dict[Hashable, list[_Placed]] = {}
    for sighting, places in sightings:
        alike.setdefault(_same(sighting.match), []).append((sighting, places))
    for group in chain.from_iterable(map(_by_provider, alike.values())):
        best = min((s.match for s, _ in group), key=_strength)
        seen = {
            Seen(place, s.location, s.line_hash, s.match.encodings, s.markers)
            for s, places in group
            for place in places
        }
        yield Finding(
            id="",
            rule=best.rule,
            secret=best.secret,
            verdict=Verdict.NEW,
            confidence=best.confidence,
            proofs=best.proofs,
            companions=best.companions,
            context=best.context,
            places=tuple(sorted(_newest(seen), key=place_order)),
        )


def _by_provider(group: list[_Placed]) -> Iterable[list[_Placed]]:
    """The same bytes as a secret of two providers have to be revoked twice; what names none joins the first."""
    groups: dict[str, list[_Placed]] = {}
    for placed in sorted(group, key=lambda placed: _strength(placed[0].match)):
        rule = placed[0].match.rule
        slug = next(iter(groups), rule.provider.slug) if rule.kind == "generic" else rule.provider.slug
        groups.setdefault(slug, []).append(placed)
    return groups.values()


def _newest(places: Iterable[Seen]) -> Iterator[Seen]:
    """One place for all versions of a file in git's history: the newest, which knows the oldest."""
    versions: dict[Hashable, list[tuple[CommitFile, Seen]]] = {}
    for seen in places:
        if isinstance(place := seen.place, CommitFile):
            key = (place.path, place.inside, place.category, seen.encodings)
            versions.setdefault(key, []).append((place, seen))
        else:
            yield seen
    for group in versions.values():
        all_of_it = [place for place, _ in group]
        oldest, newest = (some(all_of_it, key=lambda p: p.commit.order) for some in (min, max))
        place = newest._replace(
            first=oldest.first,
            held=oldest.held,
            in_head=any(p.in_head for p in all_of_it),
            versions=len({p.commit.order for p in all_of_it}),
        )
        for own, seen in group:
            if own.commit == newest.commit:
                yield seen._replace(place=place)


def place_order(seen: Seen) -> tuple[object, ...]:
    """Sort key of places: plain before encoded, workspace before history before layers before configuration; of
    history the newest commit first, else by name and line.
    """
    location = seen.location
    at = (location.start_line, location.start_column, location.end_column)
    return (len(seen.encodings) > 0, *kind_order(seen.place), *at, seen.encodings, seen.markers)


def kind_order(place: Place) -> tuple[float, int, str, str]:
    """Sort key of places without a line in them: workspace, what a line of its Dockerfile made, the newest commit,
    layers, configuration; then by name.
    """
    kind = _MADE if step_of(place) else _PLACE_ORDER.index(type(place))
    age = -place.commit.order if isinstance(place, CommitFile) else 0
    return (kind, age, place.uri, place.label)


def _same(match: Match) -> Hashable:
    """What makes two matches the same credential: its bytes; for weak ones, which people reuse, its context too."""
    return (match.rule.id, match.context, match.secret) if match.rule.weak else match.secret


def _strength(match: Match) -> tuple[int, int, int, str, bytes]:
    return (-match.rule.rank, -match.confidence, -len(match.companions), match.rule.id, match.context.reveal())
