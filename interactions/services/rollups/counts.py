"""What the roll-up knows: counts by label and time, exact at any moment.

Each is read as what is compacted and what waits to be, in one statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from adaptive_site.lib.database.sql import Sql, joined
from adaptive_site.lib.ids import EPOCH, first_id_at
from interactions.filters.conditions import CreatedIn, HasLabel
from interactions.filters.tree import Tree, conjuncts, without
from interactions.models import Label
from interactions.services.rollups.compaction import HOURS_KEPT
from interactions.services.rollups.day_and_hour_spans import cut
from interactions.services.rollups.deltas import ALL_INTERACTIONS
from projects.models import Project

FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)
MOST_COUNTED_SINGLY = 100_000  # interactions counted one by one, at the ragged ends of a span
NEWEST_WITH_MODELS = 50_000  # interactions whose models are counted
FEW_LABELS = 1_000  # labels


@dataclass(frozen=True, slots=True)
class LabelUse:
    """A value of a label key, and how many interactions of the project carry it."""

    value: str
    n: int


def counted_label(project: Project, tree: Tree) -> int | None:
    """The label id under which the roll-up counts this filter; None when it does not.

    It counts everything (`ALL`) and any single label.
    """
    match conjuncts(tree):
        case ():
            return ALL_INTERACTIONS
        case (HasLabel(key, None | (_,) as values),):
            value = values[0] if values else None
            label = Label.objects.in_project(project).filter(key=key, value=value).first()
            return label.id if label else -1  # no label has it: nothing is counted under it
    return None


def counted(project: Project, tree: Tree) -> int | None:
    """How many interactions match, exactly and at once; None for a filter that takes counting.

    Known are everything and any single label, and both of them within a span of time.
    """
    times = [child for child in conjuncts(tree) if isinstance(child, CreatedIn)]
    label_id = counted_label(project, without(tree, CreatedIn))
    if label_id is None or not times:
        return None if label_id is None else count(project, label_id)
    start = max(time.start or EPOCH for time in times)
    end = min(time.end or FOR_EVER for time in times)
    if start >= end:
        return 0
    found = spans(project, label_id, [start, end])
    if found is None:  # few, or within one hour
        found = _counts([_listed(project, label_id, start, end, 1)], 1)
    return None if found is None else found[0]


def count(project: Project, label_id: int) -> int:
    """How many interactions carry the label, exactly."""
    query = count_query(project, label_id)
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.params)
        return int(cursor.fetchone()[0])


def count_query(project: Project, label_id: int = ALL_INTERACTIONS) -> Sql:
    """The query of `count`, for a statement that has to see its rows at the same moment."""
    total = (
        "SELECT n FROM label_count WHERE project_id = %s AND label_id = %s"
        " AND grain = 't' AND start = %s"
        if label_id == ALL_INTERACTIONS
        else "SELECT total FROM label WHERE project_id = %s AND id = %s"
    )
    of = (project.id, label_id)
    return Sql(
        f"SELECT coalesce(({total}), 0)"
        " + coalesce((SELECT sum(counts[array_position(label_ids, %s)])"
        "   FROM label_delta WHERE project_id = %s), 0)",
        (*of, *((EPOCH,) if label_id == ALL_INTERACTIONS else ()), label_id, project.id),
    )


_COMPACTED = """
    SELECT width_bucket(start, %s::timestamptz[]), n, TRUE FROM label_count
    WHERE project_id = %s AND label_id = %s AND grain = %s AND start >= %s AND start < %s
"""
_WAITING = """
    SELECT width_bucket(start, %s::timestamptz[]), counts[array_position(label_ids, %s)], TRUE
    FROM label_delta WHERE project_id = %s AND start >= %s AND start < %s
"""
_HAS_DAYS = """
    SELECT 1, 0, EXISTS (
        SELECT FROM label_count WHERE project_id = %s AND label_id = %s AND grain = 'd'
    )
"""


def spans(project: Project, label_id: int, edges: Sequence[datetime]) -> list[int] | None:
    """How many interactions between each two neighbouring `edges` carry the label, exactly.

    The first and the last edge may be any moments, those between must be whole hours or days.
    None where the roll-up does not hold them: of a label that few carry, whose own list is
    quickly counted, and hours of a label after `HOURS_KEPT`.
    """
    hours_from = EPOCH if label_id == ALL_INTERACTIONS else datetime.now(UTC) - HOURS_KEPT
    whole = cut(edges, hours_from=hours_from)
    if not whole:
        return None
    start, end = whole[0].start, whole[-1].end
    of, known = list(edges), (project.id, label_id)
    parts = [Sql(_COMPACTED, (of, *known, span.grain, span.start, span.end)) for span in whole]
    parts.append(Sql(_WAITING, (of, label_id, project.id, start, end)))
    last = len(edges) - 1
    if edges[0] < start:
        parts.append(_listed(project, label_id, edges[0], start, 1))
    if end < edges[-1]:
        parts.append(_listed(project, label_id, end, edges[-1], last))
    if label_id != ALL_INTERACTIONS:
        parts.append(Sql(_HAS_DAYS, known))
    return _counts(parts, last)


def _counts(parts: Sequence[Sql], buckets: int) -> list[int] | None:
    """The sums of `parts` by bucket; None if one of them could not tell.

    All in one statement: what another process compacts meanwhile is seen once.
    """
    union = joined(parts, " UNION ALL ")
    counts = [0] * buckets
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bucket, coalesce(sum(n), 0), bool_and(is_known)"
            f" FROM ({union.text}) AS parts(bucket, n, is_known) GROUP BY bucket",
            union.params,
        )
        for bucket, n, is_known in cursor.fetchall():
            if not is_known:
                return None
            counts[bucket - 1] = int(n)
    return counts


def _listed(project: Project, label_id: int, start: datetime, end: datetime, bucket: int) -> Sql:
    """The interactions of a short span, counted one by one up to `MOST_COUNTED_SINGLY`."""
    table, id, label = (
        ("interaction", "id", Sql("TRUE"))
        if label_id == ALL_INTERACTIONS
        else ("interaction_label", "interaction_id", Sql("label_id = %s", (label_id,)))
    )
    return Sql(
        "SELECT %s, count(*), count(*) <= %s FROM ("
        f"SELECT FROM {table} WHERE project_id = %s AND {label.text}"
        f" AND {id} >= %s AND {id} < %s LIMIT %s) AS listed",
        (
            *(bucket, MOST_COUNTED_SINGLY, project.id, *label.params),
            *(first_id_at(start), first_id_at(end), MOST_COUNTED_SINGLY + 1),
        ),
    )


def label_keys(project: Project) -> list[str]:
    """The keys of all labels the project ever had, sorted."""
    return sorted(_labels_of_keys(project).values(), key=str.encode)


def _labels_of_keys(project: Project) -> dict[int, str]:
    """The labels that stand for a key alone, by id.

    Found from key to key: reading through 100,000 values of one key took 20 ms, this 0.3.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE names AS ("
            " SELECT min(key) AS key FROM label WHERE project_id = %(project)s"
            " UNION ALL SELECT (SELECT min(l.key) FROM label l"
            "  WHERE l.project_id = %(project)s AND l.key > n.key)"
            " FROM names n WHERE n.key IS NOT NULL"
            ") SELECT l.id, l.key FROM names JOIN label l"
            " ON l.project_id = %(project)s AND l.key = names.key AND l.value IS NULL",
            {"project": project.id},
        )
        return dict(cursor.fetchall())


# Labels with all that is compacted and all that waits to be. Of few labels only theirs is summed:
# to sum what 1,000 batches say of 100,000 labels takes 1.5 s. An array rather than a sub-query,
# since PostgreSQL knows nothing of how many labels wait: it looked up millions one by one.
_USED = """
    WITH waiting AS MATERIALIZED (
        SELECT label_id, sum(n) AS n FROM (
            SELECT unnest(label_ids) AS label_id, unnest(counts) AS n FROM label_delta
            WHERE project_id = %(project)s
        ) AS cells WHERE %(are_many)s OR label_id = ANY(%(ids)s) GROUP BY label_id
    ), used AS NOT MATERIALIZED (
        SELECT id, key, value, total + coalesce(waiting.n, 0) AS n
        FROM label LEFT JOIN waiting ON label_id = id
        WHERE project_id = %(project)s AND total + coalesce(waiting.n, 0) > 0
    )
"""


def totals(project: Project, ids: Sequence[int]) -> dict[int, int]:
    """By label id, of these labels that are in use: how many interactions carry each, exactly."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_USED} SELECT id, n FROM used WHERE id = ANY(%(ids)s)",
            {"project": project.id, "ids": list(ids), "are_many": len(ids) > FEW_LABELS},
        )
        return {id: int(n) for id, n in cursor.fetchall()}


def keys(project: Project) -> list[str]:
    """The keys of labels that interactions carry, by how many interactions carry them."""
    labels = _labels_of_keys(project)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_USED} SELECT key FROM used WHERE id = ANY(%(ids)s) ORDER BY n DESC, key",
            {"project": project.id, "ids": list(labels), "are_many": False},
        )
        return [key for (key,) in cursor.fetchall()]


def values_of(project: Project, key: str, *, most: int) -> tuple[list[LabelUse], int]:
    """The `most` frequent values of a key in the whole project, and how many more there are."""
    labels = Label.objects.in_project(project).filter(key=key)
    ids = list(labels.values_list("id", flat=True)[: FEW_LABELS + 1])
    with connection.cursor() as cursor:
        # Reading them twice took half as long as keeping them in between.
        of_key = "FROM used WHERE key = %(key)s AND value IS NOT NULL"
        cursor.execute(
            f"{_USED} SELECT value, n, (SELECT count(*) {of_key}) {of_key}"
            " ORDER BY n DESC, value LIMIT %(most)s",
            {
                "project": project.id,
                "key": key,
                "ids": ids,
                "are_many": len(ids) > FEW_LABELS,
                "most": most,
            },
        )
        rows = cursor.fetchall()
    values = [LabelUse(value, int(n)) for value, n, _ in rows]
    return values, rows[0][2] - len(values) if rows else 0


def llm_uses(project: Project, *, newest: int = NEWEST_WITH_MODELS) -> list[tuple[str, int]]:
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
