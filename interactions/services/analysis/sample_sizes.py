"""Of how many of a filter's newest matches something is counted.

Sizes decide, never the clock of the moment: the same filter of the same data is counted over the
same matches, however busy the machine is. Where a count is not there in its time, it is not shown.
"""

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.filters.sql.queries import MOST_TEXTS_COUNTED, has_text, matches, newest, passed
from interactions.filters.tree import And, Tree, ids_in_time_alone
from interactions.services.rollups import counts
from interactions.services.rollups.deltas import ALL_INTERACTIONS
from projects.models import Project

MOST_COUNTED = 50_000  # matches that are counted
FEWER_COUNTED = (20_000, 10_000)
LEAST_COUNTED = 5_000
# Entries of lists that may be passed on the way to them. 50,000 with a label of 90 % pass as many
# and take 290 ms; with `env is not prod`, of which one in ten is found, they would pass 950,000.
MOST_ENTRIES_PASSED = 250_000


def is_everything(tree: Tree) -> bool:
    """Whether the filter leaves nothing out."""
    return isinstance(tree, And) and all(is_everything(child) for child in tree.children)


def counted_of(project: Project, tree: Tree) -> int:
    """How many of the newest matches are counted; of fewer, all are.

    50,000, of a text 5,000. Where matches are rare among what has to be passed to find them, it is
    the most of 20,000, 10,000 and 5,000 that pass no more than `MOST_ENTRIES_PASSED` entries, by
    what the newest 5,000 passed.
    """
    if has_text(tree):
        return min(MOST_TEXTS_COUNTED, MOST_COUNTED)
    if (
        ids_in_time_alone(tree) is not None
        or counts.count(project, ALL_INTERACTIONS) <= MOST_COUNTED
    ):
        return MOST_COUNTED
    ids = newest(project, tree, LEAST_COUNTED).ids
    ((n, oldest),) = fetch(
        Sql(
            f"SELECT count(*), (array_agg(id ORDER BY id))[1] FROM ({ids.text}) AS m",
            ids.params,
        )
    )
    if n < LEAST_COUNTED:
        return MOST_COUNTED
    entries = passed(project, tree, since=oldest, most=MOST_ENTRIES_PASSED)
    caps = (
        cap
        for cap in (MOST_COUNTED, *FEWER_COUNTED)
        if cap / LEAST_COUNTED * entries <= MOST_ENTRIES_PASSED
    )
    return next(caps, LEAST_COUNTED)


def columns_of(
    project: Project, tree: Tree, columns: str, cap: int | None
) -> tuple[Sql, int | None]:
    """Columns of the newest `cap` matches, of a text of fewer, and how many these are at most.

    Without `cap`, of all matches. Where only time filters, the rows themselves are read: 20 ms for
    50,000 instead of 80.
    """
    bounds = ids_in_time_alone(tree)
    if bounds is not None:
        span = bounds.on("id")
        limit = Sql("") if cap is None else Sql(" ORDER BY id DESC LIMIT %s", (cap,))
        query = f"SELECT {columns} FROM interaction WHERE project_id = %s{span.text}{limit.text}"
        return Sql(query, (project.id, *span.params, *limit.params)), cap
    if cap is None:
        ids = matches(project, tree)
        query = f"SELECT {columns} FROM ({ids.text}) m JOIN interaction USING (id)"
        return Sql(query, ids.params), None
    found = newest(project, tree, cap)
    # One row after the other by its key: the planner would read the whole table.
    query = (
        f"SELECT i.* FROM ({found.ids.text}) AS m CROSS JOIN LATERAL"
        f" (SELECT {columns} FROM interaction WHERE id = m.id OFFSET 0) AS i"
    )
    return Sql(query, found.ids.params), found.cap


def counted_values(project: Project, tree: Tree, columns: str, cap: int) -> Sql:
    """Columns of the newest `cap` matches, each combination of values with its number `n`."""
    found, _ = columns_of(project, tree, columns, cap)
    return Sql(
        f"SELECT {columns}, count(*) AS n FROM ({found.text}) AS w GROUP BY {columns}",
        found.params,
    )
