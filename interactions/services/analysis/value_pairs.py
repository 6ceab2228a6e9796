"""Pairs of label values that set the matches of a filter apart more than either alone does.

Bounded: the pairs of a few values, those that stand out and those that most matches have, counted
over the newest matches of the base. Honest: both values are on `SUPPORT` matches at least, and
those who have both match more often than those who have either, beyond what chance does to as many
pairs as were looked at.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.ids import time_of
from interactions.filters.sql.queries import newest
from interactions.filters.tree import Tree
from interactions.services.analysis.confidence_intervals import wilson, z_of_many
from interactions.services.analysis.lift import LEAST_SUPPORT, LabelLift, Lift, sets_of, within
from interactions.services.analysis.sample_sizes import counted_of
from projects.models import Project

MOST_VALUES_PAIRED = 20  # values by lift, and as many by frequency, whose pairs are counted


@dataclass(frozen=True, slots=True)
class PairLift:
    """Two values of different keys, by key and value, on the same interactions."""

    one: tuple[str, str]
    other: tuple[str, str]
    lift: Lift


@dataclass(frozen=True, slots=True)
class Combined:
    """Pairs, those with the highest lift first; `looked_at` how many there were to choose from.

    `newest` says that only so many of the newest of the base, and the matches among them, were
    counted.
    """

    lifts: list[PairLift]
    looked_at: int = 0
    newest: int = 0


def pairs(project: Project, tree: Tree, base: Tree, lifts: Sequence[LabelLift]) -> Combined:
    """Pairs of the values in `lifts`, which are by rank, that stand out beyond both their parts.

    The base has to hold all that match.
    """
    values = {one.id: (one.key, one.value) for one in _candidates(lifts) if one.id is not None}
    if len({key for key, _ in values.values()}) < 2:
        return Combined([])
    cap = counted_of(project, base)
    there = _counted(project, base, values, cap)
    here = _counted(project, within(tree, there.oldest), values, cap)
    could_be = [
        (a, b)
        for a, b in combinations(sorted(values), 2)
        if values[a][0] != values[b][0] and here.n.get((a, b), 0) >= LEAST_SUPPORT
    ]
    z = z_of_many(len(lifts) + len(could_be))
    found = []
    for a, b in could_be:
        n, base_n = here.n[a, b], there.n.get((a, b), 0)
        if _exceeds(n, base_n, max(_rate(here, there, part) for part in (a, b)), z):
            (key, value), (other, other_value) = values[a], values[b]
            lift = Lift(n, here.of, base_n, there.of, z)
            found.append(PairLift((key, value or ""), (other, other_value or ""), lift))
    found.sort(key=lambda one: (-one.lift.least, -one.lift.n, one.one, one.other))
    return Combined(found, len(could_be), cap if there.oldest is not None else 0)


def _candidates(lifts: Sequence[LabelLift]) -> list[LabelLift]:
    able = [one for one in lifts if one.lift.has_support and one.value is not None]
    frequent = sorted(able, key=lambda one: (-one.lift.n, one.key, one.value or ""))
    return list(dict.fromkeys([*able[:MOST_VALUES_PAIRED], *frequent[:MOST_VALUES_PAIRED]]))


def _exceeds(n: int, base_n: int, rate: float, z: float) -> bool:
    """Whether more of those with both values match than of those with the better one of them."""
    likely = wilson(n, base_n, z) if n <= base_n else None
    return likely is not None and likely.low > rate


@dataclass(frozen=True, slots=True)
class _Counts:
    """By two label ids, or one and None, how many of `of` have them; cut off at `oldest`."""

    n: dict[tuple[int, int | None], int]
    of: int
    oldest: datetime | None


def _rate(here: _Counts, there: _Counts, label: int) -> float:
    """How many of the base's interactions with a value match."""
    base_n = there.n.get((label, None), 0)
    return here.n.get((label, None), 0) / base_n if base_n else 0.0


def _counted(project: Project, tree: Tree, values: Collection[int], cap: int) -> _Counts:
    found = newest(project, tree, cap)
    rows = fetch(
        Sql(
            f"{sets_of(found.ids)},"
            # Of each set what is asked for alone: these are few, whatever else is in the sets.
            " s AS MATERIALIZED (SELECT w.labels, sum(w.n) AS n FROM (SELECT r.n, (SELECT"
            " array_agg(u.label) FROM unnest(r.label_ids) AS u(label)"
            " WHERE u.label = ANY(%s)) AS labels FROM r) AS w GROUP BY 1)"
            " SELECT NULL AS a, NULL AS b, (SELECT sum(n) FROM r),"
            " (SELECT id FROM m ORDER BY id LIMIT 1)"
            " UNION ALL SELECT a.label, b.label, sum(s.n), NULL FROM s"
            " CROSS JOIN LATERAL unnest(s.labels) AS a(label)"
            " CROSS JOIN LATERAL unnest(s.labels || NULL::int) AS b(label)"
            " WHERE b.label IS NULL OR a.label < b.label GROUP BY 1, 2",
            (*found.ids.params, list(values)),
        )
    )
    n = {(a, b): int(one) for a, b, one, _ in rows if a is not None}
    of, oldest = next((int(all or 0), id) for a, _, all, id in rows if a is None)
    return _Counts(n, of, time_of(oldest) if of >= found.cap else None)
