"""What sets the matches of a filter apart: values that they have more often than others do.

A value's lift is its share among the matches over its share in a base, such as the same filter
without its feedback. A value of three matches may have any lift by chance, and among two hundred
values some stand out by chance, so values are ranked by the least that the lift is likely to be:
the lower end of Wilson's interval of the share among the matches, over the share in the base. With
95 % confidence the intervals of all values that are ranked together hold at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adaptive_site.lib.database.sql import TRUE, Sql, fetch
from adaptive_site.lib.ids import time_of
from interactions.filters.conditions import CreatedIn
from interactions.filters.sql.queries import newest
from interactions.filters.tree import And, Tree
from interactions.models import Label
from interactions.services.analysis.confidence_intervals import Z, wilson, z_of_many
from interactions.services.analysis.sample_sizes import counted_of, is_everything
from interactions.services.rollups import counts as rollup_counts
from interactions.services.rollups.deltas import ALL_INTERACTIONS
from projects.models import Project

LEAST_SUPPORT = 5  # matches with a value, below which it means nothing
MOST_VALUES_COMPARED = 1_000  # the most frequent that are compared


@dataclass(frozen=True, slots=True)
class Lift:
    """`n` of `of` matches have a value, and `base_n` of `base_of` in the base.

    `z` is how wide its interval is: of one value alone 1.96, of many at once more.
    """

    n: int
    of: int
    base_n: int
    base_of: int
    z: float = field(default=Z, compare=False)

    @property
    def share(self) -> float:
        """Among the matches, from 0 to 1."""
        return self.n / self.of if self.of else 0.0

    @property
    def base_share(self) -> float:
        """In the base."""
        return min(1.0, self.base_n / self.base_of) if self.base_of else 0.0

    @property
    def times(self) -> float | None:
        """How many times as frequent as in the base; None of what the base does not have."""
        return self.share / self.base_share if self.base_share else None

    @property
    def least(self) -> float:
        """What it is likely to be at least; values are ranked by it."""
        likely = wilson(self.n, self.of, self.z) if self.has_support and self.base_share else None
        return likely.low / self.base_share if likely else 0.0

    @property
    def has_support(self) -> bool:
        """Whether enough matches have the value to say anything."""
        return self.n >= LEAST_SUPPORT

    @property
    def stands_out(self) -> bool:
        """Whether it is more frequent than chance would explain."""
        return self.least > 1.0


@dataclass(frozen=True, slots=True)
class LabelLift:
    """A value of a label key; None stands for not having the key."""

    key: str
    value: str | None
    lift: Lift
    id: int | None = None  # the label's


@dataclass(frozen=True, slots=True)
class RankedLifts:
    """The values by rank, of `of` matches against `base_of` of the base.

    `newest` and `base_newest` say that only so many of the newest were counted.
    """

    lifts: list[LabelLift]
    newest: int = 0
    base_newest: int = 0
    of: int = 0
    base_of: int = 0


def labels(project: Project, tree: Tree, base: Tree, *, key: str = "") -> RankedLifts:
    """The values of this label key, or of all, in one query over the matches and one over the
    base; of all interactions by the roll-up.

    Where only the newest of the base are counted, the matches are those of the same time. Of one
    key, not having it is a value too.
    """
    only, base_newest = _only(project, key), 0
    if is_everything(base):
        here = _carried(project, tree, only, counted_of(project, tree))
        there, base_of = (
            rollup_counts.totals(project, list(here.n)),
            rollup_counts.count(project, ALL_INTERACTIONS),
        )
    else:
        # The base has all matches, so that none of them is beyond its bound.
        cap = counted_of(project, base)
        of_base = _carried(project, base, only, cap, most=None)
        there, base_of, base_newest = of_base.n, of_base.of, of_base.newest
        here = _carried(project, within(tree, of_base.oldest), only, cap)
    known = {
        label.id: label
        for label in Label.objects.in_project(project).filter(id__in=list(here.n))
        if label.value is not None and key in ("", label.key)
    }
    z = z_of_many(sum(1 for id in known if here.n[id] >= LEAST_SUPPORT))
    lifts = [
        LabelLift(
            label.key, label.value, Lift(here.n[id], here.of, there.get(id, 0), base_of, z), id
        )
        for id, label in known.items()
    ]
    if key and len(here.n) < MOST_VALUES_COMPARED:
        base_n = _carrying(project, key) if is_everything(base) else sum(there.values())
        without = here.of - sum(one.lift.n for one in lifts)
        lifts.append(LabelLift(key, None, Lift(without, here.of, base_of - base_n, base_of, z)))
    return RankedLifts(ranked(lifts), here.newest, base_newest, here.of, base_of)


def within(tree: Tree, oldest: datetime | None) -> Tree:
    """The filter from this time on; None is all of it."""
    return tree if oldest is None else And((tree, CreatedIn(start=oldest)))


def of_the_time(project: Project, tree: Tree, base: Tree, counted: int) -> Tree:
    """The filter within the time of the newest `counted` of the base; 0 means all of it."""
    if not counted:
        return tree
    ids = newest(project, base, counted).ids
    ((oldest,),) = fetch(
        Sql(f"SELECT (array_agg(id ORDER BY id))[1] FROM ({ids.text}) AS m", ids.params)
    )
    return within(tree, None if oldest is None else time_of(oldest))


def ranked(lifts: Sequence[LabelLift]) -> list[LabelLift]:
    """The lifts by what they are likely to be at least; without support, by how many matches."""
    return sorted(
        (one for one in lifts if one.lift.n),
        key=lambda one: (-one.lift.least, -one.lift.n, one.key, one.value or ""),
    )


@dataclass(frozen=True, slots=True)
class _Carried:
    """By label id how many of `of` matches carry it. Of more than `newest` only these were
    counted, the oldest at `oldest`.
    """

    n: dict[int, int]
    of: int
    newest: int = 0
    oldest: datetime | None = None


def _only(project: Project, key: str) -> Sql:
    """The values of the key as a test of labels; of no key, all."""
    if not key:
        return TRUE
    return Sql(
        "u.label IN (SELECT id FROM label WHERE project_id = %s AND key = %s"
        " AND value IS NOT NULL)",
        (project.id, key),
    )


def _carrying(project: Project, key: str) -> int:
    """How many interactions have the key."""
    own = Label.objects.in_project(project).filter(key=key, value=None)
    return sum(rollup_counts.totals(project, list(own.values_list("id", flat=True))).values())


def sets_of(ids: Sql) -> str:
    """The label sets `r` of the interactions `m` with these ids, each with its number `n`."""
    # One row after the other by its key: the planner would read the whole table.
    return (
        f"WITH m AS MATERIALIZED ({ids.text}), r AS MATERIALIZED ("
        "SELECT i.label_ids, count(*) AS n FROM m CROSS JOIN LATERAL (SELECT label_ids"
        " FROM interaction WHERE id = m.id OFFSET 0) AS i GROUP BY 1)"
    )


def _carried(
    project: Project, tree: Tree, only: Sql, cap: int, *, most: int | None = MOST_VALUES_COMPARED
) -> _Carried:
    found = newest(project, tree, cap)
    rows = fetch(
        Sql(
            f"{sets_of(found.ids)} SELECT NULL AS label, (SELECT sum(n) FROM r) AS n,"
            " (SELECT id FROM m ORDER BY id LIMIT 1) AS oldest"
            " UNION ALL (SELECT u.label, sum(r.n) AS n, NULL FROM r CROSS JOIN LATERAL"
            f" unnest(r.label_ids) AS u(label) WHERE {only.text} GROUP BY 1"
            " ORDER BY n DESC, u.label LIMIT %s)",
            (*found.ids.params, *only.params, most),
        )
    )
    counts = {label: int(n or 0) for label, n, _ in rows}
    of = counts.pop(None)
    if of < found.cap:
        return _Carried(counts, of)
    oldest = next(id for label, _, id in rows if label is None)
    return _Carried(counts, of, found.cap, time_of(oldest))
