"""The matches of a filter with what they are grouped by, as queries.

`group_pages.py` pages through all groups by cursors, as clients of the API ask for them. On the
site people sort groups by their feedback, and would rather have the newest matches at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from adaptive_site.lib.database.sql import Sql
from adaptive_site.lib.time_zones import zone_named
from interactions.filters.days import here
from interactions.filters.tree import Tree, ids_in_time_alone
from interactions.services.analysis.costs import joined_prices
from interactions.services.analysis.percentiles import NUMBER_COLUMNS, figures_of
from interactions.services.analysis.sample_sizes import columns_of
from projects.models import Project

# What stands for a group: the id of a model, user or label, a hash, a session, a day, a source;
# None for having none.
GroupValue: TypeAlias = int | UUID | date | str | None


class GroupKind(StrEnum):
    """What the members of a group have in common."""

    MODEL = "model"
    PROMPT = "prompt"
    SESSION = "session"
    USER = "user"
    DAY = "day"
    SOURCE = "source"
    LABEL = "label"

    @property
    def type(self) -> str:
        """The database's type of a group's value."""
        return {"prompt": "uuid", "session": "uuid", "day": "date", "source": "text"}.get(
            self, "int"
        )


@dataclass(frozen=True, slots=True)
class Grouping:
    """A kind, and of labels the key whose values are the groups."""

    kind: GroupKind
    key: str = ""


@dataclass(frozen=True, slots=True)
class Sorting:
    """What groups are sorted by: `count`, `name`, `newest` or the mean of `metric_id`.

    Those with fewer than `least` of it (values of the metric, else interactions) are left out.
    """

    by: str = "count"
    metric_id: int | None = None
    is_descending: bool = True
    least: int = 1


GROUP_COLUMNS = {
    GroupKind.MODEL: "llm_id",
    GroupKind.PROMPT: "prompt_hash",
    GroupKind.SESSION: "session_id",
    GroupKind.USER: "created_by_id",
    GroupKind.DAY: "(created_at AT TIME ZONE ZONE_OF_DAYS)::date",
    GroupKind.SOURCE: "source::text",
    GroupKind.LABEL: "label_ids",
}
# Of each different set of labels the one that is a value of the key: sets are far fewer than
# interactions, and a key may have 100,000 values.
_OF_KEY = (
    ", k AS MATERIALIZED (SELECT id FROM label"
    " WHERE project_id = %s AND key = %s AND value IS NOT NULL),"
    " c AS MATERIALIZED (SELECT d.value AS labels, max(k.id) AS value"
    " FROM (SELECT DISTINCT value FROM m) d CROSS JOIN LATERAL unnest(d.value) AS u(label)"
    " JOIN k ON k.id = u.label GROUP BY 1),"
    " r AS MATERIALIZED (SELECT m.id, m.at, c.value FROM m LEFT JOIN c ON c.labels = m.value)"
)
_NAMES = {
    GroupKind.MODEL: ("n.key", "LEFT JOIN projects_llm n ON n.id = g.value"),
    GroupKind.USER: ("n.email", "LEFT JOIN projects_user n ON n.id = g.value"),
    GroupKind.LABEL: ("n.value", "LEFT JOIN label n ON n.id = g.value"),
}
_RANKS = {"count": "n", "name": "name", "newest": "newest", "mean": "mean"}


# Of neighbours the feedback is one stretch of an index: that of 37,579 was read in less than half
# the time of looking each up. Other rows may lie anywhere in a list of millions.
_FIRST = "(SELECT id FROM r ORDER BY id LIMIT 1)"


@dataclass(frozen=True, slots=True)
class GroupedRows:
    """`WITH … r AS (…)`: the matches with the columns id, at, value, which is their group.

    They are all there are, if fewer than `cap`, or without one. `are_neighbours` says that the
    project has no others between them.
    """

    kind: GroupKind
    sql: Sql
    cap: int | None
    are_neighbours: bool = False

    def then(self, text: str, *params: object) -> Sql:
        """A query that begins with the rows."""
        return Sql(self.sql.text + text, self.sql.params + params)

    def with_groups(self, sorting: Sorting) -> "GroupedRows":
        """The rows, and their groups `s` with the columns value, n, newest, samples, mean, name."""
        name, join = _NAMES.get(self.kind, ("g.value::text", ""))
        feedback, samples, mean = Sql(""), "count(*)", "NULL::float8"
        if sorting.metric_id is not None:
            # An interaction's values are added up first, so that it counts once, however many
            # people gave feedback.
            feedback = Sql(
                " LEFT JOIN (SELECT interaction_id, count(*) AS n, sum(value) AS total"
                f" FROM feedback WHERE metric_id = %s AND interaction_id >= {_FIRST} GROUP BY 1) v"
                " ON v.interaction_id = r.id"
                if self.are_neighbours
                else " CROSS JOIN LATERAL (SELECT count(*) AS n, sum(value) AS total FROM feedback"
                " WHERE interaction_id = r.id AND metric_id = %s) v",
                (sorting.metric_id,),
            )
            samples, mean = "coalesce(sum(v.n), 0)", "sum(v.total) / nullif(sum(v.n), 0)"
        groups = self.then(
            f", g AS MATERIALIZED (SELECT r.value, count(*) AS n, max(r.at) AS newest,"
            f" {samples} AS samples, {mean} AS mean FROM r{feedback.text} GROUP BY 1),"
            f" s AS (SELECT g.*, coalesce({name}, '') COLLATE \"C\" AS name FROM g {join}"
            " WHERE g.samples >= %s)",
            *(*feedback.params, sorting.least),
        )
        return replace(self, sql=groups)

    def among(self, values: Sequence[GroupValue]) -> Sql:
        """Whether the row `r` is of one of these groups."""
        some = [value for value in values if value is not None]
        test = Sql(f"r.value = ANY(%s::{self.kind.type}[])", (some,))
        if len(some) == len(values):
            return test
        return Sql(f"({test.text} OR r.value IS NULL)", test.params)


def rows(
    project: Project,
    tree: Tree,
    grouping: Grouping,
    cap: int | None,
    *,
    is_read_once: bool = False,
) -> GroupedRows:
    """The newest `cap` matches, of a text fewer; or without one all of them.

    Rows that are read once, by one part of the query, are not kept meanwhile.
    """
    column = GROUP_COLUMNS[grouping.kind].replace("ZONE_OF_DAYS", _zone())
    found, cap = columns_of(project, tree, f"id, created_at AS at, {column} AS value", cap)
    are_neighbours = ids_in_time_alone(tree) is not None
    if grouping.kind != GroupKind.LABEL:
        kept = "" if is_read_once else "MATERIALIZED "
        sql = Sql(f"WITH r AS {kept}({found.text})", found.params)
    else:
        text = f"WITH m AS MATERIALIZED ({found.text}){_OF_KEY}"
        sql = Sql(text, (*found.params, project.id, grouping.key))
    return GroupedRows(grouping.kind, sql, cap, are_neighbours)


def page(these: GroupedRows, sorting: Sorting, *, limit: int, offset: int) -> Sql:
    """How many matches there are, from when to when, how many groups, and a page of these.

    Every row repeats the first; where no group is shown there is one row, without a group.
    """
    direction = "DESC" if sorting.is_descending else "ASC"
    return these.with_groups(sorting).then(
        " SELECT t.n, t.start, t.last, s.many, p.value, p.name, p.n, p.newest"
        " FROM (SELECT count(*) AS n, min(at) AS start, max(at) AS last FROM r) t"
        " CROSS JOIN (SELECT count(*) AS many FROM s) s"
        f" LEFT JOIN LATERAL (SELECT * FROM s ORDER BY {_RANKS[sorting.by]} {direction} NULLS LAST,"
        f" name {direction if sorting.by == 'name' else 'ASC'} LIMIT %s OFFSET %s) p ON TRUE",
        *(limit, offset),
    )


def figures(
    these: GroupedRows,
    metric_ids: Sequence[int],
    values: Sequence[GroupValue],
    is_bad: Sql,
) -> Sql:
    """Overall and by group, metric by metric: number, mean, least, most, sample deviation; then
    how many interactions have any, a bad and another value. `is_bad` tests the row `f`.
    """
    shown = these.among(values)
    given = (
        f" JOIN feedback f ON f.interaction_id = r.id AND f.interaction_id >= {_FIRST}"
        " AND f.metric_id = ANY(%s)"
        if these.are_neighbours or these.cap is None
        else " CROSS JOIN LATERAL (SELECT metric_id, value FROM feedback"
        " WHERE interaction_id = r.id AND metric_id = ANY(%s) OFFSET 0) f"
    )
    return these.then(
        " SELECT grouping(r.value) = 1, r.value, f.metric_id, count(*), avg(f.value),"
        " min(f.value), max(f.value), stddev_samp(f.value), count(DISTINCT r.id),"
        f" count(DISTINCT r.id) FILTER (WHERE {is_bad.text}),"
        f" count(DISTINCT r.id) FILTER (WHERE NOT ({is_bad.text})) FROM r{given}"
        " GROUP BY GROUPING SETS ((r.value, f.metric_id), (f.metric_id))"
        f" HAVING grouping(r.value) = 1 OR {shown.text}",
        *(*is_bad.params, *is_bad.params, list(metric_ids), *shown.params),
    )


def ticks(these: GroupedRows, edges: Sequence[datetime], values: Sequence[GroupValue]) -> Sql:
    """By group and span of time, numbered from 1, how many there are; of a day by its hours."""
    shown = these.among(values)
    span = Sql("width_bucket(r.at, %s::timestamptz[])", (list(edges),))
    if these.kind == GroupKind.DAY:
        span = Sql(f"extract(hour FROM r.at AT TIME ZONE {_zone()})::int + 1")
    return these.then(
        f" SELECT r.value, {span.text}, count(*) FROM r WHERE {shown.text} GROUP BY 1, 2",
        *(*span.params, *shown.params),
    )


def numbers(project: Project, these: GroupedRows, values: Sequence[GroupValue]) -> Sql:
    """By group, what `read_numbers` reads: of latency, tokens and cost."""
    shown, prices = these.among(values), joined_prices(project, "w")
    # One row after the other by its key: the planner would read the whole table.
    return these.then(
        f" SELECT r.value, {figures_of('w')} FROM r CROSS JOIN LATERAL (SELECT {NUMBER_COLUMNS}"
        f" FROM interaction WHERE project_id = %s AND id = r.id OFFSET 0) w{prices.text}"
        f" WHERE {shown.text} GROUP BY 1",
        *(project.id, *prices.params, *shown.params),
    )


def _zone() -> str:
    """The zone whose days are meant, as SQL writes it; the names are those of the system's list."""
    return f"'{zone_named(str(here().zone))}'"


def names(kind: GroupKind, values: Sequence[GroupValue]) -> Sql:
    """The names of groups that are not None: value and name."""
    name, join = _NAMES.get(kind, ("g.value::text", ""))
    return Sql(
        f"SELECT g.value, {name} FROM unnest(%s::{kind.type}[]) AS g(value) {join}", (list(values),)
    )
