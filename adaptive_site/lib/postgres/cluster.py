"""One PostgreSQL data directory: its making, its settings, and its `postmaster.pid`."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adaptive_site.lib.postgres.account import Account
from adaptive_site.lib.postgres.binaries import Binaries, LocalPostgresError
from adaptive_site.lib.processes.child import ending_with_us

ROLE = "adaptive_site"
PORT = 5432
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Cluster:
    """A data directory, and the account that owns it and runs PostgreSQL on it."""

    data: Path
    account: Account

    @property
    def major(self) -> int | None:
        """The version that made the directory; no other version may open it."""
        file = self.data / "PG_VERSION"
        return int(file.read_text()) if file.exists() else None

    @property
    def pid_file(self) -> Path:
        """Where PostgreSQL notes its process and its state."""
        return self.data / "postmaster.pid"

    def create(self, binaries: Binaries, *, is_durable: bool) -> None:
        """Make the directory, complete or not at all: an interrupted attempt is thrown away."""
        fresh = self.data.with_name(f"{self.data.name}.new")
        if fresh.exists():
            shutil.rmtree(fresh)
        said = ""
        for locale in _locales(binaries.major):
            fresh.mkdir(mode=0o700)
            os.chown(fresh, self.account.uid, self.account.gid)
            said = self._initdb(binaries, fresh, locale, is_durable=is_durable)
            if not said:
                fresh.rename(self.data)
                return
            shutil.rmtree(fresh)
        raise LocalPostgresError(f"PostgreSQL could not make its data directory:\n{said}")

    def _initdb(
        self, binaries: Binaries, fresh: Path, locale: list[str], *, is_durable: bool
    ) -> str:
        """Run initdb; return what it complained of, or an empty string."""
        with self._door(fresh) as (path, kept_open):
            done = subprocess.run(
                [
                    binaries.program("initdb"),
                    f"--pgdata={path}",
                    f"--username={ROLE}",
                    "--auth=trust",
                    "--encoding=UTF8",
                    *locale,
                    *([] if is_durable else ["--no-sync"]),
                ],
                capture_output=True,
                text=True,
                cwd="/",
                env=_clean_environment(),
                pass_fds=kept_open,
                **self.account.popen_options(),
            )
        return "" if done.returncode == 0 else done.stderr.strip() or f"exit {done.returncode}"

    def spawn(
        self, binaries: Binaries, socket: Path, log: Path, extra: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        """Start `postgres` as our direct child; it shuts down when we end, even by kill -9.

        It leads a session of its own, so a Ctrl-C in our terminal does not reach it before us.
        """
        settings = {**_settings(socket), **self._compression(binaries), **extra}
        with self._door(self.data) as (path, kept_open), log.open("wb") as output:
            return subprocess.Popen(
                [binaries.program("postgres"), "-D", path, *_as_arguments(settings)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=_clean_environment(),
                pass_fds=kept_open,
                start_new_session=True,
                preexec_fn=ending_with_us(signal.SIGINT),
                **self.account.popen_options(),
            )

    def state(self) -> tuple[int, str] | None:
        """Return (process, status) as `postmaster.pid` has them; status may be empty."""
        try:
            lines = self.pid_file.read_text().splitlines()
        except FileNotFoundError:
            return None
        if not lines or not lines[0].strip().isdigit():
            return None
        return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""

    def forget_stale_pid(self) -> None:
        """Remove a `postmaster.pid` whose process number is now somebody else's.

        PostgreSQL would take that process for itself and refuse to start. Its own server works
        inside the data directory, any other process elsewhere. Call it only under the start
        lock, after nothing answered on the socket. The process itself is never touched.
        """
        state = self.state()
        if state and _is_alive(state[0]) and not self._works_here(state[0]):
            self.pid_file.unlink()

    def _works_here(self, process: int) -> bool:
        if not Path("/proc/self").exists():  # macOS
            listed = subprocess.run(
                ["ps", "-o", "comm=", "-p", str(process)],
                capture_output=True,
                text=True,
            )
            return "postgres" in listed.stdout
        try:
            return os.path.samefile(f"/proc/{process}/cwd", self.data)
        except (PermissionError, FileNotFoundError):
            return False  # another user's process, or one that has just ended

    def _compression(self, binaries: Binaries) -> dict[str, str]:
        """Return the settings for lz4, where these programs were built with it."""
        wanted = {"wal_compression": "lz4", "default_toast_compression": "lz4"}
        with self._door(self.data) as (path, kept_open):
            done = subprocess.run(
                [
                    binaries.program("postgres"),
                    "-D",
                    path,
                    *_as_arguments(wanted),
                    "-C",
                    "wal_compression",
                ],
                capture_output=True,
                cwd="/",
                env=_clean_environment(),
                pass_fds=kept_open,
                **self.account.popen_options(),
            )
        return wanted if done.returncode == 0 else {"wal_compression": "on"}

    @contextmanager
    def _door(self, directory: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield a path to `directory` that the account can use, and the files it must inherit.

        Under a directory that is shut to that account (root's home, mode 700) we hand down the
        open directory itself, as /proc/self/fd/N: nobody's permissions change, and the data
        stays inside DATA_DIR, on whatever disk the operator chose for it.
        """
        if self.account.can_reach(directory):
            yield str(directory), ()
            return
        if not Path("/proc/self/fd").exists():
            raise LocalPostgresError(
                f"{self.account.name}, who runs PostgreSQL for root, cannot reach {directory}: "
                "set DATA_DIR to a directory that every user can pass through, such as "
                "/var/lib/adaptive-site"
            )
        number = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{number}", (number,)
        finally:
            os.close(number)


def _locales(major: int) -> list[list[str]]:
    # The built-in provider sorts by code point on every machine and survives upgrades of libc.
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []
    return [["--locale=C.UTF-8", *builtin], ["--locale=C", *builtin]]


def _as_arguments(settings: Mapping[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _settings(socket: Path) -> dict[str, str]:
    """Return how the server is set: reachable by socket only, sized to the machine, quiet.

    The log keeps a week, one file a day. Statements and errors are left out of it: they would
    carry the logged conversations, and the site reports its own errors.
    """
    memory = _memory()
    return {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"{min(256, max(32, memory // 8))}MB",
        "effective_cache_size": f"{max(128, memory // 2)}MB",
        "maintenance_work_mem": f"{min(128, max(16, memory // 16))}MB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_checkpoints": "off",
    }


def _memory() -> int:
    """Return this machine's memory, or our container's if that is less, in megabytes."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.exists() and (said := limit.read_text().strip()).isdigit():
        memory = min(memory, int(said))
    return memory // _MEGABYTE


def _clean_environment() -> dict[str, str]:
    """Return our environment without PostgreSQL's own variables, in which a stray one binds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)  # signal 0 asks, it sends nothing
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
