"""How the matches of a filter spread over the values one may narrow them by.

Exact from the roll-up where nothing filters; else counted over the newest matches, and whoever
asks learns over how many.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.filters.tree import Tree
from interactions.models import Label
from interactions.services.analysis.sample_sizes import (
    columns_of,
    counted_of,
    counted_values,
    is_everything,
)
from interactions.services.rollups import counts
from interactions.services.rollups.deltas import ALL_INTERACTIONS
from projects.models import Project


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value, and how many of the counted matches have it; None stands for having none."""

    value: str | None
    n: int


@dataclass(frozen=True, slots=True)
class Spread:
    """The most frequent values among `of` matches, how many more values there are.

    `newest` says that only so many of the newest matches were counted; 0 that all were.
    """

    uses: list[FacetValue]
    others: int
    of: int
    newest: int = 0


Result = TypeVar("Result")
MOST_MATCHES_FOR_KEYS = 1_000  # whose labels say in which order the keys stand


def labels(
    project: Project,
    tree: Tree,
    key: str,
    *,
    most: int,
    also: Sequence[str] = (),
    like: str = "",
) -> Spread:
    """The values of a label key; those in `also` come first, whatever their number.

    With `like`, only those that hold this text, upper and lower case being the same.
    """
    if is_everything(tree):
        return _all_labels(project, key, most, also, like)
    found, cap = _bounded(
        project,
        tree,
        "label_ids",
        lambda rows: _spread(
            Sql(
                f"WITH r AS MATERIALIZED ({rows.text}), c AS MATERIALIZED (SELECT u.label,"
                " sum(r.n) AS n FROM r CROSS JOIN LATERAL unnest(r.label_ids) AS u(label)"
                " GROUP BY 1)"
                f"{_TOP.format(values=_LABEL_VALUES)}",
                (*rows.params, project.id, key, *_pattern(like), list(also), most + len(also)),
            ),
            with_none=not like,
        ),
    )
    return replace(found, newest=cap)


def label_keys(project: Project, tree: Tree) -> list[str]:
    """The label keys of the newest thousand matches, the most frequent first."""
    rows, _ = columns_of(project, tree, "label_ids", MOST_MATCHES_FOR_KEYS)
    found = fetch(
        Sql(
            f"WITH u AS MATERIALIZED (SELECT unnest(label_ids) AS id, 1 AS n FROM ({rows.text}) r),"
            " c AS MATERIALIZED (SELECT id, sum(n) AS n FROM u GROUP BY 1)"
            " SELECT l.key FROM c JOIN label l ON l.id = c.id GROUP BY 1 ORDER BY sum(c.n) DESC, 1",
            rows.params,
        )
    )
    return [key for (key,) in found]


def llms(
    project: Project, tree: Tree, *, most: int, also: Sequence[str] = (), like: str = ""
) -> Spread:
    """The keys of the models that answered; `like` as in `labels`."""
    values = Sql(_LLM_VALUES, _pattern(like))
    return _column(project, tree, "llm_id", values, most, also, with_none=not like)


def users(
    project: Project, tree: Tree, *, most: int, also: Sequence[str] = (), like: str = ""
) -> Spread:
    """The e-mail addresses of who sent the matches in, and the names that clients gave beside.

    A match that has both is counted under both, as the filter `user` finds it. `like` as in
    `labels`.
    """
    columns, values = "created_by_id, said_by", Sql(_USER_VALUES, _pattern(like))
    return _column(project, tree, columns, values, most, also, with_none=False)


def sources(project: Project, tree: Tree) -> Spread:
    """The ways by which they came in."""
    return _column(project, tree, "source", Sql(_SOURCE_VALUES), 100, ())


# The most frequent values, of all matches `r`: each with its number, how many values there are,
# how many matches have one, and how many matches there are.
_TOP = """
    SELECT top.value, top.n, top.many, top.carrying, r.n FROM (SELECT sum(n) AS n FROM r) AS r
    LEFT JOIN LATERAL (
        SELECT v.value, v.n, count(*) OVER () AS many, sum(v.n) OVER () AS carrying
        FROM ({values}) AS v
        ORDER BY v.value = ANY(%s) DESC NULLS LAST, v.n DESC, v.value LIMIT %s
    ) AS top ON TRUE"""
# Counted by id before any name is looked up: a key may have 100,000 values.
_LABEL_VALUES = (
    "SELECT l.value, c.n FROM c CROSS JOIN LATERAL (SELECT * FROM label l WHERE l.id = c.label"
    " OFFSET 0) l WHERE l.project_id = %s AND l.key = %s AND l.value IS NOT NULL"
    " AND l.value ILIKE %s"
)
_LLM_VALUES = (
    "SELECT l.key AS value, r.n FROM r LEFT JOIN projects_llm l ON l.id = r.llm_id"
    " WHERE coalesce(l.key, '') ILIKE %s"
)
_USER_VALUES = (
    "SELECT v.value, sum(r.n) AS n FROM r LEFT JOIN projects_user u ON u.id = r.created_by_id"
    " CROSS JOIN LATERAL (SELECT DISTINCT x AS value FROM unnest(ARRAY[lower(u.email), r.said_by])"
    " AS x WHERE x IS NOT NULL) AS v WHERE v.value ILIKE %s GROUP BY 1"
)
_SOURCE_VALUES = "SELECT r.source AS value, r.n FROM r"


def _pattern(like: str) -> tuple[str]:
    """For ILIKE: anything that holds the text."""
    escaped = like.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return (f"%{escaped}%",)


def _column(
    project: Project,
    tree: Tree,
    column: str,
    values: Sql,
    most: int,
    also: Sequence[str],
    *,
    with_none: bool = True,
) -> Spread:
    found, cap = _bounded(
        project,
        tree,
        column,
        lambda rows: _spread(
            Sql(
                f"WITH r AS MATERIALIZED ({rows.text}){_TOP.format(values=values.text)}",
                (*rows.params, *values.params, list(also), most + len(also)),
            ),
            with_none=with_none,
        ),
    )
    return replace(found, newest=cap)


def _bounded(
    project: Project, tree: Tree, column: str, ask: Callable[[Sql], tuple[Result, int]]
) -> tuple[Result, int]:
    """What `ask` finds among the newest matches, as many as are counted of this filter.

    With it how many these were, or 0 that all were counted. `ask` gets a query of the column, and
    says over how many matches it counted.
    """
    cap = counted_of(project, tree)
    found, n = ask(counted_values(project, tree, column, cap))
    return found, cap if n >= cap else 0


def _spread(query: Sql, *, with_none: bool) -> tuple[Spread, int]:
    rows = fetch(query)
    many, carrying, of = (int(n or 0) for n in rows[0][2:])
    uses = [FacetValue(value, int(n)) for value, n, *_ in rows if n is not None]
    others = many - len(uses)
    if with_none and of > carrying:
        uses.append(FacetValue(None, of - carrying))
    return Spread(uses, others, of), of


def _all_labels(project: Project, key: str, most: int, also: Sequence[str], like: str) -> Spread:
    of, names = (
        counts.count(project, ALL_INTERACTIONS),
        Label.objects.in_project(project).filter(key=key),
    )
    if like:
        held = names.filter(value__icontains=like).order_by("-total", "value")
        labels = dict(held.values_list("id", "value")[:most])
        totals = counts.totals(project, list(labels))
        found = [FacetValue(labels[id], n) for id, n in totals.items()]
        others = held.count() - len(labels) if len(labels) == most else 0
        return Spread(sorted(found, key=lambda use: (-use.n, use.value or "")), others, of)
    used, others = counts.values_of(project, key, most=most)
    missing = set(also) - {use.value for use in used}
    uses = [
        FacetValue(label.value, counts.count(project, label.id))
        for label in (names.filter(value__in=missing) if missing else ())
    ]
    others -= sum(1 for use in uses if use.n)
    uses += [FacetValue(use.value, use.n) for use in used]
    carrying = sum(counts.count(project, label.id) for label in names.filter(value=None))
    if of > carrying:
        uses.append(FacetValue(None, of - carrying))
    return Spread(uses, others, of)
