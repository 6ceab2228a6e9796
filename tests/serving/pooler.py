"""PgBouncer before a PostgreSQL of ours, in transaction mode, as sites with many nodes have it."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adaptive_site.lib.postgres.cluster import ROLE
from adaptive_site.lib.postgres.server import DATABASE, LocalPostgres
from tests.running.ports import free_port

CONNECTIONS = 8
CONFIGURATION = """
[databases]
{database} = host={socket} user={role}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 400
ignore_startup_parameters = options
log_connections = 0
log_disconnections = 0
"""


@contextmanager
def pooler(database: LocalPostgres, directory: Path) -> Iterator[str]:
    """Have PgBouncer running before a database that runs; yields the DATABASE_URL through it."""
    port = free_port()
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "PgBouncer is missing: .ci/programs installs it"
    file = directory / "pgbouncer.ini"
    file.write_text(
        CONFIGURATION.format(
            database=DATABASE,
            socket=database.socket,
            role=ROLE,
            port=port,
            connections=CONNECTIONS,
        )
    )
    with file.open("rb") as settings:  # which the account that runs it need not reach
        process = subprocess.Popen(
            [program, "--quiet", "/dev/stdin"],
            stdin=settings,
            **database.account.popen_options(),
        )
    try:
        _wait(port, process)
        yield f"postgres://{ROLE}@127.0.0.1:{port}/{DATABASE}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "PgBouncer has ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("PgBouncer does not answer")
