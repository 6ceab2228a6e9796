"""What was acknowledged is there, whole, after the server or PostgreSQL was killed under load."""

import http.client
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest

from tests.running.prepared import migrated_site
from tests.sites import Site

KEY = "a-key-of-the-tests-0123456789"
CLIENTS = 20
MAKE_PROJECT = """
from projects.services import metrics, projects
project = projects.create(key="kept", name="Kept")
metrics.ensure(project, "helpful", kind="BOOL")
"""
# Each finds what a transaction that was torn apart would leave; none may find a row.
TORN = {
    "a row without its body": (
        "SELECT id FROM interaction i WHERE NOT EXISTS"
        " (SELECT FROM interaction_body WHERE interaction_id = i.id)"
    ),
    "a body without its row": (
        "SELECT interaction_id FROM interaction_body b WHERE NOT EXISTS"
        " (SELECT FROM interaction WHERE id = b.interaction_id)"
    ),
    "a row without its feedback": (
        "SELECT id FROM interaction i WHERE NOT EXISTS"
        " (SELECT FROM feedback WHERE interaction_id = i.id)"
    ),
    "a row whose postings are not those of its labels": (
        "SELECT i.id FROM interaction i LEFT JOIN interaction_label p ON p.interaction_id = i.id"
        " GROUP BY i.id HAVING count(p) <> 4"  # two labels, and the key of each
        " OR count(p) FILTER (WHERE p.label_id = ANY(i.label_ids)) <> 2"
    ),
    "a label counted wrongly": (
        "SELECT label_id FROM (SELECT label_id, sum(n) AS n FROM ("
        "  SELECT id AS label_id, total AS n FROM label"
        "  UNION ALL SELECT 0, n FROM label_count WHERE grain = 't'"
        "  UNION ALL SELECT unnest(label_ids), unnest(counts) FROM label_delta"
        " ) parts GROUP BY label_id) c"
        " WHERE n <> CASE label_id WHEN 0 THEN (SELECT count(*) FROM interaction)"
        " ELSE (SELECT count(*) FROM interaction_label p WHERE p.label_id = c.label_id) END"
    ),
}


class Clients:
    """Twenty people who log interactions as fast as they are answered."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._threads = [threading.Thread(target=self._log, args=[n]) for n in range(CLIENTS)]
        self._ended = threading.Event()
        self.acknowledged: list[str] = []
        self.moments: list[float] = []  # of each acknowledgement, by the monotonic clock
        self.statuses: set[int] = set()

    def start(self) -> None:
        """Let them begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Wait until each has its last answer, or none."""
        self._ended.set()
        for thread in self._threads:
            thread.join(30)

    def _log(self, client: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        count = 0
        while not self._ended.is_set():
            count += 1
            try:
                self._post(connection, client, count)
            except (OSError, http.client.HTTPException):  # the server is dead or dying
                connection.close()
                time.sleep(0.05)

    def _post(self, connection: http.client.HTTPConnection, client: int, count: int) -> None:
        body = {
            "project": "kept",
            "messages": [{"role": "user", "content": f"Question {count} of {client}"}],
            "completion": "An answer. " * 100,
            "labels": {"client": str(client), "count": str(count % 50)},
            "feedbacks": [{"metric": "helpful", "value": count % 2}],
        }
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/interactions", json.dumps(body), headers)
        answer = connection.getresponse()
        said = answer.read()
        self.statuses.add(answer.status)
        if answer.status == 201:
            self.acknowledged.append(json.loads(said)["completion_id"])
            self.moments.append(time.monotonic())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with a project and a metric, not running."""
    made = migrated_site(tmp_path_factory.mktemp("durable"), is_durable=True)
    with made.serving(ADAPTIVE_SITE_API_KEY=KEY):
        done = made.run("shell", "-c", MAKE_PROJECT)
        assert done.returncode == 0, done.stderr
    return made


@contextmanager
def clients_of(site: Site) -> Iterator[Clients]:
    """Twenty clients, who stop in any case."""
    clients = Clients(site.port)
    clients.start()
    try:
        yield clients
    finally:
        clients.stop()


def enough(clients: Clients, more: int = 500) -> None:
    """Wait until `more` interactions have been acknowledged."""
    wanted = len(clients.acknowledged) + more
    deadline = time.monotonic() + 60
    while len(clients.acknowledged) < wanted:
        assert time.monotonic() < deadline, clients.statuses
        time.sleep(0.01)


def family(process: int) -> list[int]:
    """This process and all below it, parents first."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found = [process]
    for one in found:
        found += [child for child, parent in pairs if parent == one]
    return found


def kill(process: int) -> None:
    """Kill a process that may have ended by itself in this moment."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def assert_all_there(site: Site, acknowledged: list[str]) -> None:
    """Every acknowledged interaction is stored, and nothing is stored in part."""
    with psycopg.connect(site.database.dsn) as connection:
        stored = {row[0] for row in connection.execute("SELECT id FROM interaction")}
        missing = {UUID(id) for id in acknowledged} - stored
        assert not missing, f"{len(missing)} of {len(acknowledged)} acknowledged are lost"
        torn = {name: connection.execute(query).fetchall()[:5] for name, query in TORN.items()}
    assert not {name: rows for name, rows in torn.items() if rows}


READS = 25
SAY = """
from projects.models import Event
print("told:", Event.objects.filter(verb="interaction.read", subject="{}").count())
"""
COUNT = "SELECT count(*) FROM projects_event WHERE verb = 'interaction.read' AND subject = %s"


def read_often(site: Site, id: str) -> None:
    """Read an interaction READS times, each answered."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    for _ in range(READS):
        headers = {"Authorization": f"Bearer {KEY}"}
        connection.request("GET", f"/api/v1/chat/completions/{id}", headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()


def reads_told(site: Site, id: str) -> int:
    with psycopg.connect(site.database.dsn) as connection:
        row = connection.execute(COUNT, [id]).fetchone()
    assert row is not None
    return int(row[0])


def wait_until_told(site: Site, id: str, n: int) -> None:
    deadline = time.monotonic() + 60
    while reads_told(site, id) < n:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(site: Site) -> None:
    """Of the audit log all that is older than a second; and nothing where it is stopped."""
    with site.serving() as (process, _), clients_of(site) as clients:
        enough(clients)
        read = clients.acknowledged[0]
        read_often(site, read)
        wait_until_told(site, read, READS)
        read_often(site, read)
        for one in family(process.pid):  # PostgreSQL too: nobody gets to tidy up
            kill(one)
        process.wait()
    assert clients.statuses <= {201, 503}  # the database may be gone a moment before the site
    with site.serving():
        assert_all_there(site, clients.acknowledged)
        left = reads_told(site, read)
        assert READS <= left <= 2 * READS
        read_often(site, read)  # and stopped at once
    made = site.run("shell", "-c", SAY.format(read))
    assert f"told: {left + READS}\n" in made.stdout, made.stderr


def test_nothing_acknowledged_is_lost_when_postgresql_is_killed(site: Site) -> None:
    with site.serving(), clients_of(site) as clients:
        enough(clients)
        state = site.database.cluster.state()
        assert state is not None
        kill(state[0])
        enough(clients)  # `serve` has started it again; meanwhile there were only refusals
    assert clients.statuses <= {201, 503}
    with site.serving():
        assert_all_there(site, clients.acknowledged)
