"""A condition on feedback as lists, of the values that satisfy it.

One value under a metric is a list in the order of ids, a range of values is not. So a range is
read as the union of its values' lists where these are few, which is so of anything people click;
collected and sorted where few entries are in it; else walked newest first and tested. Walking
alone took 1.8 s at 2 M rows where the values asked for were all old.
"""

from collections.abc import Sequence
from dataclasses import replace

from django.db import connection

from adaptive_site.lib.database.sql import TRUE, Sql, joined
from interactions.filters.conditions import Comparator, HasFeedback
from interactions.filters.sql.index_lists import IndexList
from interactions.filters.sql.row_tests import value_test

MOST_VALUE_LISTS = 16  # whose lists are read side by side
# A range of feedback values with fewer entries is collected and sorted; with more, it is walked
# newest first. At 3 M values: 5,000 to sort take 3 ms, 1 in 600 is met soon enough by walking.
MOST_SORTED_FEEDBACK = 5_000


def feedback_lists(
    condition: HasFeedback, metric_ids: Sequence[int], details: Sql
) -> list[IndexList]:
    """The lists of feedback under any of the metrics.

    `details` test what no index holds: reason and author.
    """
    given = IndexList(Sql("feedback"), "interaction_id", TRUE, details, is_distinct=False)
    match condition.comparisons:
        case ():
            return given.any_of("metric_id", "int", metric_ids)
        case ((Comparator.EQUAL, value),):
            return _value_lists(given, [(id, value) for id in metric_ids])
    values = _few_values(condition, metric_ids)
    if values is not None:
        return _value_lists(given, values)
    test = value_test(condition)
    if not _is_rare(condition, metric_ids):
        return replace(given, test=test & details).any_of("metric_id", "int", metric_ids)
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


def _few_values(
    condition: HasFeedback, metric_ids: Sequence[int]
) -> list[tuple[int, float]] | None:
    """Metric and value of all feedback that satisfies the condition; None of more than a few.

    Each next value is one descent of the index, however often it was given. Values that are not
    wanted (`≠`) are passed in the same way: as a test of the index's entries all of them would
    be read.
    """
    ranges = [one for one in condition.comparisons if one[0] != Comparator.NOT_EQUAL]
    tests = [Sql(f" AND f.value {one.sql} %s", (value,)) for one, value in ranges]
    inside = joined(tests, "")
    unwanted = {value for one, value in condition.comparisons if one == Comparator.NOT_EQUAL}
    least = "SELECT f.value FROM feedback f WHERE f.metric_id = {}" + inside.text
    first = f"{least.format('m.id')} ORDER BY f.value LIMIT 1"
    later = f"{least.format('v.metric_id')} AND f.value > v.value ORDER BY f.value LIMIT 1"
    most = MOST_VALUE_LISTS + len(unwanted)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE v(metric_id, value) AS ("
            f" SELECT m.id, ({first}) FROM unnest(%s::int[]) AS m(id) UNION ALL"
            f" SELECT v.metric_id, ({later}) FROM v WHERE v.value IS NOT NULL"
            ") SELECT metric_id, value FROM v WHERE value IS NOT NULL LIMIT %s",
            (*inside.params, list(metric_ids), *inside.params, most + 1),
        )
        rows = cursor.fetchall()
    wanted = [(metric_id, value) for metric_id, value in rows if value not in unwanted]
    return wanted if len(rows) <= most and len(wanted) <= MOST_VALUE_LISTS else None


def _is_rare(condition: HasFeedback, metric_ids: Sequence[int]) -> bool:
    """Whether little feedback under the metrics satisfies the condition."""
    test = value_test(condition)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(c.n) FROM unnest(%s::int[]) AS m(id) CROSS JOIN LATERAL (SELECT count(*)"
            " AS n FROM (SELECT 1 FROM feedback f WHERE f.metric_id = m.id"
            f" AND {test.text.replace('@', 'f')} ORDER BY f.value LIMIT %s) AS p) AS c",
            (list(metric_ids), *test.params, MOST_SORTED_FEEDBACK),
        )
        (n,) = cursor.fetchone()
        return int(n) < MOST_SORTED_FEEDBACK
