"""A private PostgreSQL in a directory of ours, for an installation without DATABASE_URL.

The directory (DATA_DIR/postgres) holds `data` (the cluster), `socket`, `start.log`, `lock`, and
`binaries` when the wheel's programs had to be copied to where PostgreSQL's user can run them.
Sockets and copies move to a private directory under /tmp when the directory's path is too
long for a socket (107 bytes) or shut to that user; the data never leaves it. Anybody may make a
directory there first, so it is used only if it is ours, and a connection only if PostgreSQL's
user answers it (libpq's `requirepeer`).
"""

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote

import psycopg

from adaptive_site.lib.postgres.account import Account, database_account
from adaptive_site.lib.postgres.binaries import LocalPostgresError, find_binaries, runnable_by
from adaptive_site.lib.postgres.cluster import PORT, ROLE, Cluster
from adaptive_site.lib.postgres.runtime import (
    check_owner,
    check_runtime,
    make_directory,
    runtime_directory,
)
from adaptive_site.lib.processes.signals import held

DATABASE = "adaptive_site"
_PATIENCE = 60.0
_RECOVERY = 3600.0
# What postgres says while an earlier server's last processes are still leaving.
_PASSING = ("lock file", "pre-existing shared memory block")


def _nothing() -> None: ...


class LocalPostgres:
    """The PostgreSQL server of one directory: started by whoever comes first, shared by all.

    `binaries` is ADAPTIVE_SITE_POSTGRES (`auto`, `wheel`, `system` or a directory of programs);
    `settings` are extra server settings. Making one starts nothing; `settings()` may be read
    before the server runs. Raises LocalPostgresError, one readable message, when it cannot be.
    """

    def __init__(
        self,
        data_dir: Path,
        binaries: str = "auto",
        server: Mapping[str, str] | None = None,
    ) -> None:
        self.home = Path(os.path.abspath(data_dir))
        self.cluster = Cluster(self.home / "data", database_account(self.home / "data"))
        self.runtime = runtime_directory(self.home, self.account)
        self._binaries = binaries
        self._server_settings = dict(server or {})
        self._child: subprocess.Popen[bytes] | None = None
        self._starter = 0

    @property
    def account(self) -> Account:
        """Who runs the server."""
        return self.cluster.account

    @property
    def socket(self) -> Path:
        """The directory of the server's socket."""
        return self.runtime / "socket"

    @property
    def dsn(self) -> str:
        """The address, as psql, pg_dump and DATABASE_URL take it."""
        host, peer = quote(str(self.socket), safe=""), quote(self.account.name, safe="")
        return f"postgresql://{ROLE}@/{DATABASE}?host={host}&requirepeer={peer}"

    @property
    def is_ours(self) -> bool:
        """Whether this object, in this process, started the server."""
        return self._child is not None and self._starter == os.getpid()

    def settings(self) -> dict[str, Any]:
        """Return the entry of Django's DATABASES; each connection checks who answers."""
        self._check_runtime()
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": str(self.socket),
            "PORT": str(PORT),
            "NAME": DATABASE,
            "USER": ROLE,
            "OPTIONS": {"requirepeer": self.account.name},
        }

    def ensure(self, meanwhile: Callable[[], object] = _nothing) -> bool:
        """Have the server running and return whether it is ours to stop.

        `meanwhile` is called once, while the server starts; at the end where none is started.
        Must be called from the main thread: the kernel ends the server with the thread that
        started it.
        """
        if self.is_ours and self.is_alive():
            meanwhile()
            return True
        self._child = None
        self._make_home()
        with self._locked():
            deadline = time.monotonic() + _PATIENCE
            while (state := self._state()) == "busy" and time.monotonic() < deadline:
                time.sleep(0.1)
            if state == "running":
                meanwhile()
                return False
            if threading.current_thread() is not threading.main_thread():
                raise LocalPostgresError("PostgreSQL must be started from the main thread")
            self._start(meanwhile)
        return True

    def is_running(self) -> bool:
        """Say whether the server answers."""
        return self._state() == "running"

    def is_alive(self) -> bool:
        """Say whether the server we use is still there, cheaply where it is our child."""
        if self._child is not None and self.is_ours:
            return self._child.poll() is None
        return self.is_running()

    def stop(self) -> None:
        """Stop the server if we started it, disconnecting whoever is left; else do nothing."""
        if self._child is None or not self.is_ours:
            return
        child, self._child = self._child, None
        # Fast shutdown, then immediate (which the next start recovers from), then by force.
        for number, seconds in (
            (signal.SIGINT, 60),
            (signal.SIGQUIT, 10),
            (signal.SIGKILL, 10),
        ):
            child.send_signal(number)
            try:
                child.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                continue
        with self._locked():
            # Another process may have started the server anew in the meantime.
            if self.runtime != self.home and not self.cluster.pid_file.exists():
                shutil.rmtree(self.runtime)

    def __enter__(self) -> Self:
        self.ensure()
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def _make_home(self) -> None:
        try:
            make_directory(self.home, 0o755 if os.geteuid() == 0 else 0o700)
        except OSError as error:
            raise LocalPostgresError(
                f"DATA_DIR: cannot make {self.home}: {error.strerror}"
            ) from error
        owner = self.cluster.data.stat().st_uid if self.cluster.data.exists() else None
        if owner not in (None, self.account.uid):
            raise LocalPostgresError(
                f"The database in {self.home} belongs to {Account(owner or 0, 0).name}, but here "
                f"{self.account.name} would run it: give {self.cluster.data} to that user "
                "(chown -R), start as its owner, or set DATA_DIR to another directory"
            )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the directory's lock: starts and clean-ups happen one at a time."""
        try:
            number = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LocalPostgresError(f"DATA_DIR: {self.home}/lock: {error.strerror}") from error
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
            yield
        finally:
            os.close(number)

    def _state(self) -> Literal["running", "busy", "absent"]:
        """Ask the socket: a connection is the only proof that a server runs."""
        self._check_runtime()
        try:
            self._connect().close()
        except psycopg.OperationalError as error:
            said = str(error)
            if "too many clients" in said or "connection slots" in said:
                return "running"
            return "busy" if "the database system is" in said else "absent"
        return "running"

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.socket),
            port=PORT,
            user=ROLE,
            dbname="postgres",
            requirepeer=self.account.name,
            connect_timeout=10,
            autocommit=True,
        )

    def _start(self, meanwhile: Callable[[], object]) -> None:
        found = find_binaries(self._binaries, self.cluster.major)
        self._make_runtime()
        binaries = runnable_by(found, self.account, self.runtime / "binaries")
        if self.cluster.major is None:
            is_durable = self._server_settings.get("fsync") != "off"
            self.cluster.create(binaries, is_durable=is_durable)
        log = self.home / "start.log"
        deadline = time.monotonic() + _PATIENCE
        while True:
            self.cluster.forget_stale_pid()
            if self.cluster.state() is None:
                # Left by a killed server whose number is not free yet: a zombie that nobody has
                # waited for. PostgreSQL would take it for one that runs.
                (self.socket / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
            child: subprocess.Popen[bytes] | None = None
            try:
                with held():  # so that the exception of a signal finds `child` assigned
                    child = self.cluster.spawn(binaries, self.socket, log, self._server_settings)
                meanwhile()
                if self._becomes_ready(child):
                    self._have_database()
                    self._child, self._starter = child, os.getpid()
                    return
            except BaseException:
                if child is not None:
                    child.send_signal(signal.SIGINT)
                    child.wait()
                raise
            said = log.read_text(errors="replace").strip()
            if time.monotonic() > deadline or not any(words in said for words in _PASSING):
                raise LocalPostgresError(
                    f"PostgreSQL did not start; more may be in {self.cluster.data}/log:\n{said}"
                )
            meanwhile = _nothing
            time.sleep(0.2)

    def _becomes_ready(self, child: subprocess.Popen[bytes]) -> bool:
        """Wait until our own child says ready and answers; False if it ended instead."""
        deadline = time.monotonic() + _RECOVERY  # a large recovery takes minutes
        while time.monotonic() < deadline and child.poll() is None:
            if self.cluster.state() == (child.pid, "ready") and self.is_running():
                return True
            time.sleep(0.02)
        return False

    def _have_database(self) -> None:
        with self._connect() as connection:
            asked = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if asked.fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _check_runtime(self) -> None:
        if self.runtime != self.home:
            check_runtime(self.runtime, self.account)

    def _make_runtime(self) -> None:
        """Make the directories of the socket and the copies, refusing one that is not ours."""
        make_directory(self.runtime, 0o755 if os.geteuid() == 0 else 0o700)
        check_owner(self.runtime, stat.S_ISDIR, {os.geteuid()})
        make_directory(self.runtime / "binaries", 0o755)
        make_directory(self.socket, 0o700)
        if not self.account.is_ours:
            os.chown(self.socket, self.account.uid, self.account.gid)
