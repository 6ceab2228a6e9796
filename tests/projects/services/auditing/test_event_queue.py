"""Events that wait are written within a second, at the end, never dropped; many write at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from django.db import OperationalError, close_old_connections, connection

from adaptive_site.lib.concurrency.batching import Busy
from adaptive_site.lib.database.bulk_insert import Row
from projects.models import Event, Project, User
from projects.services import audit
from projects.services.auditing import event_queue, origin, refusals
from projects.services.auditing.event_queue import EventQueue
from projects.services.auditing.origin import Origin, Signer
from projects.services.auditing.refusals import REFUSALS, Refusals
from projects.services.auditing.rows import columns_of, row_of
from projects.services.auditing.sealing import seal_some
from projects.services.auditing.verifying import verify
from tests.auditing import told

WRITE = "projects.services.auditing.event_queue.write_together"


def row(subject: str = "s") -> Row:
    columns = columns_of(None, None, Origin("web", "10.0.0.1"))
    said = {"filter": "a\0b", "n": 1.5}
    return row_of(columns, "search.made", subject, (), said, datetime.now(UTC))


class Written:
    """Stands for the table: takes what is written, or fails."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.is_away = False
        self.came = threading.Event()

    def __call__(self, tables: list[tuple[object, list[Row]]]) -> None:
        if self.is_away:
            raise OperationalError("the database is away")
        self.rows += [str(one[11]) for _, rows in tables for one in rows]
        self.came.set()


@pytest.fixture
def written() -> Iterator[Written]:
    table = Written()
    with (
        patch(WRITE, table),
        patch.object(event_queue, "close_old_connections"),
        patch.object(event_queue, "connection"),
    ):
        yield table


def test_it_is_written_soon_by_a_thread_of_its_own(written: Written) -> None:
    queue = EventQueue(every=0.01)
    queue.start()
    queue.put(row("a"))
    assert written.came.wait(30)
    queue.stop()
    assert written.rows == ["a"] and queue.waiting == 0


def test_what_waits_is_written_at_the_end(written: Written) -> None:
    queue = EventQueue(every=3600)
    queue.start()
    for n in range(event_queue.ROWS_A_STATEMENT + 5):
        queue.put(row(str(n)))
    queue.stop()
    assert len(written.rows) == event_queue.ROWS_A_STATEMENT + 5


def test_who_comes_to_a_full_queue_waits_for_room_and_nothing_is_dropped(written: Written) -> None:
    queue = EventQueue(room=3, every=3600)
    queue.start()
    for n in range(20):
        queue.put(row(str(n)))
    queue.stop()
    assert written.rows == [str(n) for n in range(20)]


def test_while_the_database_is_away_they_wait_and_then_nobody_adds_more(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_queue, "ROOM_SECONDS", 0.05)
    queue = EventQueue(room=2, every=0.01)
    written.is_away = True
    queue.start()
    queue.put(row("a"))
    queue.put(row("b"))
    with pytest.raises(Busy, match="the audit log cannot be written"):
        queue.put(row("c"))
    written.is_away = False
    assert written.came.wait(30)
    queue.stop()
    assert written.rows == ["a", "b"]


@pytest.mark.django_db
def test_without_a_thread_a_row_is_written_at_once() -> None:
    EventQueue().put(row("now"))
    event = Event.objects.get(subject="now")
    assert (event.door, event.address, event.noun) == ("web", "10.0.0.1", "search")
    assert event.details == {"filter": "a\ufffdb", "n": 1.5}


@pytest.mark.django_db
def test_wrong_keys_are_one_event_for_an_address_and_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with origin.within("/api/v1/models"):
        for _ in range(5):
            REFUSALS.count("key.refused")
    with origin.within("/api/graphql"):
        REFUSALS.count("key.refused")
    assert REFUSALS.due(False) == []
    counts = [(event.door, event.details) for event in told("key.refused")]
    assert counts == [("openai", {"count": 5}), ("graphql", {"count": 1})]
    monkeypatch.setattr(refusals, "MOST_ADDRESSES", 3)
    many = Refusals()
    for n in range(10):
        many.count("key.refused", subject=str(n))
    assert len(many.due(True)) == 4


@pytest.mark.django_db
def test_whoever_signed_a_request_did_it_also_in_anothers_name(alice: User, bob: User) -> None:
    with origin.within("/api/v1/feedback"):
        origin.signed(Signer(7, "robot (as-12345…)", alice.pk, alice.name, alice.email))
        event = audit.record(None, actor=bob, verb="feedback.given", subject="s")
    assert (event.actor_id, event.acting_for, event.key_name) == (
        alice.pk, bob.email, "robot (as-12345…)"
    )  # fmt: skip
    assert audit.record(None, actor=bob, verb="feedback.given", subject="s").acting_for == ""


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/projects/maple/", "web"),
        ("/api/graphql", "graphql"),
        ("/api/v1/chat/completions", "openai"),
        ("/api/v1/interactions", "rest"),
        ("/api/v1/images/0/1.png", "web"),
        ("/admin/", "admin"),
    ],
)
def test_the_door_follows_from_the_address(path: str, door: str) -> None:
    with origin.within(path):
        assert origin.current().door == door
    assert origin.current() == Origin("command")


@pytest.mark.django_db(transaction=True)
def test_many_write_and_two_seal_at_once_and_all_is_whole(project: Project, alice: User) -> None:
    def write(n: int) -> None:
        close_old_connections()
        for number in range(10):
            audit.record(project, actor=alice, verb="label.set", subject=f"{n}-{number}")
        connection.close()

    def seal() -> None:
        for _ in range(20):
            seal_some()
        connection.close()

    before = Event.objects.count()
    with ThreadPoolExecutor(6) as threads:
        done = [threads.submit(seal), threads.submit(seal)]
        done += [threads.submit(write, n) for n in range(8)]
    for one in done:
        one.result()
    while seal_some():
        pass
    found = verify()
    assert (found.events, found.waiting) == (before + 80, 0)
