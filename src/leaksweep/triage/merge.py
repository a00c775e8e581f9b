"""One credential, one finding: every place where the same bytes were seen, the most telling place first."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from leaksweep.model import File, Finding, ImageConfig, LayerFile, Match, Place, Seen, Sighting, Verdict

_PLACE_ORDER = (File, LayerFile, ImageConfig)  # where a developer can mend it first


def merge(sightings: Iterable[tuple[Sighting, tuple[Place, ...]]]) -> Iterator[Finding]:
    """Findings without identity (empty id), each with its places in order."""
    groups: dict[Hashable, list[tuple[Sighting, tuple[Place, ...]]]] = {}
    for sighting, places in sightings:
        groups.setdefault(_same(sighting.match), []).append((sighting, places))
    for group in groups.values():
        best = min((s.match for s, _ in group), key=_strength)
        seen = {Seen(place, s.location, s.line_hash, s.match.encodings) for s, places in group for place in places}
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


def place_order(seen: Seen) -> tuple[object, ...]:
    """Sort key of places: plain before encoded, workspace before layers before configuration, then by name and line."""
    location = seen.location
    kind = _PLACE_ORDER.index(type(seen.place))
    at = (location.start_line, location.start_column, location.end_column)
    return (len(seen.encodings) > 0, kind, seen.place.uri, seen.place.label, *at, seen.encodings)


def _same(match: Match) -> Hashable:
    """What makes two matches the same credential: its bytes; for weak ones, which people reuse, its context too."""
    return (match.rule.id, match.context, match.secret) if match.rule.weak else match.secret


def _strength(match: Match) -> tuple[int, int, int, str, bytes]:
    return (-match.rule.rank, -match.confidence, -len(match.companions), match.rule.id, match.context)
