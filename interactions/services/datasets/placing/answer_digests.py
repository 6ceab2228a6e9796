"""What answers are told apart by: 16 bytes of their text and of what stands beside it.

The same bytes that `building/candidates/answer_sql.py` has PostgreSQL make of interactions.
"""

from collections.abc import Sequence
from hashlib import md5
from uuid import UUID

from adaptive_site.lib import exact_json
from adaptive_site.lib.database.sql import Sql, fetch
from interactions.services.training.record import ModelAnswer


def both(preferred: bytes, other: bytes) -> bytes:
    """One digest of two answers, in which their order counts."""
    return _md5(preferred + other)


def of_records(records: Sequence[Sequence[ModelAnswer]]) -> list[UUID | None]:
    """The digest of each record's answers; None of a record that has none.

    Parts are written as PostgreSQL writes JSON, by PostgreSQL; few answers have any.
    """
    answers = [answer for some in records for answer in some]
    digests = [_md5(one.text.encode()) for one in answers]
    with_parts = {at: one for at, one in enumerate(answers) if one.parts}
    if with_parts:
        query = (
            "SELECT at, decode(md5(said || parts::jsonb::text), 'hex')"
            " FROM unnest(%s::int[], %s::text[], %s::text[]) a(at, said, parts)"
        )
        texts = [one.text for one in with_parts.values()]
        parts = [exact_json.dumps(one.parts).decode() for one in with_parts.values()]
        for at, digest in fetch(Sql(query, (list(with_parts), texts, parts))):
            digests[at] = digest
    found: list[UUID | None] = []
    mine = iter(digests)
    for some in records:
        first, second = (next(mine) if n < len(some) else None for n in range(2))
        digest = both(first, second) if first and second else first
        found.append(UUID(bytes=digest) if digest else None)
    return found


def _md5(said: bytes) -> bytes:
    return md5(said, usedforsecurity=False).digest()
