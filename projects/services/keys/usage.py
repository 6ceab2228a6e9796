"""What a request with an API key leaves: a count for the key's limit, and when it was last used.

Neither costs the request a query. The last use is written at most once a minute a key; before
Django, where interactions are logged, in a thread that no request waits for.
"""

import asyncio
import logging
import time

from django.db import DatabaseError, connection

from adaptive_site.lib.concurrency.database_threads import has_own_thread, in_database
from adaptive_site.lib.concurrency.shared_rates import RATES
from adaptive_site.lib.database.replicas.choice import from_replica
from adaptive_site.lib.errors import TooOften
from adaptive_site.lib.http import client_address
from projects.models import ApiKey

WRITTEN_EVERY = 60.0  # seconds
_MOST_REMEMBERED = 10_000

# A key that was deleted meanwhile gets no row. Another process may have written just now.
_WRITE = """
    INSERT INTO projects_apikeyuse AS u (key_id, used_at, address)
    SELECT id, now(), %(address)s FROM projects_apikey WHERE id = %(key)s
    ON CONFLICT (key_id) DO UPDATE SET used_at = excluded.used_at, address = excluded.address
    WHERE u.used_at <= now() - %(seconds)s * interval '1 second'
"""

logger = logging.getLogger(__name__)
_written: dict[int, float] = {}  # by key id: when this process last wrote, by the monotonic clock
_writing: set[asyncio.Task[None]] = set()  # the loop itself holds them only weakly


def admit(key: ApiKey | None) -> None:
    """Let a request with `key` in, and note it. Raises TooOften beyond the key's limit."""
    if key is not None:
        _check(key)
        if _is_due(key):
            _write(key.id, client_address.current())


async def admit_direct(key: ApiKey | None) -> None:
    """As `admit`, for requests that are answered before Django: nothing is waited for."""
    if key is None:
        return
    _check(key)
    if not _is_due(key):
        return
    write = in_database(_write, key.id, client_address.current())
    if has_own_thread():  # its transaction is the request's
        await write
        return
    task = asyncio.get_running_loop().create_task(write)
    _writing.add(task)
    task.add_done_callback(_writing.discard)


def forget() -> None:
    """Write the next use of each key, however short ago the last was written."""
    _written.clear()


def _check(key: ApiKey) -> None:
    if key.requests_a_minute is None:
        return
    if wait := RATES.take(key.id, key.requests_a_minute):
        raise TooOften(
            f"this API key may send {key.requests_a_minute:,} requests a minute", seconds=wait
        )


def _is_due(key: ApiKey) -> bool:
    """Whether this process has not written of the key within a minute; it does now."""
    now = time.monotonic()
    if now - _written.get(key.id, -WRITTEN_EVERY) < WRITTEN_EVERY:
        return False
    if len(_written) >= _MOST_REMEMBERED:
        _written.clear()
    _written[key.id] = now
    return True


def _write(key_id: int, address: str) -> None:
    given: dict[str, int | float | str] = {
        "key": key_id,
        "address": address[:45],
        "seconds": WRITTEN_EVERY,
    }
    try:
        with from_replica(False), connection.cursor() as cursor:
            cursor.execute(_WRITE, given)
    except DatabaseError:  # a request is not refused because its trace cannot be kept
        logger.exception("the last use of API key %s was not written", key_id)
        if connection.in_atomic_block:
            raise
