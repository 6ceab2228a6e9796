"""What is remembered is dropped with the first look after a change was committed."""

import asyncio
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection

from adaptive_site.lib.concurrency import database_threads
from adaptive_site.lib.concurrency.cached_reads import Watch

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def watch(transactional_db: None) -> Iterator[Watch]:
    made = Watch("scratch_changed")
    yield made
    made._drop()
    database_threads.end(made._thread)


def notify() -> None:
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY scratch_changed")


async def notified() -> None:
    await asyncio.get_running_loop().run_in_executor(None, _notify_and_close)


def _notify_and_close() -> None:
    notify()
    connection.close()


def test_each_change_counts_and_nothing_else_does(watch: Watch) -> None:
    async def seen() -> list[int]:
        counts = [await watch.changes(), await watch.changes()]
        await notified()
        counts += [await watch.changes(), await watch.changes()]
        return counts

    first, same, after, last = asyncio.run(seen())
    assert first == same
    assert after == last == first + 1


def test_many_askers_share_a_query(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    ask = watch._ask

    async def counted(libpq: object) -> None:
        nonlocal looks
        looks += 1
        await ask(libpq)  # type: ignore[arg-type]

    monkeypatch.setattr(watch, "_ask", counted)

    async def seen() -> set[int]:
        await watch.changes()
        return set(await asyncio.gather(*(watch.changes() for _ in range(100))))

    assert len(asyncio.run(seen())) == 1
    assert looks == 1


def test_an_asker_that_leaves_keeps_nobody_waiting(watch: Watch) -> None:
    async def seen() -> tuple[int, int]:
        before = await watch.changes()
        leaving = asyncio.ensure_future(watch.changes())
        await asyncio.sleep(0)
        leaving.cancel()
        return before, await asyncio.wait_for(watch.changes(), 60)

    before, after = asyncio.run(seen())
    assert after == before


def test_a_lost_connection_counts_as_a_change(watch: Watch) -> None:
    async def seen() -> tuple[int, int, int]:
        before = await watch.changes()
        assert watch._listening is not None
        await asyncio.get_running_loop().run_in_executor(
            None, _terminate, watch._listening.info.backend_pid
        )
        after = await watch.changes()
        await notified()
        return before, after, await watch.changes()

    before, after, last = asyncio.run(seen())
    assert before < after < last


def _terminate(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    connection.close()


def test_without_a_database_askers_are_told_so(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("no database")

    monkeypatch.setattr(watch, "_open", refuse)

    async def seen() -> list[object]:
        return list(await asyncio.gather(watch.changes(), watch.changes(), return_exceptions=True))

    assert [type(error) for error in asyncio.run(seen())] == [OperationalError, OperationalError]


def test_another_event_loop_goes_on(watch: Watch) -> None:
    first = asyncio.run(watch.changes())
    notify()
    assert asyncio.run(watch.changes()) == first + 1
