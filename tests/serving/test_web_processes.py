"""Two web processes on one port: what one of them does holds in the other, and each may die."""

import http.client
import json
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from interactions.web.listing import live_feed
from tests.running.prepared import migrated_site
from tests.serving.test_durability import KEY, assert_all_there, clients_of, enough, kill
from tests.serving.two_processes import CSRF, TwoProcesses, ask, cookie, log, running


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoProcesses]:
    """A running site with two web processes, and a project."""
    with running(migrated_site(tmp_path_factory.mktemp("two"))) as (made, _):
        yield made


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
    with streams_in_both(two):
        statuses = [stream(two, one).status for one in two.connections()]
        assert statuses == [429, 429]


def test_the_streams_of_a_killed_process_are_given_back(two: TwoProcesses) -> None:
    with streams_in_both(two) as opened:
        of = {one: two.process_of(one) for one in opened}
        killed = of[opened[0]]
        kill(killed)
        lost = sum(process == killed for process in of.values())
        with ExitStack() as stack:
            for _ in range(lost):
                one = stack.enter_context(closing(fresh(two)))
                assert allowed(two, one).readline() == b"retry: 2000\n"
            assert stream(two, stack.enter_context(closing(fresh(two)))).status == 429


@contextmanager
def streams_in_both(two: TwoProcesses) -> Iterator[list[http.client.HTTPConnection]]:
    """As many live streams as a person may have, some in each process."""
    with ExitStack() as stack:
        opened: list[http.client.HTTPConnection] = []
        while len({two.process_of(one) for one in opened}) < 2:
            stack.close()  # all in one process, as chance may have it
            opened = []
            for _ in range(live_feed.MOST_STREAMS_PER_PERSON):
                one = stack.enter_context(closing(fresh(two)))
                assert allowed(two, one).readline() == b"retry: 2000\n"
                opened.append(one)
        yield opened


def fresh(two: TwoProcesses) -> http.client.HTTPConnection:
    """A connection to one of the two."""
    return http.client.HTTPConnection("127.0.0.1", two.site.port, timeout=20)


def stream(two: TwoProcesses, one: http.client.HTTPConnection) -> http.client.HTTPResponse:
    """The answer to somebody who asks for a live stream."""
    one.request("GET", "/live/?project=kept", headers=cookie(two))
    return one.getresponse()


def allowed(two: TwoProcesses, one: http.client.HTTPConnection) -> http.client.HTTPResponse:
    """A live stream, once those that have just ended are given back."""
    deadline = time.monotonic() + 20
    while True:
        try:
            answer = stream(two, one)
        except ConnectionError:  # to the process that was killed in this moment
            answer = None
        if answer is not None and answer.status != 429:
            return answer
        assert time.monotonic() < deadline
        if answer is not None:
            answer.read()


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


def test_the_worker_keeps_no_connection_waiting(two: TwoProcesses) -> None:
    worker = two.worker()
    assert [two.listens(web) for web in two.web()] == [True, True]
    deadline = time.monotonic() + 20
    while two.listens(worker):  # until it has begun
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_killed_web_processes_are_replaced_and_nothing_acknowledged_is_lost(
    tmp_path: Path,
) -> None:
    with running(migrated_site(tmp_path)) as (two, process):
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


def test_a_stop_cuts_a_live_stream_short_without_a_complaint(tmp_path: Path) -> None:
    with running(migrated_site(tmp_path)) as (two, process), closing(fresh(two)) as one:
        answer = allowed(two, one)
        assert answer.readline() == b"retry: 2000\n"
        process.send_signal(signal.SIGINT)
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
        said, _ = process.communicate(timeout=30)
        told = [line for line in said.splitlines() if "audit log sealed" not in line]
        assert (process.returncode, told) == (0, ["Stopped."])
