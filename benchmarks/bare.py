"""The floor of an import: a bare COPY of ready-made text into a table without indexes."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import psycopg
from django.db import connection

from adaptive_site.lib.database.bulk_insert import copy_line
from adaptive_site.lib.database.statistics import compression_of
from interactions.services.recording.drafts import Draft

TABLE = (
    "CREATE TABLE {name}"
    " (id uuid, messages jsonb COMPRESSION {how}, completion text COMPRESSION {how})"
)


def compression() -> str:
    """How PostgreSQL compresses our own bodies: lz4, or pglz where it was built without lz4."""
    return compression_of("interaction_body", "messages")


def lines(drafts: Sequence[Draft]) -> list[bytes]:
    """COPY's text for each draft: id, messages, completion."""
    return [
        copy_line((str(draft.id), orjson.dumps(draft.messages).decode(), draft.completion)).encode()
        for draft in drafts
    ]


def rates(ready: Sequence[bytes], *, runs: int = 3) -> tuple[float, float]:
    """Rows per second on one connection, and on two at the same time; medians of `runs`."""
    found = sorted((_rate(ready, 1), _rate(ready, 2)) for _ in range(runs))
    twice = sorted(two for _, two in found)
    return found[runs // 2][0], twice[runs // 2]


def _rate(ready: Sequence[bytes], connections: int) -> float:
    shares = [ready[n::connections] for n in range(connections)]
    opened = [_open(n) for n in range(connections)]
    try:
        began = time.perf_counter()
        with ThreadPoolExecutor(connections) as pool:
            list(pool.map(_copy, opened, range(connections), shares))
        return len(ready) / (time.perf_counter() - began)
    finally:
        for n, one in enumerate(opened):
            one.execute(f"DROP TABLE {_name(n)}")
            one.close()


def _open(n: int) -> psycopg.Connection[Any]:
    opened = psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None})
    opened.autocommit = True
    opened.execute(f"DROP TABLE IF EXISTS {_name(n)}")
    opened.execute(TABLE.format(name=_name(n), how=compression()))
    return opened


def _name(n: int) -> str:
    return f"benchmark_floor_{n}"


def _copy(opened: psycopg.Connection[Any], n: int, ready: Sequence[bytes]) -> None:
    with opened.cursor().copy(f"COPY {_name(n)} FROM STDIN") as copy:
        for start in range(0, len(ready), 1000):
            copy.write(b"".join(ready[start : start + 1000]))
