"""What of a project is in the index of texts at one moment: its segments, and what waits."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from django.db import connection

MOST_WAITING = 3_000_000  # bytes of ids not indexed yet that are taken along: 200,000 rows


@dataclass(eq=False, slots=True)
class Segment:
    """A segment, and what has been read of it: the rows that match, and some ids by their row."""

    id: int
    size: int
    least: bytes
    greatest: bytes
    rows: Sequence[int] | None = None
    sure: Set[int] = frozenset()  # rows among these that need no look at their text
    ids: dict[int, bytes] = field(default_factory=dict)
    starts: list[bytes] = field(default_factory=list)


def ids_in(joined: bytes) -> list[bytes]:
    """Ids of 16 bytes each that stand one after the other."""
    return [joined[at : at + 16] for at in range(0, len(joined), 16)]


@dataclass(frozen=True, slots=True)
class Indexed:
    """What of a project is indexed, and the ids that wait for it, in order.

    `total` is how many interactions the project has at that moment, where it was asked for.
    """

    segments: list[Segment]
    waiting: list[bytes]
    total: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every interaction is here once, and none that was deleted is.

        Every interaction is in a segment or waits. One that was deleted stays in its segment, and
        one that was deleted and put back waits again.
        """
        return self.total == sum([one.size for one in self.segments]) + len(self.waiting)


# As `rollups/counts.py` counts all interactions of a project: what is compacted and what waits.
_TOTAL = """
    coalesce((SELECT sum(n) FROM label_count WHERE project_id = %(project)s AND label_id = 0
        AND grain = 't'), 0)::int8
    + coalesce((SELECT sum(counts[array_position(label_ids, 0)])
        FROM label_delta WHERE project_id = %(project)s), 0)::int8
"""


def living_segments(project_id: int, *, with_total: bool = False) -> Indexed | None:
    """The project's segments and the ids that are in none yet; None when those are very many.

    One statement, so that a row that is being indexed is in one of the two. A segment that is
    replaced after this can be read for some minutes more.
    """
    total = _TOTAL if with_total else "NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH queue AS (SELECT interaction_ids FROM arrival WHERE project_id = %(project)s)"
            f" SELECT 0, {total}, NULL, NULL, CASE WHEN"
            "  (SELECT sum(pg_column_size(interaction_ids)) FROM queue) > %(most)s THEN NULL ELSE ("
            "   SELECT coalesce(string_agg(uuid_send(u.id), '' ORDER BY u.id), '')"
            "   FROM queue, unnest(interaction_ids) u(id)"
            "  ) END"
            " UNION ALL SELECT id, size, uuid_send(least_id), uuid_send(greatest_id), NULL"
            " FROM search_segment WHERE project_id = %(project)s AND replaced_at IS NULL",
            {"project": project_id, "most": MOST_WAITING},
        )
        (_, known, *_, waiting), *rows = sorted(cursor.fetchall(), key=lambda row: row[0])
    if waiting is None:
        return None
    return Indexed([Segment(*row[:4]) for row in rows], ids_in(waiting), known)
