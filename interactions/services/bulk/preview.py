"""What a bulk action will change, counted before it is begun, in bounded time.

Over the newest of the selection, and it says over how many: what lies beyond is counted only by
the bulk action itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adaptive_site.lib.database.sql import Sql
from interactions.filters.sql import queries
from interactions.models import BulkAction, Selection
from interactions.services import selections
from interactions.services.bulk import withdraw_feedback
from projects.models import User

ROWS_PREVIEWED = 50_000  # of the newest: 0.2 s
VALUES_SHOWN = 5  # values


@dataclass(frozen=True, slots=True)
class ReplacedValue:
    """A value that the bulk action removes, and how many interactions have it."""

    name: str
    n: int


@dataclass(slots=True)
class Preview:
    """Counts over the newest `looked_at` of a selection, which are all of it if `is_all`.

    `replaced` have something else now, `same` are as they will be, of `values` most.
    """

    looked_at: int
    is_all: bool
    replaced: int = 0
    same: int = 0
    values: list[ReplacedValue] = field(default_factory=list)
    more_values: int = 0
    feedback: int = 0
    others: int = 0
    comparisons: int = 0
    images: int = 0

    @property
    def fresh(self) -> int:
        """How many have nothing yet."""
        return self.looked_at - self.replaced - self.same


def preview_of(
    selection: Selection, kind: str, arguments: Mapping[str, Any], *, by: User
) -> Preview:
    """What a bulk action of `kind` by `by` would change; run under a time limit."""
    ids = selections.newest(selection, ROWS_PREVIEWED + 1)
    # Read once: a filter's own query may be dear, and its rows are few bytes.
    found = [id for (id,) in queries.fetch(ids)]
    seen = Preview(min(len(found), ROWS_PREVIEWED), len(found) <= ROWS_PREVIEWED)
    picked = Sql("SELECT unnest(%s::uuid[]) AS id", (found[:ROWS_PREVIEWED],))
    if kind in (BulkAction.Kind.LABEL, BulkAction.Kind.UNLABEL):
        _labels(selection, seen, picked, arguments)
    elif kind == BulkAction.Kind.FEEDBACK:
        _feedback(selection, seen, picked, arguments, by)
    elif kind == BulkAction.Kind.WITHDRAW:
        _withdrawn(selection, seen, picked, arguments, by)
    else:
        _deleted(selection, seen, picked)
    return seen


def _split(seen: Preview, rows: list[tuple[str, int, bool]]) -> None:
    """Tell values that stay from those that go, most frequent first."""
    seen.same = sum(n for _, n, is_same in rows if is_same)
    gone = [ReplacedValue(name, n) for name, n, is_same in rows if not is_same]
    seen.replaced = sum(value.n for value in gone)
    seen.values, seen.more_values = gone[:VALUES_SHOWN], max(0, len(gone) - VALUES_SHOWN)


def _labels(selection: Selection, seen: Preview, picked: Sql, arguments: Mapping[str, Any]) -> None:
    rows = queries.fetch(
        Sql(
            "SELECT l.value, count(*) FROM (" + picked.text + ") p"
            " JOIN interaction i ON i.id = p.id CROSS JOIN LATERAL unnest(i.label_ids) x(id)"
            " JOIN label l ON l.id = x.id AND l.key = %s WHERE i.project_id = %s"
            " GROUP BY 1 ORDER BY 2 DESC, 1",
            (*picked.params, arguments["key"], selection.project_id),
        )
    )
    _split(seen, [(value, n, value == arguments.get("value")) for value, n in rows])
    if "value" not in arguments:  # nothing has it afterwards; the rest is as it will be
        seen.same = seen.looked_at - seen.replaced


def _feedback(
    selection: Selection, seen: Preview, picked: Sql, arguments: Mapping[str, Any], by: User
) -> None:
    rows = queries.fetch(
        Sql(
            "SELECT f.value, f.reason = %s AND f.value = %s, count(DISTINCT p.id)"
            " FROM (" + picked.text + ") p JOIN feedback f ON f.interaction_id = p.id"
            " WHERE f.project_id = %s AND f.metric_id = %s AND f.created_by_id = %s"
            " AND f.source = 'REVIEW' GROUP BY 1, 2 ORDER BY 3 DESC",
            (
                *(arguments["reason"], arguments["value"], *picked.params),
                *(selection.project_id, arguments["metric_id"], by.id),
            ),
        )
    )
    _split(seen, [(f"{value:g}", n, is_same) for value, is_same, n in rows])


def _withdrawn(
    selection: Selection, seen: Preview, picked: Sql, arguments: Mapping[str, Any], by: User
) -> None:
    test, params = withdraw_feedback.test_of(arguments, by.id)
    rows = queries.fetch(
        Sql(
            "WITH gone AS (SELECT f.* FROM (" + picked.text + ") p"
            f" JOIN feedback f ON f.interaction_id = p.id WHERE f.project_id = %s AND {test})"
            " SELECT m.key, count(*), count(*) FILTER (WHERE created_by_id IS DISTINCT FROM %s),"
            " (SELECT count(DISTINCT interaction_id) FROM gone)"
            " FROM gone JOIN projects_metric m ON m.id = metric_id GROUP BY 1 ORDER BY 2 DESC, 1",
            (*picked.params, selection.project_id, *params, by.id),
        )
    )
    seen.values = [ReplacedValue(key, n) for key, n, *_ in rows[:VALUES_SHOWN]]
    seen.more_values = max(0, len(rows) - VALUES_SHOWN)
    seen.feedback = sum(n for _, n, *_ in rows)
    seen.others = sum(others for _, _, others, _ in rows)
    seen.replaced = rows[0][3] if rows else 0
    seen.same = seen.looked_at - seen.replaced


def _deleted(selection: Selection, seen: Preview, picked: Sql) -> None:
    ids = picked.params[0]
    project = selection.project_id
    (row,) = queries.fetch(
        Sql(
            "SELECT (SELECT count(*) FROM feedback WHERE project_id = %s"
            "  AND interaction_id = ANY(%s::uuid[])),"
            " (SELECT count(*) FROM comparison WHERE project_id = %s"
            "  AND (preferred_id = ANY(%s::uuid[]) OR other_id = ANY(%s::uuid[]))),"
            " (SELECT count(*) FROM interaction_image WHERE project_id = %s"
            "  AND interaction_id = ANY(%s::uuid[]))",
            (project, ids, project, ids, ids, project, ids),
        )
    )
    seen.feedback, seen.comparisons, seen.images = row
