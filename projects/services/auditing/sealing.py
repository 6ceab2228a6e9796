"""Sealing the audit log: a chain of digests that tells whether an event was changed or is missing.

Writers do not wait for each other: events are inserted freely, and the worker seals those that
are there, some thousands at a time. How a digest is made says `docs/audit.md`; another program can
make it from an export.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from django.db import connection, transaction

from projects.models import Event, Seal

SEAL_SECONDS = 3.0  # seconds between two looks for what is not sealed
EVENTS_A_SEAL = 5_000  # events of a seal, at most: some 3 MB while it is made or checked
FIRST_PREVIOUS = bytes(32)  # what stands before the first seal
_LOCK = 5_318_008_102  # of whoever seals: one at a time

# The canonical form: PostgreSQL's own text of this object, whose members it orders by length and
# then by letters. Everything that an event says is in it, but not which seal it has.
CANONICAL = """
    jsonb_build_object(
        'id', id,
        'created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'project_id', project_id, 'project_key', project_key,
        'actor_id', actor_id, 'actor_name', actor_name, 'actor_email', actor_email,
        'acting_for', acting_for,
        'verb', verb, 'subject', subject, 'subjects', to_jsonb(subjects), 'details', details,
        'door', door, 'address', address, 'key_id', key_id, 'key_name', key_name
    )::text
"""

logger = logging.getLogger(__name__)


class Head(NamedTuple):
    """The last seal; number 0 before there is any."""

    number: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.digest.hex()}"


def digest_of(canonical: str) -> bytes:
    """The digest of one event."""
    return sha256(canonical.encode()).digest()


def chained(previous: bytes, number: int, sealed_at: datetime, events: bytes) -> bytes:
    """The digest of a seal: of the one before it, its number and time, and its events' digests."""
    at = sealed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return sha256(previous + f"{number} {at}\n".encode() + events).digest()


def head() -> Head:
    """The last seal there is."""
    last = Seal.objects.order_by("-number").values_list("number", "digest").first()
    return Head(last[0], bytes(last[1])) if last else Head(0, FIRST_PREVIOUS)


@transaction.atomic
def seal_some() -> int:
    """Seal up to EVENTS_A_SEAL events, the first that are not; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            f"SELECT id, {CANONICAL} FROM projects_event WHERE seal IS NULL ORDER BY id LIMIT %s",
            [EVENTS_A_SEAL],
        )
        found = cursor.fetchall()
        if not found:
            return 0
        before = head()
        ids = [id for id, _ in found]
        digests = b"".join(digest_of(canonical) for _, canonical in found)
        at = datetime.now(UTC)
        made = Seal.objects.create(
            number=before.number + 1,
            previous=before.digest,
            digest=chained(before.digest, before.number + 1, at, digests),
            sealed_at=at,
            event_ids=ids,
            event_digests=digests,
        )
        cursor.execute(
            "UPDATE projects_event SET seal = %s WHERE id = ANY(%s) AND seal IS NULL",
            [made.number, ids],
        )
    # Where logs are kept elsewhere, so is the evidence.
    transaction.on_commit(lambda: logger.info("audit log sealed: %s, %d events", made, len(ids)))
    return len(ids)


def canonical_of(ids: Sequence[int]) -> dict[int, str]:
    """The canonical forms of events, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {CANONICAL} FROM projects_event WHERE id = ANY(%s)", [list(ids)]
        )
        return dict(cursor.fetchall())


def line_of(seal: int | None, canonical: str) -> str:
    """A line of an export: the canonical form letter for letter, with its seal and digest."""
    number = "null" if seal is None else seal
    digest = digest_of(canonical).hex()
    return f'{{"seal":{number},"sha256":"{digest}","event":{canonical}}}\n'


def unsealed() -> int:
    """How many events wait to be sealed."""
    return Event.objects.filter(seal=None).count()
