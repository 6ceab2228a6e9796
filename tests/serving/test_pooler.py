"""A site whose connections go through PgBouncer, in transaction mode, with few to the server."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from urllib.parse import urlencode

import psycopg
import pytest
from django.urls import reverse

from adaptive_site.lib.postgres.cluster import ROLE
from adaptive_site.lib.postgres.server import DATABASE
from tests.running.prepared import migrated_site
from tests.serving.pooler import CONNECTIONS, pooler
from tests.serving.test_durability import KEY, assert_all_there, clients_of, enough
from tests.serving.two_processes import CSRF, TwoProcesses, ask, cookie, log, running

PAGES = (
    "interactions",
    "groups",
    "datasets",
    "sessions",
    "pairs",
    "review",
    "images",
    "views",
    "connect",
)


@pytest.fixture(scope="module")
def pooled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoProcesses]:
    """A running site with two web processes, a worker and eight connections to PostgreSQL."""
    data = tmp_path_factory.mktemp("pooled")
    site = migrated_site(data)
    with ExitStack() as stack:
        stack.enter_context(site.database)
        options = {
            "DATABASE_URL": stack.enter_context(pooler(site.database, data)),
            "DATABASE_DIRECT_URL": site.database.dsn,
        }
        two, _ = stack.enter_context(running(site, **options))
        yield two


def test_writes_of_many_and_pages_go_over_few_connections(pooled: TwoProcesses) -> None:
    with clients_of(pooled.site) as clients:
        enough(clients, 300)
        with ThreadPoolExecutor(8) as people:
            answers = list(people.map(lambda name: _page(pooled, name), PAGES * 2))
        enough(clients, 100)
        used = _server_connections(pooled)
    assert answers == [200] * len(answers)
    assert clients.statuses == {201}
    assert used <= CONNECTIONS
    assert_all_there(pooled.site, clients.acknowledged)


def test_a_revoked_key_is_refused_at_once(pooled: TwoProcesses) -> None:
    first, second = pooled.connections()
    assert [log(one, pooled.secret) for one in (first, second)] == [201, 201]
    revoked = ask(
        first,
        "POST",
        f"/projects/kept/connect/keys/{pooled.key_id}/revoke/",
        urlencode({"csrfmiddlewaretoken": CSRF}),
        Content_Type="application/x-www-form-urlencoded",
        Cookie=f"adaptive_site_session={pooled.session}; adaptive_site_csrf={CSRF}",
    )
    assert revoked.status == 302
    assert [log(one, pooled.secret) for one in (second, first)] == [401, 401]


def test_a_live_row_and_a_worker_are_told_through_the_direct_connection(
    pooled: TwoProcesses,
) -> None:
    reader, writer = pooled.connections()
    reader.request("GET", "/live/?project=kept", headers=cookie(pooled))
    events = reader.getresponse()
    assert events.readline() == b"retry: 2000\n"
    assert log(writer, KEY) == 201
    while not events.readline().startswith(b"data: "):
        pass
    with psycopg.connect(pooled.site.database.dsn) as direct:
        listening = direct.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%%'"
            " AND client_port = -1"  # by the socket, not through the pooler's own
        ).fetchone()
    assert listening is not None and listening[0] >= 1


def _page(two: TwoProcesses, name: str) -> int:
    path = reverse(name, kwargs={"key": "kept"})
    with closing(http.client.HTTPConnection("127.0.0.1", two.site.port, timeout=60)) as one:
        return ask(one, "GET", path, **cookie(two)).status


def _server_connections(two: TwoProcesses) -> int:
    """How many of PostgreSQL's connections are the pooler's: the others listen."""
    with psycopg.connect(two.site.database.dsn) as direct:
        found = direct.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = %s"
            " AND application_name = '' AND query NOT LIKE 'LISTEN%%' AND pid <> pg_backend_pid()",
            [DATABASE, ROLE],
        ).fetchone()
    assert found is not None
    return int(found[0])
