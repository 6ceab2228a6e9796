"""Taking interactions out of the index of texts at once, with the words that only they had.

Merging leaves out what was deleted, but at its own time, and keeps the words. A search that
began before a segment was rewritten here may miss matches in it that once.
"""

from collections.abc import Set

from django.db import connection, transaction

from interactions.textindex.living import ids_in
from interactions.textindex.writer import write_segment

LOCK_PATIENCE = "5s"  # for searches by parts of words and indexing, which wait for us meanwhile


def next_segment(project_id: int, *, after: int) -> int | None:
    """The first segment after this one, replaced or not; None after the last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(id) FROM search_segment WHERE project_id = %s AND id > %s",
            [project_id, after],
        )
        found: int | None = cursor.fetchone()[0]
        return found


@transaction.atomic
def take_out(project_id: int, segment_id: int, gone: Set[bytes]) -> int:
    """Write a segment anew without interactions that are gone; returns how many these were.

    One that others stand for already is deleted. One that holds none of them stays.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT replaced_at FROM search_segment WHERE project_id = %s AND id = %s FOR UPDATE",
            [project_id, segment_id],
        )
        found = cursor.fetchone()
        cursor.execute(
            "SELECT ids FROM search_ids WHERE project_id = %s AND segment_id = %s",
            [project_id, segment_id],
        )
        ids = {id for (joined,) in cursor.fetchall() for id in ids_in(bytes(joined))}
        held = len(ids & gone)
        if found is None or not held:
            return 0
        if found[0] is None:
            write_segment(project_id, sorted(ids - gone))
        for table, column in (
            ("search_posting", "segment_id"), ("search_ids", "segment_id"), ("search_segment", "id")
        ):  # fmt: skip
            cursor.execute(
                f"DELETE FROM {table} WHERE project_id = %s AND {column} = %s",
                [project_id, segment_id],
            )
    return held


@transaction.atomic
def drop_unused_words(project_id: int) -> int:
    """Take the words that no segment has out of the list of words; returns how many.

    Nobody may add a segment meanwhile: it would count on words that we take away.
    """
    dropped = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, TRUE)", [LOCK_PATIENCE])
        cursor.execute("LOCK TABLE search_words IN ACCESS EXCLUSIVE MODE")
        used: set[str] = set()
        cursor.execute("SELECT terms FROM search_posting WHERE project_id = %s", [project_id])
        for (terms,) in cursor:
            used.update(terms.split("\n"))
        cursor.execute("SELECT id, words FROM search_words WHERE project_id = %s", [project_id])
        for id, words in cursor.fetchall():
            there = words.strip("\n").split("\n")
            kept = [word for word in there if word in used]
            if len(kept) == len(there):
                continue
            dropped += len(there) - len(kept)
            cursor.execute(
                "UPDATE search_words SET words = %s WHERE project_id = %s AND id = %s",
                ["\n" + "\n".join(kept) + "\n", project_id, id],
            )
        cursor.execute(
            "DELETE FROM search_words WHERE project_id = %s AND words = %s", [project_id, "\n\n"]
        )
    return dropped
