"""A site with two web processes, and ways to reach each of them."""

import http.client
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.serving.test_durability import KEY, MAKE_PROJECT
from tests.sites import Site

SETUP = """
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from projects.models import ApiKey, User
from projects.services import people
admin = User.objects.get(is_superuser=True)
secret = people.issue_key(admin, name="Second")
session = SessionStore()
session[SESSION_KEY] = str(admin.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = admin.get_session_auth_hash()
session.create()
print("made", session.session_key, secret, ApiKey.objects.latest("id").pk)
"""
CSRF = "a" * 32


class TwoProcesses:
    """A site with two web processes, and connections to each of them."""

    def __init__(self, site: Site, supervisor: int, **options: str) -> None:
        self.site = site
        self._supervisor = supervisor
        said = site.run("shell", "-c", SETUP, **options).stdout
        line = next(line for line in said.splitlines() if line.startswith("made "))
        _, self.session, self.secret, self.key_id = line.split()

    def web(self) -> set[int]:
        """The web processes, which have their names."""
        return self._named("web")

    def worker(self) -> int:
        """The worker, once it is there."""
        deadline = time.monotonic() + 20
        while not (found := self._named("worker")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return found.pop()

    def listens(self, process: int) -> bool:
        """Whether a process has a socket that waits for connections to the site."""
        return bool(set(self._sockets("00000000:0000")) & _sockets_of(process))

    def _named(self, name: str) -> set[int]:
        children = Path(f"/proc/{self._supervisor}/task/{self._supervisor}/children").read_text()
        return {int(child) for child in children.split() if _name_of(child).startswith(name)}

    def process_of(self, connection: http.client.HTTPConnection) -> int:
        """Which process has accepted a connection."""
        port = connection.sock.getsockname()[1]
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            inodes = set(self._sockets(f"0100007F:{port:04X}"))
            if found := [one for one in self.web() if inodes & _sockets_of(one)]:
                return found[0]
        raise AssertionError("nobody has it")

    def connections(self) -> list[http.client.HTTPConnection]:
        """One to each process."""
        found: dict[int, http.client.HTTPConnection] = {}
        deadline = time.monotonic() + 20
        while len(found) < 2:
            assert time.monotonic() < deadline, f"{len(found)} of two processes answered"
            fresh = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=20)
            ask(fresh, "GET", "/healthz")
            found.setdefault(self.process_of(fresh), fresh)
        return list(found.values())

    def _sockets(self, remote: str) -> Iterator[str]:
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[1] == f"0100007F:{self.site.port:04X}" and fields[2] == remote:
                yield f"socket:[{fields[9]}]"


def _sockets_of(process: int) -> set[str]:
    found = set()
    for file in Path(f"/proc/{process}/fd").glob("*"):
        try:
            found.add(os.readlink(file))
        except OSError:  # closed meanwhile
            continue
    return found


def _name_of(process: str) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text()
    except OSError:  # it has just ended
        return ""


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, **more: str
) -> http.client.HTTPResponse:
    """The answer, read to its end; `body` is sent as JSON, or as it is if it is a string."""
    sent = body if isinstance(body, str | None) else json.dumps(body)
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    connection.request(method, path, sent, {"Content-Type": "application/json", **headers})
    answer = connection.getresponse()
    answer.read()
    return answer


def log(connection: http.client.HTTPConnection, secret: str, **more: str) -> int:
    """The status of logging an interaction."""
    body = {
        "project": "kept",
        "messages": [{"role": "user", "content": "A question"}],
        "completion": "An answer",
        **more,
    }
    bearer = f"Bearer {secret}"
    return ask(connection, "POST", "/api/v1/interactions", body, Authorization=bearer).status


def cookie(two: TwoProcesses) -> dict[str, str]:
    """The header of whoever is logged in."""
    return {"Cookie": f"adaptive_site_session={two.session}"}


@contextmanager
def running(site: Site, **options: str) -> Iterator[tuple[TwoProcesses, Any]]:
    """Have such a site running; yields it and its process."""
    served = site.serving(ADAPTIVE_SITE_API_KEY=KEY, WEB_PROCESSES="2", **options)
    with served as (process, _):
        done = site.run("shell", "-c", MAKE_PROJECT, **options)
        assert done.returncode == 0, done.stderr
        yield TwoProcesses(site, process.pid, **options), process
