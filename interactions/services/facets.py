"""How the matches of a filter spread over the values one may narrow them by.

Exact from the roll-up where nothing filters; else counted over the newest matches, and whoever
asks learns over how many.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TypeVar

from adaptive_site.lib.limits import TookTooLong, time_limit
from interactions.filters.compile import TEXTS, fetch, newest
from interactions.filters.conditions import Contains, Reads
from interactions.filters.names import conditions_of
from interactions.filters.sql import Sql
from interactions.filters.tree import And, Tree
from interactions.models import Label
from interactions.services import rollups, usage
from interactions.services.deltas import ALL
from interactions.services.tones import times_of
from interactions.services.usage import FeedbackUse
from projects.models import Metric, Project

MOST = 50_000  # matches that are counted
# First so many, which take some 15 ms. Ten times as many, or fewer of `STEPS`, are counted where
# that promises to be quick: a label of 90 % takes 290 ms for 50,000, `env is not prod` a second.
FIRST = 5_000
FIRST_TEXTS = 1_000  # of a searched text, of which no more than `TEXTS` are ever looked at
PATIENCE_MS = 150  # for more than the first
STEPS = (1.0, 0.4, 0.2)  # of the most: 50,000, 20,000 and 10,000
DISTINCT = 8  # values of a scalar metric, up to which each is a choice of its own


@dataclass(frozen=True, slots=True)
class Use:
    """A value, and how many of the counted matches have it; None stands for having none."""

    value: str | None
    n: int


@dataclass(frozen=True, slots=True)
class Spread:
    """The most frequent values among `of` matches, how many more values there are.

    `newest` says that only so many of the newest matches were counted; 0 that all were.
    """

    uses: list[Use]
    others: int
    of: int
    newest: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """The feedback under a metric on the counted matches: `n` values and their mean.

    `values` are the different ones and how often each was given, or none when they are many; then
    `quarters` are the values below which the lowest, and from which the highest quarter lies.
    `newest` as in `Spread`. `in_all` is what was ever given, known where nothing filters.
    """

    n: int
    mean: float
    values: list[tuple[float, int]]
    quarters: tuple[float, float] | None = None
    newest: int = 0
    in_all: FeedbackUse | None = None


Result = TypeVar("Result")


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


def llms(
    project: Project, tree: Tree, *, most: int, also: Sequence[str] = (), like: str = ""
) -> Spread:
    """The keys of the models that answered; `like` as in `labels`."""
    values = Sql(_LLM_VALUES, _pattern(like))
    return _column(project, tree, "llm_id", values, most, also, with_none=not like)


def sources(project: Project, tree: Tree) -> Spread:
    """The ways by which they came in."""
    return _column(project, tree, "source", Sql(_SOURCE_VALUES), 100, ())


def feedback(project: Project, tree: Tree, metric: Metric) -> Judged:
    """What was given under a metric; of a yes-or-no one, exactly where nothing filters."""
    use = usage.feedback_uses(project).get(metric.id) if is_everything(tree) else None
    if use is not None and metric.kind == Metric.Kind.BOOL:
        return Judged(use.n, use.mean, [(1.0, use.yes), (0.0, use.no)], in_all=use)
    found, cap = _bounded(project, tree, "id", lambda rows: _judged(rows, metric))
    return replace(found, in_all=use, newest=cap)


def is_everything(tree: Tree) -> bool:
    """Whether the filter leaves nothing out."""
    return isinstance(tree, And) and all(is_everything(child) for child in tree.children)


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
    """What `ask` finds among the newest matches: all of them, or as many as are quick to count.

    With it how many these were, or 0 that all were counted. `ask` gets a query of the column, and
    says over how many matches it counted.
    """
    first, most = FIRST, MOST
    if any(isinstance(one, Contains | Reads) for one in conditions_of(tree)):
        first, most = FIRST_TEXTS, TEXTS
    began = perf_counter()
    found, n = ask(_rows(project, tree, column, first))
    if n < first:
        return found, 0
    one_ms = (perf_counter() - began) * 1000 / first
    quick = (most * step for step in STEPS if one_ms * most * step <= PATIENCE_MS)
    cap = int(next(quick, 0))
    if cap <= first:
        return found, first
    try:
        with time_limit(2 * PATIENCE_MS):  # what was promised, and as much again
            more, n = ask(_rows(project, tree, column, cap))
    except TookTooLong:
        return found, first
    return more, cap if n >= cap else 0


def _rows(project: Project, tree: Tree, column: str, cap: int) -> Sql:
    """A column of the newest `cap` matches, each value with its number `n`; ids without.

    Where only time filters, the rows themselves are read: 20 ms for 50,000 instead of 80.
    """
    bounds = times_of(tree)
    if bounds is not None:
        span = bounds.on("id")
        rows = Sql(
            f"SELECT {column} FROM interaction WHERE project_id = %s{span.text}"
            " ORDER BY id DESC LIMIT %s",
            (project.id, *span.params, cap),
        )
    else:
        rows = newest(project, tree, cap).ids
        if column != "id":
            # One row after the other by its key: the planner would read the whole table.
            rows = Sql(
                f"SELECT i.{column} FROM ({rows.text}) AS m CROSS JOIN LATERAL"
                f" (SELECT {column} FROM interaction WHERE id = m.id OFFSET 0) AS i",
                rows.params,
            )
    if column == "id":
        return rows
    return Sql(f"SELECT {column}, count(*) AS n FROM ({rows.text}) AS w GROUP BY 1", rows.params)


def _spread(query: Sql, *, with_none: bool) -> tuple[Spread, int]:
    rows = fetch(query)
    many, carrying, of = (int(n or 0) for n in rows[0][2:])
    uses = [Use(value, int(n)) for value, n, *_ in rows if n is not None]
    others = many - len(uses)
    if with_none and of > carrying:
        uses.append(Use(None, of - carrying))
    return Spread(uses, others, of), of


def _judged(rows: Sql, metric: Metric) -> tuple[Judged, int]:
    ((of, n, mean, quarters, values, times),) = fetch(
        Sql(
            f"WITH m AS MATERIALIZED ({rows.text}), f AS MATERIALIZED (SELECT f.value FROM m"
            " CROSS JOIN LATERAL (SELECT value FROM feedback WHERE interaction_id = m.id"
            " AND metric_id = %s OFFSET 0) AS f), v AS (SELECT value, count(*) AS n FROM f"
            " GROUP BY value ORDER BY value LIMIT %s)"
            " SELECT (SELECT count(*) FROM m), count(*), avg(value),"
            " percentile_disc(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY value),"
            " (SELECT array_agg(value) FROM v), (SELECT array_agg(n) FROM v) FROM f",
            (*rows.params, metric.id, DISTINCT + 1),
        )
    )
    found = Judged(n, mean or 0.0, list(zip(values or (), times or (), strict=True)))
    if len(found.values) > DISTINCT:
        found = replace(found, values=[], quarters=tuple(quarters))
    return found, of


def _all_labels(project: Project, key: str, most: int, also: Sequence[str], like: str) -> Spread:
    of, names = rollups.count(project, ALL), Label.objects.in_project(project).filter(key=key)
    if like:
        held = names.filter(value__icontains=like).order_by("-total", "value")
        labels = dict(held.values_list("id", "value")[:most])
        totals = rollups.totals(project, list(labels))
        found = [Use(labels[id], n) for id, n in totals.items()]
        others = held.count() - len(labels) if len(labels) == most else 0
        return Spread(sorted(found, key=lambda use: (-use.n, use.value or "")), others, of)
    used, others = rollups.values_of(project, key, most=most)
    missing = set(also) - {use.value for use in used}
    uses = [
        Use(label.value, rollups.count(project, label.id))
        for label in (names.filter(value__in=missing) if missing else ())
    ]
    others -= sum(1 for use in uses if use.n)
    uses += [Use(use.value, use.n) for use in used]
    carrying = sum(rollups.count(project, label.id) for label in names.filter(value=None))
    if of > carrying:
        uses.append(Use(None, of - carrying))
    return Spread(uses, others, of)
