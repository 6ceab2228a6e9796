"""How much each list holds, and where, found by reading the nearest thousand entries of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from adaptive_site.lib.database.sql import Bounds, Sql, fetch, joined
from interactions.filters.sql.index_lists import IndexList, project_list
from interactions.filters.tree import Tree

MOST_PROBED = 1000  # entries read of each list
LEAST_PROBED = 20  # entries read of each of many lists


@dataclass(frozen=True, slots=True)
class ListSize:
    """How many entries a condition's lists have within the bounds that all conditions leave.

    `is_all` says that all entries were read, so that `size` is known; otherwise `size` is an
    estimate from how dense the entries that were read are. `share` is the part of the project's
    interactions that is in the lists.
    """

    size: float
    share: float
    is_all: bool


@dataclass(frozen=True, slots=True)
class _Probe:
    """What was read of one list: all of it or not, how many entries, and the ends of them.

    `passing` is how many of the entries pass the list's own test.
    """

    is_all: bool
    entries: int
    passing: int
    first: UUID | None
    last: UUID | None


class ListSizes:
    """The sizes of the lists of several conditions that must all hold, from one query.

    `bounds` is what is left of the bounds given to it: nothing matches nearer than the nearest
    entry of every condition, nor beyond the last of a list that was read whole. So two labels of
    different times are not merged entry by entry. `is_empty` says that a condition has no entry.
    """

    def __init__(
        self,
        project_id: int,
        lists: Mapping[Tree, Sequence[IndexList]],
        bounds: Bounds,
        *,
        oldest_first: bool,
    ) -> None:
        everything = project_list(project_id)
        ours = [one for found in lists.values() for one in found]
        read = [
            *(_probe(n, one, bounds, oldest_first) for n, one in enumerate([*ours, everything])),
            _probe(len(ours) + 1, everything, bounds, not oldest_first, most=1),
        ]
        probes = _run(read)
        of = {tree: [p for _ in found for p in next(probes)] for tree, found in lists.items()}
        (project,), (other_end,) = probes
        self.is_empty = not all(any(one.entries for one in found) for found in of.values())
        self.bounds = bounds
        for found in of.values():
            self.bounds = _narrowed(self.bounds, found, oldest_first=oldest_first)
        ends = sorted(str(id) for id in (project.first, other_end.first) if id is not None)
        there = self.bounds & Bounds(*ends)
        span = (_clock(there.least), _clock(there.below))
        most = max(1.0, _size(project, span, oldest_first))
        self._of = {}
        for tree, found in of.items():
            size = sum(_size(one, span, oldest_first) for one in found)
            is_all = all(one.is_all for one in found)
            self._of[tree] = ListSize(size, min(1.0, size / most), is_all)

    def of(self, tree: Tree) -> ListSize:
        """The size of the lists of one of the conditions."""
        return self._of[tree]


def total(project_id: int) -> int:
    """About how many interactions the project has, by the roll-up; 0 where that is empty."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n), 0) FROM label_count"
            " WHERE project_id = %s AND label_id = 0 AND grain = 't'",
            [project_id],
        )
        return int(cursor.fetchone()[0])


def _probe(
    number: int, one: IndexList, bounds: Bounds, oldest_first: bool, *, most: int = MOST_PROBED
) -> Sql:
    """A query with a row for each key: `number`, the most entries it reads, and what it found."""
    most = min(most, max(LEAST_PROBED, MOST_PROBED // one.many))
    entries = one.entries(bounds)
    order = one.order("ASC" if oldest_first else "DESC")
    test = one.test.text.replace("@", "d")
    read = (
        f"SELECT count(*) AS n, count(*) FILTER (WHERE e.passes) AS passing,"
        " (array_agg(e.id))[1] AS first, (array_agg(e.id))[count(*)] AS last"
        f" FROM (SELECT d.{one.column} AS id, {test} AS passes FROM {one.source.text} d"
        f" WHERE {entries.text} ORDER BY {order} LIMIT {most}) AS e"
    )
    params = (*one.test.params, *one.source.params, *entries.params)
    if one.keys is None:
        return Sql(f"SELECT {number}, {most}, r.* FROM ({read}) AS r", params)
    keys = one.keys
    return Sql(
        f"SELECT {number}, {most}, r.* FROM {keys.text} CROSS JOIN LATERAL ({read}) AS r",
        (*keys.params, *params),
    )


def _run(probes: Sequence[Sql]) -> Iterator[list[_Probe]]:
    """What each probe found, in the order of the probes."""
    found: list[list[_Probe]] = [[] for _ in probes]
    for number, most, entries, passing, first, last in fetch(joined(probes, " UNION ALL ")):
        found[number].append(_Probe(entries < most, entries, passing, first, last))
    return iter(found)


def _narrowed(bounds: Bounds, probes: Sequence[_Probe], *, oldest_first: bool) -> Bounds:
    """The bounds that one condition leaves."""
    firsts = [one.first for one in probes if one.first is not None]
    lasts = [one.last for one in probes if one.last is not None]
    if not firsts:
        return bounds
    is_all = all(one.is_all for one in probes)
    newest = max(lasts if oldest_first else firsts)
    oldest = min(firsts if oldest_first else lasts)
    return bounds & Bounds(
        least=str(oldest) if is_all or oldest_first else None,
        below=str(UUID(int=newest.int + 1)) if is_all or not oldest_first else None,
    )


def _size(probe: _Probe, span: tuple[int, int], oldest_first: bool) -> float:
    """How many entries within the span pass, if the list goes on as dense from where it begins."""
    if probe.is_all or probe.first is None or probe.last is None:
        return probe.passing
    first, last = _clock(str(probe.first)), _clock(str(probe.last))
    least, most = (max(span[0], first), span[1]) if oldest_first else (span[0], min(span[1], first))
    dense = max(probe.passing, 0.5) / max(1, abs(first - last))
    return max(probe.passing, dense * max(0, most - least))


def _clock(id: str | None) -> int:
    """The milliseconds in an id."""
    return UUID(id).int >> 80 if id else 0
