"""Conditions as lists: what an index holds in the order of ids."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from adaptive_site.lib.database.sql import TRUE, Bounds, Sql
from interactions.filters.conditions import (
    Comparator,
    HasFeedback,
    HasId,
    HasLabel,
    HasLlm,
    HasPrompt,
    HasSource,
    InSession,
    IsCompared,
)
from interactions.filters.sql.feedback_values import few_values, is_rare
from interactions.filters.sql.names import Names
from interactions.filters.sql.row_tests import detail_test, value_test
from interactions.filters.tree import Tree


@dataclass(frozen=True, slots=True)
class IndexList:
    """Interaction ids in the order of an index: of `source`, the rows for which `where` holds.

    In `where` and `test` `@` stands for the source's alias. `test` is what the index cannot
    find, only check. With `keys`, rows called `k`, there is one list for each of these, and `where`
    compares with their columns. `is_distinct` says that no id stands twice in all of them (under
    a metric it may: two people gave feedback). `leads` is a column that comes before the ids in
    the index, where equality does not show that it is the same in all rows.
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
        """Whether the list is one index's entries, in order."""
        return self.keys is None and self.test == TRUE and not self.leads and not self.source.params

    def within(self, bounds: Bounds, alias: str = "d") -> Sql:
        """What makes a row part of the list, between `bounds`."""
        test = Sql(self.test.text.replace("@", alias), self.test.params)
        return self.entries(bounds, alias) & test

    def entries(self, bounds: Bounds, alias: str = "d") -> Sql:
        """What the index finds between `bounds`, not yet tested."""
        span = bounds.on(f"{alias}.{self.column}")
        return Sql(self.where.text.replace("@", alias) + span.text, self.where.params + span.params)

    def order(self, direction: str) -> str:
        """How to read the list, ASC or DESC, as the index has it."""
        leads = f"d.{self.leads} {direction}, " if self.leads else ""
        return f"{leads}d.{self.column} {direction}"


def lists_of(names: Names, condition: Tree) -> list[IndexList] | None:
    """The lists whose union is all that match; None when no index holds them in order of ids."""
    rows = project_list(names.project_id)
    match condition:
        case HasLabel():
            # The posting lists of values of one key; no interaction has two of them.
            postings = replace(rows, source=Sql("interaction_label"), column="interaction_id")
            return _any_of(postings, "label_id", "int", names.label_ids(condition))
        case HasLlm(keys):
            without = replace(rows, where=rows.where & Sql("@.llm_id IS NULL"), leads="llm_id")
            found = _any_of(rows, "llm_id", "int", names.llm_ids(condition))
            return [*found, without] if None in keys else found
        case HasSource(sources):
            return _any_of(rows, "source", "text", sorted(set(sources)))
        case InSession(session_id):
            return _any_of(rows, "session_id", "uuid", [session_id])
        case HasPrompt(prompt_hash):
            return _any_of(rows, "prompt_hash", "uuid", [prompt_hash])
        case HasId(id):
            return _any_of(rows, "id", "uuid", [id])
        case IsCompared(metric):
            ids = names.metric_ids(metric)
            test = Sql("@.project_id = %s AND @.metric_id = ANY(%s)", (names.project_id, ids))
            one = IndexList(Sql("comparison"), "preferred_id", TRUE, test, is_distinct=False)
            return [one, replace(one, column="other_id")] if ids else []
        case HasFeedback(metric):
            ids = names.metric_ids(metric)
            return _feedback_lists(condition, ids, detail_test(names, condition)) if ids else []
        case _:
            return None


def project_list(project_id: int) -> IndexList:
    """All interactions of the project."""
    return IndexList(Sql("interaction"), "id", Sql("@.project_id = %s", (project_id,)))


def _any_of(base: IndexList, column: str, type: str, values: Sequence[Any]) -> list[IndexList]:
    """The rows of `base` whose column has one of the values; a list for each of several."""
    if not values:
        return []
    if len(values) == 1:
        return [replace(base, where=base.where & Sql(f"@.{column} = %s", (values[0],)))]
    where = base.where & Sql(f"@.{column} = k.value")
    keys = Sql(f"unnest(%s::{type}[]) AS k(value)", (list(values),))
    return [replace(base, where=where, keys=keys, many=len(values))]


def _feedback_lists(
    condition: HasFeedback, metric_ids: Sequence[int], details: Sql
) -> list[IndexList]:
    """The lists of feedback under any of the metrics.

    `details` test what no index holds: reason and author.
    """
    given = IndexList(Sql("feedback"), "interaction_id", TRUE, details, is_distinct=False)
    match condition.comparisons:
        case ():
            return _any_of(given, "metric_id", "int", metric_ids)
        case ((Comparator.EQUAL, value),):
            return _value_lists(given, [(id, value) for id in metric_ids])
    values = few_values(condition, metric_ids)
    if values is not None:
        return _value_lists(given, values)
    test = value_test(condition)
    if not is_rare(condition, metric_ids):
        return _any_of(replace(given, test=test & details), "metric_id", "int", metric_ids)
    collected = Sql(
        "(SELECT f.* FROM feedback f WHERE f.metric_id = ANY(%s)"
        f" AND {test.text.replace('@', 'f')} ORDER BY f.metric_id, f.value OFFSET 0)",
        (list(metric_ids), *test.params),
    )
    return [replace(given, source=collected)]


def _value_lists(given: IndexList, values: Sequence[tuple[int, float]]) -> list[IndexList]:
    """The feedback with one of these values, each under its metric."""
    if not values:
        return []
    if len(values) == 1:
        return [replace(given, where=Sql("@.metric_id = %s AND @.value = %s", values[0]))]
    metric_ids, numbers = zip(*values, strict=True)
    where = Sql("@.metric_id = k.metric_id AND @.value = k.value")
    keys = Sql(
        "unnest(%s::int[], %s::float8[]) AS k(metric_id, value)", (list(metric_ids), list(numbers))
    )
    return [replace(given, where=where, keys=keys, many=len(values))]
