"""The matches of a filter with what they are grouped by, as queries.

`groups.py` pages through all groups by keyset, as the SDK asks for them; these are for people, who
sort groups by what was judged of them, and would rather have the newest matches at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, joined
from adaptive_site.lib.time_zones import zone_named
from interactions.filters.days import here
from interactions.filters.sql.queries import matches, newest
from interactions.filters.sql.time_bounds import bounds_of_time_alone
from interactions.filters.tree import Tree
from projects.models import Project

# What stands for a group: the id of a model, user or label, a hash, a session, a day, a source;
# None for having none.
Value: TypeAlias = int | UUID | date | str | None


class Kind(StrEnum):
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

    kind: Kind
    key: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """`WITH … r AS (…)`: the matches with the columns id, at, value.

    They are all there are, if fewer than `cap`, or without one. `are_neighbours` says that the
    project has no others between them.
    """

    sql: Sql
    cap: int | None
    are_neighbours: bool = False

    def then(self, text: str, *params: object) -> Sql:
        """A query that begins with them."""
        return Sql(self.sql.text + text, self.sql.params + params)


@dataclass(frozen=True, slots=True)
class Sorting:
    """What groups are sorted by: `count`, `name`, `newest` or the mean of `metric_id`.

    Those with fewer than `least` of it (values of the metric, else interactions) are left out.
    """

    by: str = "count"
    metric_id: int | None = None
    is_descending: bool = True
    least: int = 1


_VALUES = {
    Kind.MODEL: "llm_id",
    Kind.PROMPT: "prompt_hash",
    Kind.SESSION: "session_id",
    Kind.USER: "created_by_id",
    Kind.DAY: "(created_at AT TIME ZONE ZONE_OF_DAYS)::date",
    Kind.SOURCE: "source::text",
    Kind.LABEL: "label_ids",
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
    Kind.MODEL: ("n.key", "LEFT JOIN projects_llm n ON n.id = g.value"),
    Kind.USER: ("n.email", "LEFT JOIN projects_user n ON n.id = g.value"),
    Kind.LABEL: ("n.value", "LEFT JOIN label n ON n.id = g.value"),
}
_RANKS = {"count": "n", "name": "name", "newest": "newest", "mean": "mean"}


def rows(project: Project, tree: Tree, grouping: Grouping, cap: int | None) -> Rows:
    """The newest `cap` matches, of a text fewer; or without one all of them."""
    value = _VALUES[grouping.kind].replace("ZONE_OF_DAYS", _zone())
    columns = f"created_at AS at, {value} AS value"
    times = bounds_of_time_alone(tree)
    if times is not None:
        # Where only time filters, the rows themselves are read, in their order.
        span = times.on("id")
        limit = Sql("") if cap is None else Sql(" ORDER BY id DESC LIMIT %s", (cap,))
        found = Sql(
            f"SELECT id, {columns} FROM interaction WHERE project_id = %s{span.text}{limit.text}",
            (project.id, *span.params, *limit.params),
        )
    elif cap is None:
        ids = matches(project, tree)
        columns = columns.replace("created_at", "i.created_at")
        found = Sql(
            f"SELECT w.id, {columns} FROM ({ids.text}) w JOIN interaction i ON i.id = w.id",
            ids.params,
        )
    else:
        some = newest(project, tree, cap)
        ids, cap = some.ids, some.cap
        # One row after the other by its key: the planner would read the whole table.
        found = Sql(
            f"SELECT w.id, i.* FROM ({ids.text}) w CROSS JOIN LATERAL"
            f" (SELECT {columns} FROM interaction WHERE id = w.id OFFSET 0) i",
            ids.params,
        )
    if grouping.kind != Kind.LABEL:
        sql = Sql(f"WITH r AS MATERIALIZED ({found.text})", found.params)
        return Rows(sql, cap, times is not None)
    text = f"WITH m AS MATERIALIZED ({found.text}){_OF_KEY}"
    return Rows(Sql(text, (*found.params, project.id, grouping.key)), cap, times is not None)


# Of neighbours the feedback is one stretch of an index: that of 37,579 was read in less than half
# the time of looking each up. Other rows may lie anywhere in a list of millions.
_FIRST = "(SELECT id FROM r ORDER BY id LIMIT 1)"


def page(these: Rows, kind: Kind, sorting: Sorting, *, limit: int, offset: int) -> Sql:
    """How many matches there are, from when to when, how many groups, and a page of these.

    Every row repeats the first; where no group is shown there is one row, without a group.
    """
    name, join = _NAMES.get(kind, ("g.value::text", ""))
    direction = "DESC" if sorting.is_descending else "ASC"
    given, samples, mean = Sql(""), "count(*)", "NULL::float8"
    if sorting.metric_id is not None:
        # An interaction's values are added up first, so that it counts once, however many judged.
        given = Sql(
            " LEFT JOIN (SELECT interaction_id, count(*) AS n, sum(value) AS total FROM feedback"
            f" WHERE metric_id = %s AND interaction_id >= {_FIRST} GROUP BY 1) v"
            " ON v.interaction_id = r.id"
            if these.are_neighbours
            else " CROSS JOIN LATERAL (SELECT count(*) AS n, sum(value) AS total FROM feedback"
            " WHERE interaction_id = r.id AND metric_id = %s) v",
            (sorting.metric_id,),
        )
        samples, mean = "coalesce(sum(v.n), 0)", "sum(v.total) / nullif(sum(v.n), 0)"
    return these.then(
        f", g AS MATERIALIZED (SELECT r.value, count(*) AS n, max(r.at) AS newest,"
        f" {samples} AS samples, {mean} AS mean FROM r{given.text} GROUP BY 1),"
        f" s AS (SELECT g.*, coalesce({name}, '') COLLATE \"C\" AS name FROM g {join}"
        " WHERE g.samples >= %s)"
        " SELECT t.n, t.start, t.last, s.many, p.value, p.name, p.n, p.newest"
        " FROM (SELECT count(*) AS n, min(at) AS start, max(at) AS last FROM r) t"
        " CROSS JOIN (SELECT count(*) AS many FROM s) s"
        f" LEFT JOIN LATERAL (SELECT * FROM s ORDER BY {_RANKS[sorting.by]} {direction} NULLS LAST,"
        f" name {direction if sorting.by == 'name' else 'ASC'} LIMIT %s OFFSET %s) p ON TRUE",
        *(*given.params, sorting.least, limit, offset),
    )


def figures(
    these: Rows, kind: Kind, metric_ids: Sequence[int], values: Sequence[Value], is_bad: Sql
) -> Sql:
    """Overall and by group, metric by metric: number, mean, least, most, sample deviation; then
    how many interactions have any, a bad and another value. `is_bad` tests the row `f`.
    """
    shown = _among(kind, values)
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


def ticks(these: Rows, kind: Kind, edges: Sequence[datetime], values: Sequence[Value]) -> Sql:
    """By group and span of time, numbered from 1, how many there are; of a day by its hours."""
    shown = _among(kind, values)
    span = Sql("width_bucket(r.at, %s::timestamptz[])", (list(edges),))
    if kind == Kind.DAY:
        span = Sql(f"extract(hour FROM r.at AT TIME ZONE {_zone()})::int + 1")
    return these.then(
        f" SELECT r.value, {span.text}, count(*) FROM r WHERE {shown.text} GROUP BY 1, 2",
        *(*span.params, *shown.params),
    )


def _zone() -> str:
    """The zone whose days are meant, as SQL writes it; the names are those of the system's list."""
    return f"'{zone_named(str(here().zone))}'"


def _among(kind: Kind, values: Sequence[Value]) -> Sql:
    """Whether the row is of one of these groups."""
    some = [value for value in values if value is not None]
    tests = [Sql(f"r.value = ANY(%s::{kind.type}[])", (some,))]
    if len(some) < len(values):
        tests.append(Sql("r.value IS NULL"))
    either = joined(tests, " OR ")
    return Sql(f"({either.text})", either.params)


def names(kind: Kind, values: Sequence[Value]) -> Sql:
    """The names of groups that are not None: value and name."""
    name, join = _NAMES.get(kind, ("g.value::text", ""))
    return Sql(
        f"SELECT g.value, {name} FROM unnest(%s::{kind.type}[]) AS g(value) {join}", (list(values),)
    )
