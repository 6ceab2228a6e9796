"""How often registered models are asked, and how often they fail, counted where they are asked.

Nothing waits for it: what came while a count was being written is written with the next one.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, connection

from adaptive_site.lib.concurrency.database_threads import has_own_thread, in_database
from adaptive_site.lib.errors import DomainError, Invalid
from projects.models import Llm

HOURS_KEPT_FOR = timedelta(days=7)  # but the last hour of each, which says when it was last asked
_MOST_OF_AN_ERROR = 500  # characters

_WRITE = """
    INSERT INTO projects_registrationuse AS u
        (registration_id, hour, asked, failed, last_at, last_failed_at, last_error)
    SELECT id, date_trunc('hour', %(at)s::timestamptz), %(asked)s, %(failed)s, %(at)s,
        %(failed_at)s, %(error)s
    FROM projects_registration WHERE id = %(id)s
    ON CONFLICT (registration_id, hour) DO UPDATE SET
        asked = u.asked + excluded.asked, failed = u.failed + excluded.failed,
        last_at = greatest(u.last_at, excluded.last_at),
        last_failed_at = coalesce(excluded.last_failed_at, u.last_failed_at),
        last_error = CASE WHEN excluded.failed > 0 THEN excluded.last_error ELSE u.last_error END
    RETURNING asked = %(asked)s
"""
_FORGET = "DELETE FROM projects_registrationuse WHERE registration_id = %s AND hour < %s"

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _UnwrittenUse:
    """Of one registered model, what is not written yet."""

    asked: int = 0
    failed: int = 0
    at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""


_unwritten: dict[int, _UnwrittenUse] = {}
_writing: set[asyncio.Task[None]] = set()  # the loop itself holds them only weakly


@asynccontextmanager
async def counted(llm: Llm) -> AsyncIterator[None]:
    """Count what is asked of a model inside; a provider that refuses or fails has not answered.

    A question that is refused here (Invalid), and one whose client has hung up, is none.
    """
    try:
        yield
    except Invalid:
        raise
    except DomainError as error:
        await _note(llm, str(error)[:_MOST_OF_AN_ERROR])
        raise
    else:
        await _note(llm)


async def _note(llm: Llm, error: str | None = None) -> None:
    if llm.registration is None:
        return
    count = _unwritten.setdefault(llm.registration.pk, _UnwrittenUse())
    count.at = datetime.now(UTC)
    count.asked += 1
    if error is not None:
        count.failed, count.failed_at, count.error = count.failed + 1, count.at, error
    if has_own_thread():  # its transaction is the request's
        await in_database(_write_all)
        return
    loop = asyncio.get_running_loop()
    if any(task.get_loop() is loop for task in _writing):
        return
    task = loop.create_task(_write_until_none())
    _writing.add(task)
    task.add_done_callback(_writing.discard)


async def _write_until_none() -> None:
    while _unwritten:
        await in_database(_write_all)


def _write_all() -> None:
    while _unwritten:
        id, count = _unwritten.popitem()
        try:
            _write(id, count)
        except DatabaseError:  # an answer is not withheld because it cannot be counted
            logger.exception("a use of the registered model %s was not counted", id)
            if connection.in_atomic_block:
                raise


def _write(id: int, count: _UnwrittenUse) -> None:
    assert count.at is not None
    given: dict[str, int | str | datetime | None] = {
        "id": id,
        "at": count.at,
        "asked": count.asked,
        "failed": count.failed,
        "failed_at": count.failed_at,
        "error": count.error,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, given)
        written = cursor.fetchone()
        if written and written[0]:  # the first of this hour
            cursor.execute(_FORGET, [id, count.at - HOURS_KEPT_FOR])
