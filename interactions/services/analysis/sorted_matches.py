"""The newest matches of a filter in the order of a number: latency, tokens, cost, feedback.

No index holds them in these orders, so the newest 50,000 matches are read and sorted: a page takes
what they take, however many there are.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.filters.tree import Tree, ids_in_time_alone
from interactions.services.analysis.costs import COST_COLUMNS, cost_of, joined_prices
from interactions.services.analysis.sample_sizes import columns_of, counted_of
from projects.models import Project


class RowNumber(StrEnum):
    """A number of an interaction that rows can be sorted by."""

    LATENCY = "latency"
    TTFT = "ttft"
    TOKENS = "tokens"
    COST = "cost"
    METRIC = "metric"


@dataclass(frozen=True, slots=True)
class RowOrder:
    """The number that rows are sorted by, of feedback under `metric_id`, and from which end.

    Of several values that one interaction was given, the first in this order counts. Rows without
    the number come last, whichever the end; among equal ones the newest comes first.
    """

    by: RowNumber
    metric_id: int | None = None
    is_descending: bool = True


@dataclass(frozen=True, slots=True)
class SortedPage:
    """A page of the newest `of` matches, `known` of which have the number they are sorted by.

    `is_cut` when there may be older matches, which no page shows.
    """

    ids: list[UUID]
    of: int
    known: int
    is_cut: bool
    has_next: bool
    has_previous: bool


_COLUMNS = {
    RowNumber.LATENCY: "latency_ms AS v",
    RowNumber.TTFT: "ttft_ms AS v",
    RowNumber.TOKENS: "prompt_tokens::bigint + completion_tokens AS v",
    RowNumber.COST: COST_COLUMNS,
    RowNumber.METRIC: "NULL AS v",
}


def page(
    project: Project,
    tree: Tree,
    order: RowOrder,
    *,
    limit: int,
    after: UUID | None = None,
    before: UUID | None = None,
) -> SortedPage:
    """The matches that follow `after` or come before `before` in this order, one or neither.

    Paging back to where less than a page is left gives the first page. Raises TookTooLong.
    """
    matches = _newest(project, tree, order)
    if before is not None:
        found = fetch(page_query(project, matches, order, limit + 1, at=before, is_back=True))
        ids = [id for *_, id in found if id is not None]
        if len(ids) > limit:
            return _page(matches, found, ids[limit - 1 :: -1], has_next=True, has_previous=True)
        after = None
    found = fetch(page_query(project, matches, order, limit + 1, at=after))
    ids = [id for *_, id in found if id is not None]
    has_next = len(ids) > limit
    return _page(matches, found, ids[:limit], has_next=has_next, has_previous=after is not None)


def neighbours(
    project: Project, tree: Tree, order: RowOrder, id: UUID
) -> tuple[list[UUID], list[UUID]]:
    """The match that follows one in this order, and the one before it. Raises TookTooLong."""
    found = fetch(neighbours_query(project, _newest(project, tree, order), order, id))
    return [one for is_back, one in found if not is_back], [
        one for is_back, one in found if is_back
    ]


@dataclass(frozen=True, slots=True)
class NewestMatches:
    """The newest `cap` matches as a query: `id`, and what the number is made of.

    `are_neighbours` says that the project has no others between them.
    """

    sql: Sql
    cap: int | None
    are_neighbours: bool


def newest_matches(project: Project, tree: Tree, order: RowOrder, cap: int) -> NewestMatches:
    """The newest matches, at most `cap`, with what they are sorted by."""
    sql, cap_of_text = columns_of(project, tree, f"id, {_COLUMNS[order.by]}", cap)
    return NewestMatches(sql, cap_of_text, ids_in_time_alone(tree) is not None)


def _newest(project: Project, tree: Tree, order: RowOrder) -> NewestMatches:
    return newest_matches(project, tree, order, counted_of(project, tree))


def _page(
    matches: NewestMatches,
    found: list[tuple[int, int, UUID | None]],
    ids: list[UUID],
    *,
    has_next: bool,
    has_previous: bool,
) -> SortedPage:
    of, known, _ = found[0]
    is_cut = matches.cap is not None and of >= matches.cap
    return SortedPage(ids, of, known, is_cut, has_next, has_previous)


def page_query(
    project: Project,
    matches: NewestMatches,
    order: RowOrder,
    limit: int,
    *,
    at: UUID | None = None,
    is_back: bool = False,
) -> Sql:
    """How many matches there are, how many have the number, and ids: those beyond `at`.

    `is_back` asks for those before it, the nearest first. Where no id is left there is one row,
    without an id.
    """
    numbered = _with_numbers(project, matches, order, at)
    beyond = "" if at is None else f" CROSS JOIN c WHERE {_beyond(order, is_back=is_back)}"
    by = _direction(order, is_back=is_back)
    return Sql(
        f"{numbered.text}, t AS (SELECT count(*) AS n, count(v) AS known FROM s)"
        " SELECT t.n, t.known, p.id FROM t LEFT JOIN"
        f" (SELECT s.id, s.v FROM s{beyond} ORDER BY {_of('s', by)} LIMIT %s) p ON TRUE"
        f" ORDER BY {_of('p', by)}",
        (*numbered.params, limit),
    )


def neighbours_query(project: Project, matches: NewestMatches, order: RowOrder, at: UUID) -> Sql:
    """The ids of the matches right after `at` and right before it, each with whether it is that."""
    numbered = _with_numbers(project, matches, order, at)
    sides = [
        f"(SELECT {is_back}, s.id FROM s CROSS JOIN c WHERE {_beyond(order, is_back=is_back)}"
        f" ORDER BY {_of('s', _direction(order, is_back=is_back))} LIMIT 1)"
        for is_back in (False, True)
    ]
    return Sql(f"{numbered.text} {' UNION ALL '.join(sides)}", numbered.params)


def _with_numbers(
    project: Project, matches: NewestMatches, order: RowOrder, at: UUID | None
) -> Sql:
    """`WITH … s AS (…)`: the matches with their number `v`; and the row `c` of the id `at`."""
    number, beside = _number(project, order, are_neighbours=matches.are_neighbours)
    text = (
        f"WITH m AS MATERIALIZED ({matches.sql.text}),"
        f" s AS MATERIALIZED (SELECT w.id, {number} AS v FROM m w{beside.text})"
    )
    if at is None:
        return Sql(text, (*matches.sql.params, *beside.params))
    number, beside_one = _number(project, order, are_neighbours=False)
    text += (
        f", one AS (SELECT id, {_COLUMNS[order.by]} FROM interaction"
        " WHERE project_id = %s AND id = %s),"
        f" c AS MATERIALIZED (SELECT w.id, {number} AS v FROM one w{beside_one.text})"
    )
    params = (*matches.sql.params, *beside.params, project.id, str(at), *beside_one.params)
    return Sql(text, params)


def _direction(order: RowOrder, *, is_back: bool) -> str:
    """How rows are sorted; on the way back, the other way round."""
    direction = "ASC" if order.is_descending == is_back else "DESC"
    last, ids = ("FIRST", "ASC") if is_back else ("LAST", "DESC")
    return f"v {direction} NULLS {last}, id {ids}"


def _of(row: str, by: str) -> str:
    return ", ".join(f"{row}.{column}" for column in by.split(", "))


def _beyond(order: RowOrder, *, is_back: bool) -> str:
    """Whether the row `s` follows the row `c`, or comes before it."""
    sign = "<" if order.is_descending else ">"
    if not is_back:
        return (
            f"(s.v {sign} c.v OR (s.v = c.v AND s.id < c.id) OR (s.v IS NULL"
            " AND (c.v IS NOT NULL OR s.id < c.id)))"
        )
    sign = ">" if order.is_descending else "<"
    return (
        f"(s.v {sign} c.v OR (s.v = c.v AND s.id > c.id) OR (c.v IS NULL"
        " AND (s.v IS NOT NULL OR s.id > c.id)))"
    )


def _number(project: Project, order: RowOrder, *, are_neighbours: bool) -> tuple[str, Sql]:
    """The number of a row `w`, and what has to be joined for it."""
    if order.by == RowNumber.COST:
        return cost_of("w"), joined_prices(project, "w")
    if order.by != RowNumber.METRIC:
        return "w.v", Sql("")
    first = "max" if order.is_descending else "min"
    if are_neighbours:  # one stretch of an index instead of a look-up for each
        query = (
            f" LEFT JOIN (SELECT interaction_id, {first}(value) AS v FROM feedback"
            " WHERE metric_id = %s AND interaction_id >= (SELECT id FROM m ORDER BY id LIMIT 1)"
            " AND interaction_id <= (SELECT id FROM m ORDER BY id DESC LIMIT 1)"
            " GROUP BY 1) f ON f.interaction_id = w.id"
        )
    else:
        query = (
            f" CROSS JOIN LATERAL (SELECT {first}(value) AS v FROM feedback"
            " WHERE interaction_id = w.id AND metric_id = %s) f"
        )
    return "f.v", Sql(query, (order.metric_id,))
