"""A primary of PostgreSQL and its synchronous standby, which takes over when it is killed."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from adaptive_site.lib.postgres.binaries import Binaries, find_binaries, runnable_by
from adaptive_site.lib.postgres.cluster import ROLE
from adaptive_site.lib.postgres.server import DATABASE
from tests.running.ports import free_port
from tests.running.prepared import migrated_site
from tests.sites import Site


class Node:
    """One server of PostgreSQL in a directory of its own."""

    def __init__(self, home: Path, site: Site, programs: Binaries) -> None:
        self.data = home
        self.port = free_port()
        self._account = site.database.account
        self._programs = programs
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Have it running and answering."""
        self._process = subprocess.Popen(
            [
                *(self._programs.program("postgres"), "-D", str(self.data), "-p", str(self.port)),
                *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="),
                *("-c", "logging_collector=off", "-c", "max_connections=120"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            **self._account.popen_options(),
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.ask("SELECT 1")
            except psycopg.OperationalError:
                assert time.monotonic() < deadline and self._process.poll() is None
                time.sleep(0.05)
            else:
                return

    def copy_from(self, primary: "Node") -> None:
        """Become a standby that streams from `primary`, in the place of what was here."""
        if self.data.exists():
            shutil.rmtree(self.data)
        self.data.mkdir(mode=0o700)
        os.chown(self.data, self._account.uid, self._account.gid)
        subprocess.run(
            [
                *(self._programs.program("pg_basebackup"), "-D", str(self.data), "-R", "-X"),
                *("stream", "-c", "fast", "-h", "127.0.0.1", "-p", str(primary.port)),
                *("-U", ROLE, "--no-sync"),
            ],
            check=True,
            cwd="/",
            **self._account.popen_options(),
        )
        self.start()
        deadline = time.monotonic() + 60
        while (
            primary.ask("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") != 1
        ):
            assert time.monotonic() < deadline, "the standby does not stream"
            time.sleep(0.05)
        # Nothing is acknowledged any more that the standby has not.
        primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.ask("SELECT pg_reload_conf()")
        while primary.ask("SELECT sync_state FROM pg_stat_replication") not in ("sync", "quorum"):
            assert time.monotonic() < deadline, "the standby is not synchronous"
            time.sleep(0.05)

    def promote(self) -> None:
        """Let a standby be the primary, without a standby of its own."""
        assert self.ask("SELECT pg_promote(true, 60)") is True

    def kill(self) -> None:
        """End it as a power cut does, and all below it."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(30)

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def ask(self, query: str) -> object:
        """The first value of what it answers."""
        with psycopg.connect(self.dsn, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(query)
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    @property
    def dsn(self) -> str:
        """Its address."""
        return f"postgresql://{ROLE}@127.0.0.1:{self.port}/{DATABASE}"


class Pair:
    """Two nodes, of which `primary` takes writes and `standby` has all that is acknowledged."""

    def __init__(self, data: Path) -> None:
        self.site = migrated_site(data / "site", is_durable=True)
        found = find_binaries("auto", self.site.database.cluster.major)
        self.programs = runnable_by(found, self.site.database.account, data / "binaries")
        self.primary = Node(self.site.database.cluster.data, self.site, self.programs)
        self.standby = Node(self.primary.data.with_name("other"), self.site, self.programs)

    @property
    def url(self) -> str:
        """DATABASE_URL as the site is told it, once and for all."""
        ports = sorted([self.primary.port, self.standby.port])
        places = ",".join(f"127.0.0.1:{port}" for port in ports)
        return f"postgres://{ROLE}@{places}/{DATABASE}"

    def fail_over(self) -> None:
        """Kill the primary, and let the standby be it."""
        self.primary.kill()
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    def repair(self) -> None:
        """Make the one that was killed a standby of the other."""
        self.standby.copy_from(self.primary)


@contextmanager
def pair() -> Iterator[Pair]:
    """Have a primary and its standby running, in a directory that their account can reach."""
    with TemporaryDirectory(prefix="pair-") as directory:
        data = Path(directory)
        data.chmod(0o755)
        (data / "binaries").mkdir()
        made = Pair(data)
        try:
            made.primary.start()
            made.repair()
            yield made
        finally:
            made.standby.stop()
            made.primary.stop()
