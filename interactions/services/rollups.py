"""What the roll-up knows: counts by label and hour, summed from append-only deltas."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Sum

from interactions.filters.conditions import HasLabel
from interactions.filters.tree import And, Tree
from interactions.models import Label, LabelCount
from interactions.services.log import ALL
from projects.models import Project

NEWEST = 50_000  # interactions whose models are counted
MOST_KEYS = 50  # whose values are counted


@dataclass(frozen=True, slots=True)
class LabelUse:
    """A value of a label key, and how many interactions of the project carry it."""

    value: str
    n: int


def counted_label(project: Project, tree: Tree) -> int | None:
    """The label id under which the roll-up counts this filter; None when it does not.

    It counts everything (`ALL`) and any single label.
    """
    if not isinstance(tree, And) or len(tree.children) > 1:
        return None
    if not tree.children:
        return ALL
    only = tree.children[0]
    if not isinstance(only, HasLabel) or (only.values is not None and len(only.values) != 1):
        return None
    value = None if only.values is None else only.values[0]
    label = Label.objects.in_project(project).filter(key=only.key, value=value).first()
    return label.id if label else -1  # no label has it: nothing is counted under it


def count(project: Project, label_id: int) -> int:
    """How many interactions carry the label, exactly."""
    rows = LabelCount.objects.filter(project=project, label_id=label_id)
    return rows.aggregate(n=Sum("n"))["n"] or 0


def by_hour(
    project: Project, label_id: int, start: datetime, end: datetime
) -> list[tuple[datetime, int]]:
    """Hours that lie at least in part between `start` and `end`, and how often each had it."""
    rows = (
        LabelCount.objects.filter(project=project, label_id=label_id)
        .filter(start__gt=start - timedelta(hours=1), start__lt=end)
        .values_list("start")
        .annotate(total=Sum("n"))
        .order_by("start")
    )
    return [(hour, n) for hour, n in rows if n]


def label_keys(project: Project) -> list[str]:
    """The keys of all labels the project ever had, sorted."""
    keys = Label.objects.in_project(project).filter(value=None).order_by("key")
    return list(keys.values_list("key", flat=True))


def label_uses(project: Project, *, most: int) -> dict[str, tuple[list[LabelUse], int]]:
    """By key: its `most` frequent values in the whole project, and how many more there are.

    Keys that most interactions carry come first, and only the first `MOST_KEYS` of them come.
    """
    with connection.cursor() as cursor:
        # The first values of each key are kept while reading (top-N): ranking all values by a
        # window sorted 400,000 of them on disk, in four times the time.
        cursor.execute(
            "WITH used AS MATERIALIZED ("
            "  SELECT l.key, l.value, c.n FROM label l JOIN ("
            "    SELECT label_id, sum(n) AS n FROM label_count WHERE project_id = %(project)s"
            "    GROUP BY label_id HAVING sum(n) > 0"
            "  ) c ON c.label_id = l.id"
            "  WHERE l.project_id = %(project)s AND l.value IS NOT NULL"
            "), keys AS ("
            "  SELECT key, count(*) AS many, sum(n) AS total FROM used"
            "  GROUP BY key ORDER BY total DESC, key LIMIT %(keys)s"
            ") SELECT keys.key, top.value, top.n, keys.many - %(most)s"
            " FROM keys CROSS JOIN LATERAL ("
            "  SELECT value, n FROM used WHERE used.key = keys.key ORDER BY n DESC, value"
            "  LIMIT %(most)s"
            ") top ORDER BY keys.total DESC, keys.key, top.n DESC, top.value",
            {"project": project.id, "keys": MOST_KEYS, "most": most},
        )
        found: dict[str, tuple[list[LabelUse], int]] = {}
        for key, value, n, others in cursor.fetchall():
            uses, _ = found.setdefault(key, ([], max(0, others)))
            uses.append(LabelUse(value, int(n)))
    return found


def merge(project: Project) -> int:
    """Sum deltas of the same label and hour into one row; returns how many rows that saved.

    Readers see the same sums before, during and after.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH many AS (SELECT label_id, grain, start FROM label_count WHERE project_id = %s"
            "   GROUP BY label_id, grain, start HAVING count(*) > 1),"
            " gone AS (DELETE FROM label_count c USING many WHERE c.project_id = %s"
            "   AND c.label_id = many.label_id AND c.grain = many.grain"
            "   AND c.start = many.start RETURNING c.*),"
            " summed AS (INSERT INTO label_count (project_id, label_id, grain, start, n)"
            "   SELECT project_id, label_id, grain, start, sum(n) FROM gone"
            "   GROUP BY project_id, label_id, grain, start HAVING sum(n) <> 0 RETURNING 1)"
            " SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM summed)",
            [project.id, project.id],
        )
        (saved,) = cursor.fetchone()
    return int(saved)


def llm_uses(project: Project, *, newest: int = NEWEST) -> list[tuple[str, int]]:
    """Model keys and how many of the `newest` interactions they answered, most first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.key, u.n FROM (SELECT llm_id, count(*) AS n FROM"
            "  (SELECT llm_id FROM interaction WHERE project_id = %s ORDER BY id DESC LIMIT %s) i"
            "  WHERE llm_id IS NOT NULL GROUP BY llm_id) u"
            " JOIN projects_llm l ON l.id = u.llm_id ORDER BY u.n DESC, l.key",
            [project.id, newest],
        )
        return [(key, n) for key, n in cursor.fetchall()]
