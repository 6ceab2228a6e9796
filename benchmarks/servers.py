"""What our logging is compared with, as ASGI applications for granian.

- `floor`: no framework, one table, one row a request, group commit: what this server, this
  driver and this PostgreSQL can do at all;
- `ours`: our own application; with BENCHMARK_ALONE set, each request commits by itself, in one
  of 8 threads.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import orjson
import psycopg

from adaptive_site.asgi import application as ours
from adaptive_site.lib.concurrency.batching import Batcher
from adaptive_site.lib.concurrency.database_threads import in_database
from adaptive_site.lib.database.bulk_insert import copy_line
from adaptive_site.lib.http.direct_asgi import Receive, Send
from adaptive_site.lib.ids import uuid7
from interactions.services.recording.drafts import Draft
from interactions.services.recording.log import Logged, log_interactions
from projects.models import Project

__all__ = ["floor", "ours"]

TABLE = (
    "CREATE TABLE IF NOT EXISTS floor (id uuid PRIMARY KEY, project text, created_at timestamptz,"
    " messages jsonb, completion text, labels jsonb)"
)
KEY = os.environ.get("BENCHMARK_KEY", "")
HEADERS = [(b"content-type", b"application/json")]


class Floor:
    """Reads JSON, checks the key, and puts a row into a table with others'."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None
        self._rows: Batcher[tuple[str, ...], None] = Batcher("floor", self._write, most=200)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if (b"authorization", f"Bearer {KEY}".encode()) not in scope["headers"]:
            await self._answer(send, 401, {"error": "unknown key"})
            return
        asked = orjson.loads(body)
        now = datetime.now(UTC)
        id = str(uuid7(now))
        messages, labels = (orjson.dumps(asked[name]).decode() for name in ("messages", "labels"))
        row = (id, asked["project"], now.isoformat(), messages, asked["completion"], labels)
        await self._rows.ask(row)
        await self._answer(send, 201, {"completion_id": id})

    async def _answer(self, send: Send, status: int, value: dict[str, str]) -> None:
        body = orjson.dumps(value)
        length = (b"content-length", b"%d" % len(body))
        headers = [*HEADERS, length]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _write(self, rows: list[tuple[str, ...]]) -> list[None]:
        if self._connection is None:
            self._connection = psycopg.connect(os.environ["DATABASE_URL"])
            self._connection.execute(TABLE)
        with self._connection.cursor().copy("COPY floor FROM STDIN") as copy:
            copy.write("".join(map(copy_line, rows)).encode())
        self._connection.commit()
        return [None] * len(rows)


async def _log_alone(project: Project, draft: Draft) -> Logged:
    (logged,) = await in_database(log_interactions, project, [draft])
    return logged


if os.environ.get("BENCHMARK_ALONE"):
    patch("interactions.api.rest.interactions.log_soon", _log_alone).start()
floor = Floor()
