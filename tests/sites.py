"""A whole site of its own: a DATA_DIR, a port, and `manage.py` run on them as a person would."""

import contextlib
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from adaptive_site.environment import ROOT
from adaptive_site.lib.postgres.server import LocalPostgres
from tests.running.ports import free_port


class Server(subprocess.Popen[str]):
    """A running server whose output is read all along.

    Once a pipe is full that nobody reads, the server stops at its next complaint, and with it the
    request that it was about: a site that complained for a while never answered again.
    """

    def follow(self) -> None:
        """Begin to read what it says from now on."""
        self._said: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def said(self, words: str) -> list[str]:
        """The lines with these words so far."""
        return [line for line in self._said if words in line]

    def communicate(
        self, input: str | None = None, timeout: float | None = None
    ) -> tuple[str, str]:
        """Wait for its end and return what it said since `follow`."""
        self.wait(timeout)
        self._reader.join(timeout)
        return "".join(self._said), ""

    def _read(self) -> None:
        assert self.stdout is not None
        self._said.extend(self.stdout)


class Site:
    """A DATA_DIR and a port, on which `manage.py` can be run."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.database = LocalPostgres(data / "postgres")

    def environment(self, **options: str) -> dict[str, str]:
        """Return our environment with this site's options instead of any of ours."""
        ours = ("DATABASE_URL", "SECRET_KEY", "HOST", "PORT", "DATA_DIR", "DJANGO_SETTINGS_MODULE")
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ours and not name.startswith("ADAPTIVE_SITE_")
        }
        own = {
            "DATA_DIR": str(self.data),
            "PORT": str(self.port),
            "ADAPTIVE_SITE_DEMO": "off",
            "ADAPTIVE_SITE_TIME_LIMITS": "20",
            "PYTHONUNBUFFERED": "1",
        }
        return {**kept, **own, **options}

    def run(self, *arguments: str, **options: str) -> subprocess.CompletedProcess[str]:
        """Run one command of manage.py to its end."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(**options),
            capture_output=True,
            text=True,
            timeout=300,
        )

    @contextlib.contextmanager
    def serving(self, **options: str) -> Iterator[tuple[Server, str]]:
        """Have `serve` running, and answering; yields it, and what it said."""
        process = Server(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=self.environment(**options),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said = ""
            assert process.stdout is not None
            while "Ctrl-C stops it" not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
            process.follow()
            assert self.status() == 200
            yield process, said
        finally:
            process.terminate()  # not kill: it has a directory of its own to take away
            process.wait(timeout=60)

    def status(self) -> int:
        """Return what /healthz answers; 0 if nobody listens."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/healthz", timeout=30
            ) as said:
                return int(said.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def is_all_gone(self) -> bool:
        """Wait until neither the web server nor the database is there."""
        deadline = time.monotonic() + 60
        while self.status() or self.database.cluster.state():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True
