"""Keeping the index of texts: taking in what arrived, and merging small segments.

Every step is one transaction that takes rows nobody else has taken, so any number of workers may
take steps at the same time, and one that dies half-way leaves everything as it was.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from django.db import connection, transaction

from interactions.textindex.postings import SEGMENT_ROWS
from interactions.textindex.writer import write_segment
from projects.models import Project

ROWS_WORTH_A_SEGMENT = (
    1000  # waiting rows that are worth a segment; searches read their texts in 30 ms
)
ARRIVALS_TOGETHER = 16  # arrivals taken at a time
SEGMENTS_MERGED = 8  # segments of about one size that are merged
SEGMENT_SIZES = (
    SEGMENT_ROWS // 1024,
    SEGMENT_ROWS // 128,
    SEGMENT_ROWS // 16,
    SEGMENT_ROWS // 2,
)  # between two of these, that is
READERS_GRACE = 600  # seconds, for readers of segments that were replaced


@transaction.atomic
def index_some(project: Project) -> int:
    """Index up to 65,536 interactions of `project` that wait for it; returns how many.

    Zero when there is nothing to do, or when others do it.
    """
    taken: list[int] = []
    ids: set[UUID] = set()
    while len(ids) < SEGMENT_ROWS:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, interaction_ids FROM arrival WHERE project_id = %s AND id > %s"
                " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
                [project.id, taken[-1] if taken else 0, ARRIVALS_TOGETHER],
            )
            rows = cursor.fetchall()
        taken += [id for id, _ in rows]
        ids.update(id for _, some in rows for id in some)
        if len(rows) < ARRIVALS_TOGETHER:
            break
    _write(project.id, sorted([id.bytes for id in ids]))
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM arrival WHERE project_id = %s AND id = ANY(%s)", [project.id, taken]
        )
    return len(ids)


def _write(project_id: int, ids: list[bytes]) -> None:
    """As segments of one size, as few as hold them."""
    parts = -(-len(ids) // SEGMENT_ROWS)
    for part in range(parts):
        write_segment(project_id, ids[part * len(ids) // parts : (part + 1) * len(ids) // parts])


def merge_some() -> int:
    """Merge segments that are small, or take away some that nobody reads; returns how many.

    An interaction is indexed about three times before its segment is full. What was deleted
    meanwhile is left out.
    """
    _retire()
    for project_id, segment_ids in _mergeable():
        if n := _merge(project_id, segment_ids):
            return n
    return _sweep()


def _mergeable() -> Iterator[tuple[int, list[int]]]:
    """By project: neighbours in time of about one size, when there are many of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, project_id, size FROM search_segment"
            " WHERE replaced_at IS NULL AND size < %s ORDER BY least_id",
            [SEGMENT_SIZES[-1]],
        )
        rows = cursor.fetchall()
    alike: defaultdict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for id, project_id, size in rows:
        alike[project_id, bisect_right(SEGMENT_SIZES, size)].append((id, size))
    for (project_id, _), segments in alike.items():
        if len(segments) < SEGMENTS_MERGED:
            continue
        chosen: list[int] = []
        total = 0
        for id, size in segments:
            total += size
            if total > SEGMENT_ROWS:
                break
            chosen.append(id)
        yield project_id, chosen


@transaction.atomic
def _merge(project_id: int, segment_ids: list[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM search_segment WHERE project_id = %s AND id = ANY(%s)"
            " AND replaced_at IS NULL FOR UPDATE SKIP LOCKED",
            [project_id, segment_ids],
        )
        if len(cursor.fetchall()) < len(segment_ids):
            return 0  # somebody else is at it
        cursor.execute(
            "SELECT ids FROM search_ids WHERE project_id = %s AND segment_id = ANY(%s)",
            [project_id, segment_ids],
        )
        ids = {ids[at : at + 16] for (ids,) in cursor.fetchall() for at in range(0, len(ids), 16)}
        write_segment(project_id, sorted(ids))
        cursor.execute(
            "UPDATE search_segment SET replaced_at = now() WHERE project_id = %s AND id = ANY(%s)",
            [project_id, segment_ids],
        )
    return len(segment_ids)


def _retire() -> None:
    """Take out of use the segments of interactions that are all older than any that is left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE search_segment s SET replaced_at = now() FROM ("
            "  SELECT p.project_id, (SELECT i.id FROM interaction i"
            "    WHERE i.project_id = p.project_id ORDER BY i.id LIMIT 1) AS oldest_id"
            "  FROM (SELECT DISTINCT project_id FROM search_segment WHERE replaced_at IS NULL) p"
            ") o WHERE s.project_id = o.project_id AND s.replaced_at IS NULL"
            " AND (o.oldest_id IS NULL OR s.greatest_id < o.oldest_id)"
        )


@transaction.atomic
def _sweep() -> int:
    """Delete one segment that was replaced long ago; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT project_id, id FROM search_segment"
            " WHERE replaced_at < now() - make_interval(secs => %s)"
            " ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
            [READERS_GRACE],
        )
        found = cursor.fetchall()
        for key in found:
            for table in ("search_posting", "search_ids"):
                cursor.execute(
                    f"DELETE FROM {table} WHERE project_id = %s AND segment_id = %s", key
                )
            cursor.execute("DELETE FROM search_segment WHERE project_id = %s AND id = %s", key)
    return len(found)
