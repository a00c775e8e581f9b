"""One credential, one finding: every place where the same bytes were seen, the most telling place first."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from itertools import chain

from leaksweep.model import File, Finding, ImageConfig, LayerFile, Match, Place, Seen, Sighting, Verdict

_Placed = tuple[Sighting, tuple[Place, ...]]
_PLACE_ORDER = (File, LayerFile, ImageConfig)  # where a developer can mend it first


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
            places=tuple(sorted(seen, key=place_order)),
        )


def _by_provider(group: list[_Placed]) -> Iterable[list[_Placed]]:
    """The same bytes as a secret of two providers have to be revoked twice; what names none joins the first."""
    groups: dict[str, list[_Placed]] = {}
    for placed in sorted(group, key=lambda placed: _strength(placed[0].match)):
        rule = placed[0].match.rule
        slug = next(iter(groups), rule.provider.slug) if rule.kind == "generic" else rule.provider.slug
        groups.setdefault(slug, []).append(placed)
    return groups.values()


def place_order(seen: Seen) -> tuple[object, ...]:
    """Sort key of places: plain before encoded, workspace before layers before configuration, then by name and line."""
    location = seen.location
    kind = _PLACE_ORDER.index(type(seen.place))
    at = (location.start_line, location.start_column, location.end_column)
    return (len(seen.encodings) > 0, kind, seen.place.uri, seen.place.label, *at, seen.encodings, seen.markers)


def _same(match: Match) -> Hashable:
    """What makes two matches the same credential: its bytes; for weak ones, which people reuse, its context too."""
    return (match.rule.id, match.context, match.secret) if match.rule.weak else match.secret


def _strength(match: Match) -> tuple[int, int, int, str, bytes]:
    return (-match.rule.rank, -match.confidence, -len(match.companions), match.rule.id, match.context)
