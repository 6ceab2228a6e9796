"""Conditions as lists: what an index holds in the order of ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from adaptive_site.lib.database.sql import TRUE, Bounds, Sql

# A range of feedback values with fewer entries is collected and sorted; with more, it is walked
# newest first. At 3 M values: 5,000 to sort take 3 ms, 1 in 600 is met soon enough by walking.
COLLECTED = 5_000


@dataclass(frozen=True, slots=True)
class List:
    """Interaction ids in the order of an index: of `source`, those for which `where` holds.

    In `where` and `test` `@` stands for the source's alias. `test` is what the index cannot
    find, only check. With `keys`, rows called `k`, it is one list for each of them, and `where`
    compares with its columns. `is_distinct` says that no id stands twice in all of it (feedback
    may: two people, one verdict). `leads` is a column that comes before the ids in the index,
    where equality does not show that it is the same in all rows.
    """

    source: Sql
    column: str
    where: Sql
    test: Sql = TRUE
    keys: Sql | None = None
    many: int = 1  # keys
    is_distinct: bool = True
    leads: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether it is one index's entries, in order."""
        return self.keys is None and self.test == TRUE and not self.leads and not self.source.params

    def within(self, bounds: Bounds, alias: str = "d") -> Sql:
        """What makes a row part of it, between `bounds`."""
        test = Sql(self.test.text.replace("@", alias), self.test.params)
        return self.entries(bounds, alias) & test

    def entries(self, bounds: Bounds, alias: str = "d") -> Sql:
        """What the index finds between `bounds`, not yet tested."""
        span = bounds.on(f"{alias}.{self.column}")
        return Sql(self.where.text.replace("@", alias) + span.text, self.where.params + span.params)

    def order(self, direction: str) -> str:
        """How to read it, ASC or DESC, as the index has it."""
        leads = f"d.{self.leads} {direction}, " if self.leads else ""
        return f"{leads}d.{self.column} {direction}"


_INTERACTION = Sql("interaction")
_FEEDBACK = Sql("feedback")


def project_list(project_id: int) -> List:
    """All interactions of the project."""
    return List(_INTERACTION, "id", Sql("@.project_id = %s", (project_id,)))


def label_list(project_id: int, label_ids: Sequence[int]) -> List:
    """The posting lists of these values of one key; no interaction has two of them."""
    source, column = Sql("interaction_label"), "interaction_id"
    if len(label_ids) == 1:
        where = Sql("@.project_id = %s AND @.label_id = %s", (project_id, label_ids[0]))
        return List(source, column, where)
    where = Sql("@.project_id = %s AND @.label_id = k.id", (project_id,))
    return List(source, column, where, keys=_ids(label_ids), many=len(label_ids))


def row_list(project_id: int, column: str, value: Any) -> List:
    """The interactions whose `column` (session, prompt hash, id) is `value`."""
    where = Sql(f"@.project_id = %s AND @.{column} = %s", (project_id, value))
    return List(_INTERACTION, "id", where)


def llm_lists(project_id: int, llm_ids: Sequence[int], *, or_none: bool) -> Iterable[List]:
    """The interactions answered by one of these models, or by none."""
    if len(llm_ids) == 1:
        yield row_list(project_id, "llm_id", llm_ids[0])
    elif llm_ids:
        where = Sql("@.project_id = %s AND @.llm_id = k.id", (project_id,))
        yield List(_INTERACTION, "id", where, keys=_ids(llm_ids), many=len(llm_ids))
    if or_none:
        where = Sql("@.project_id = %s AND @.llm_id IS NULL", (project_id,))
        yield List(_INTERACTION, "id", where, leads="llm_id")


def source_list(project_id: int, sources: Sequence[str]) -> List:
    """The interactions that came in by one of these ways."""
    if len(sources) == 1:
        return row_list(project_id, "source", sources[0])
    where = Sql("@.project_id = %s AND @.source = k.source", (project_id,))
    keys = Sql("unnest(%s::text[]) AS k(source)", (list(sources),))
    return List(_INTERACTION, "id", where, keys=keys, many=len(sources))


def compared_lists(project_id: int, metric_ids: Sequence[int]) -> Iterable[List]:
    """The two sides of comparisons under any of the metrics."""
    test = Sql("@.project_id = %s AND @.metric_id = ANY(%s)", (project_id, list(metric_ids)))
    for side in ("preferred_id", "other_id"):
        yield List(Sql("comparison"), side, TRUE, test, is_distinct=False)


def feedback_list(metric_ids: Sequence[int], test: Sql) -> List:
    """The interactions with feedback under any of these metrics; `test` is for its rows."""
    if len(metric_ids) == 1:
        where = Sql("@.metric_id = %s", (metric_ids[0],))
        return List(_FEEDBACK, "interaction_id", where, test, is_distinct=False)
    return List(
        _FEEDBACK,
        "interaction_id",
        Sql("@.metric_id = k.id"),
        test,
        keys=_ids(metric_ids),
        many=len(metric_ids),
        is_distinct=False,
    )


def value_list(values: Sequence[tuple[int, float]], test: Sql) -> List:
    """The interactions with one of these values under its metric."""
    if len(values) == 1:
        where = Sql("@.metric_id = %s AND @.value = %s", values[0])
        return List(_FEEDBACK, "interaction_id", where, test, is_distinct=False)
    metric_ids, numbers = zip(*values, strict=True)
    return List(
        _FEEDBACK,
        "interaction_id",
        Sql("@.metric_id = k.metric_id AND @.value = k.value"),
        test,
        keys=Sql(
            "unnest(%s::int[], %s::float8[]) AS k(metric_id, value)",
            (list(metric_ids), list(numbers)),
        ),
        many=len(values),
        is_distinct=False,
    )


def collected_list(metric_ids: Sequence[int], values: Sql, test: Sql) -> List:
    """The interactions with few enough such values to be read by value and sorted."""
    found = Sql(
        "(SELECT f.* FROM feedback f WHERE f.metric_id = ANY(%s)"
        f" AND {values.text.replace('@', 'f')} ORDER BY f.metric_id, f.value OFFSET 0)",
        (list(metric_ids), *values.params),
    )
    return List(found, "interaction_id", TRUE, test, is_distinct=False)


def one_list(project_id: int, id: UUID) -> List:
    """The interaction with this id alone."""
    return row_list(project_id, "id", id)


def _ids(ids: Sequence[int]) -> Sql:
    return Sql("unnest(%s::int[]) AS k(id)", (list(ids),))
