"""How many interactions a filter of one text leaves, by the index of texts."""

from collections.abc import Callable, Sequence

from django.db import connection

from adaptive_site.lib.database.any_of import array_of
from adaptive_site.lib.database.sql import TRUE, Bounds, Sql
from adaptive_site.lib.database.time_limits import stop_if_late
from interactions.filters.conditions import Contains, CreatedIn
from interactions.filters.sql.row_tests import RowUnderTest, contains
from interactions.filters.tree import Tree, conjuncts, ids_in_time
from interactions.textindex.counting import IdCounters, TextCount, count
from interactions.textindex.reader import Span
from projects.models import Project


def counted(project: Project, tree: Tree, *, cap: int | None) -> TextCount | None:
    """How many match a filter of one text and of times; None of others, and of many texts.

    See `textindex/counting.py`.
    """
    parts = conjuncts(tree)
    texts = [one for one in parts if isinstance(one, Contains)]
    if len(texts) != 1 or not all(isinstance(one, Contains | CreatedIn) for one in parts):
        return None
    text, place = texts[0].text, texts[0].place
    held = contains(RowUnderTest("c.id", Bounds()), text, place)
    ask = IdCounters(_counter(project, TRUE), _counter(project, held))
    return count(project.id, text, place, Span.of(ids_in_time(parts)), ask, cap=cap)


def _counter(project: Project, test: Sql) -> Callable[[Sequence[bytes]], int]:
    """Counts the ids of the project's interactions that pass the test."""

    def counter(ids: Sequence[bytes]) -> int:
        stop_if_late()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM unnest(%s::text::uuid[]) AS c(id)"
                f" WHERE EXISTS (SELECT FROM interaction i WHERE i.project_id = %s AND i.id = c.id)"
                f" AND {test.text}",
                [array_of(ids), project.id, *test.params],
            )
            return int(cursor.fetchone()[0])

    return counter
