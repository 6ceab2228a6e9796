"""Two web processes on one port: what one of them does holds in the other, and each may die."""

import http.client
import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from interactions.web.listing import live_feed
from tests.serving.test_durability import (
    KEY,
    MAKE_PROJECT,
    assert_all_there,
    clients_of,
    enough,
    kill,
)
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

    def __init__(self, site: Site, supervisor: int) -> None:
        self.site = site
        self._supervisor = supervisor
        said = site.run("shell", "-c", SETUP).stdout
        line = next(line for line in said.splitlines() if line.startswith("made "))
        _, self.session, self.secret, self.key_id = line.split()

    def web(self) -> set[int]:
        """The web processes, which have their names."""
        children = Path(f"/proc/{self._supervisor}/task/{self._supervisor}/children").read_text()
        return {int(child) for child in children.split() if _name_of(child).startswith("web")}

    def process_of(self, connection: http.client.HTTPConnection) -> int:
        """Which process has accepted a connection."""
        port = connection.sock.getsockname()[1]
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            inodes = set(self._sockets(f"0100007F:{port:04X}"))
            if found := [one for one in self.web() if inodes & _sockets_of(one)]:
                return found[0]
        raise AssertionError("nobody has it")

    def connections(self) -> list[http.client.HTTPConnection]:
        """One to each process."""
        found: dict[int, http.client.HTTPConnection] = {}
        while len(found) < 2:
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


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoProcesses]:
    """A running site with two web processes, and a project."""
    with running(Site(tmp_path_factory.mktemp("two"))) as (made, _):
        yield made


@contextmanager
def running(site: Site) -> Iterator[tuple[TwoProcesses, Any]]:
    """Have such a site running; yields it and its process."""
    with site.serving(ADAPTIVE_SITE_API_KEY=KEY, WEB_PROCESSES="2") as (process, _):
        done = site.run("shell", "-c", MAKE_PROJECT)
        assert done.returncode == 0, done.stderr
        yield TwoProcesses(site, process.pid), process


def test_a_key_revoked_in_one_process_is_refused_by_both_at_once(two: TwoProcesses) -> None:
    first, second = two.connections()
    assert [log(one, two.secret) for one in (first, second) for _ in range(5)] == [201] * 10
    cookies = f"adaptive_site_session={two.session}; adaptive_site_csrf={CSRF}"
    revoked = ask(
        first,
        "POST",
        f"/projects/kept/connect/keys/{two.key_id}/revoke/",
        urlencode({"csrfmiddlewaretoken": CSRF}),
        Content_Type="application/x-www-form-urlencoded",
        Cookie=cookies,
    )
    assert revoked.status == 302
    assert [log(one, two.secret) for one in (second, first)] == [401, 401]


def test_wrong_passwords_are_counted_together(two: TwoProcesses) -> None:
    statuses = []
    fields = {"csrfmiddlewaretoken": CSRF, "username": "nobody@example.com", "password": "wrong"}
    for n, connection in enumerate(two.connections() * 4):
        answer = ask(
            connection,
            "POST",
            "/login/",
            urlencode(fields | {"password": f"wrong {n}"}),
            Content_Type="application/x-www-form-urlencoded",
            Cookie=f"adaptive_site_csrf={CSRF}",
        )
        statuses.append(answer.status)
    assert statuses[:6] == [200] * 6
    assert statuses[7] == 429


def test_a_row_logged_in_one_process_reaches_a_reader_of_the_other(two: TwoProcesses) -> None:
    for reader, writer in (two.connections(), two.connections()[::-1]):
        reader.request("GET", "/live/?project=kept", headers=cookie(two))
        events = reader.getresponse()
        assert events.readline() == b"retry: 2000\n"
        assert log(writer, KEY) == 201
        line = b""
        while not line.startswith(b"data: "):
            line = events.readline()
            assert line
        assert json.loads(line[6:])["rows"]
        reader.close()


def test_live_streams_of_one_person_are_counted_together(two: TwoProcesses) -> None:
    opened: list[tuple[http.client.HTTPConnection, http.client.HTTPResponse]] = []
    while len({two.process_of(one) for one, _ in opened}) < 2:
        for one, _ in opened:  # all in one process, as chance may have it
            one.close()
        opened = []
        for n in range(live_feed.MOST_STREAMS_PER_PERSON):
            one = http.client.HTTPConnection("127.0.0.1", two.site.port, timeout=20)
            path = f"/live/?project=kept&label=n:{n}"
            deadline = time.monotonic() + 20
            one.request("GET", path, headers=cookie(two))
            while (answer := one.getresponse()).status == 429:  # of those just closed
                assert time.monotonic() < deadline
                answer.read()
                one.request("GET", path, headers=cookie(two))
            assert answer.readline() == b"retry: 2000\n"
            opened.append((one, answer))
    statuses = [ask(one, "GET", "/live/?project=kept", **cookie(two)) for one in two.connections()]
    assert [answer.status for answer in statuses] == [429, 429]
    for one, _ in opened:
        one.close()


def cookie(two: TwoProcesses) -> dict[str, str]:
    """The header of whoever is logged in."""
    return {"Cookie": f"adaptive_site_session={two.session}"}


def test_the_same_interaction_sent_to_both_is_stored_once(two: TwoProcesses) -> None:
    pairs = [two.connections() for _ in range(3)]
    with ThreadPoolExecutor(6) as threads:
        for n in range(20):
            sent = [
                threads.submit(log, one, KEY, external_id=f"the same {n}")
                for pair in pairs
                for one in pair
            ]
            statuses = sorted(one.result() for one in sent)
            assert statuses == [200] * 5 + [201]


def test_killed_web_processes_are_replaced_and_nothing_acknowledged_is_lost(
    tmp_path: Path,
) -> None:
    with running(Site(tmp_path)) as (two, process):
        with clients_of(two.site) as clients:
            for n in range(3):
                enough(clients, 150)
                before = two.web()
                assert len(before) == 2
                kill(sorted(before)[n % 2])
                enough(clients, 150)  # by the other one, and then by both
                deadline = time.monotonic() + 20
                while len(two.web() - before) < 1 or len(two.web()) < 2:
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
                assert len(two.web() & before) == 1
        assert clients.statuses == {201}
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "web 1 ended by itself (exit -9)" in said
        assert two.site.is_all_gone()
    with two.site.serving():
        assert_all_there(two.site, clients.acknowledged)
