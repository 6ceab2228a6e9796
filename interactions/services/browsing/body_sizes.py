"""How many bytes there are to read, known before they are read.

One interaction may hold 48 MB, and PostgreSQL keeps them compressed: a page of ten can become
half a gigabyte in our memory. What asks for many looks here first.
"""

from collections.abc import Collection, Iterator
from uuid import UUID

from django.db import connection

from adaptive_site.lib.answer_size import MOST_BYTES
from projects.models import Project

MOST_BODY_BYTES = MOST_BYTES  # bytes of bodies, for one answer
STREAM_PIECE_BYTES = 16 * 1024 * 1024  # of a stream, at a time

# Text tells its length without being decompressed. JSON does not; most of it is short and lies
# there as it is.
_JSON = ("messages", "completion_parts", "parameters", "usage", "system", "user_metadata")
_LENGTH = " + ".join(
    f"CASE WHEN pg_column_compression({column}) IS NULL"
    f" THEN coalesce(pg_column_size({column}), 0) ELSE octet_length({column}::text) END"
    for column in _JSON
)
_BODIES = (
    f"SELECT interaction_id, octet_length(completion) + {_LENGTH}"
    " FROM interaction_body WHERE project_id = %s AND interaction_id = ANY(%s)"
)
_FEEDBACK = """
SELECT coalesce(sum(octet_length(reason) + octet_length(details)), 0)
FROM feedback WHERE project_id = %s AND interaction_id = ANY(%s)"""


def of_bodies(project: Project, ids: Collection[UUID]) -> dict[UUID, int]:
    """The bytes of these interactions' bodies, by id."""
    with connection.cursor() as cursor:
        cursor.execute(_BODIES, [project.id, list(ids)])
        return dict(cursor.fetchall())


def of_feedback(project: Project, ids: Collection[UUID]) -> int:
    """The bytes of reasons and details on these interactions, together."""
    with connection.cursor() as cursor:
        cursor.execute(_FEEDBACK, [project.id, list(ids)])
        ((total,),) = cursor.fetchall()
        return int(total)


def pieces(project: Project, ids: Collection[UUID], *, most: int) -> Iterator[list[UUID]]:
    """These ids in their order, in pieces of at most `most` bytes, and of one at least."""
    known = of_bodies(project, ids)
    piece: list[UUID] = []
    size = 0
    for id in ids:
        if piece and size + known.get(id, 0) > most:
            yield piece
            piece, size = [], 0
        piece.append(id)
        size += known.get(id, 0)
    if piece:
        yield piece
