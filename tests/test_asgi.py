"""The ASGI handler: threads are used again, bounded, and let go when a request is cancelled."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from adaptive_site import asgi
from adaptive_site.asgi import Handler

seen: list[int] = []
held = threading.Event()


def note_thread(request: HttpRequest) -> HttpResponse:
    """Note which thread we run in."""
    seen.append(threading.get_ident())
    return HttpResponse("ok")


def hold(request: HttpRequest) -> HttpResponse:
    """Keep the thread until the test lets go."""
    seen.append(threading.get_ident())
    held.wait(10)
    return HttpResponse("ok")


urlpatterns = [path("note", note_thread), path("hold", hold)]


@pytest.fixture(autouse=True)
def only_these_views() -> Iterator[None]:
    """Serve this module's two views, without middleware."""
    seen.clear()
    held.clear()
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[], ALLOWED_HOSTS=["*"]):
        yield


async def ask(handler: Handler, path: str, *, leave_after: float | None = None) -> int:
    """Send one request and return its status; 0 if the client left before an answer."""
    status = 0
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await asyncio.sleep(leave_after if leave_after is not None else 60)
        return {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    await handler(scope, receive, send)
    return status


def test_one_after_another_uses_one_thread() -> None:
    handler = Handler()

    async def requests() -> list[int]:
        return [await ask(handler, "/note") for _ in range(5)]

    assert asyncio.run(requests()) == [200] * 5
    assert len(set(seen)) == 1


def test_more_requests_than_threads_wait_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "CONCURRENT_REQUESTS", 2)
    handler = Handler()

    async def requests() -> list[int]:
        return await asyncio.gather(*(ask(handler, "/note") for _ in range(20)))

    assert asyncio.run(requests()) == [200] * 20
    assert len(set(seen)) <= 2


def test_a_view_whose_client_left_keeps_its_place_until_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asgi, "CONCURRENT_REQUESTS", 1)
    handler = Handler()

    async def requests() -> tuple[bool, int, int]:
        left = asyncio.create_task(ask(handler, "/hold", leave_after=0.1))
        await asyncio.sleep(0.2)
        waiting = asyncio.create_task(ask(handler, "/note"))
        await asyncio.sleep(0.2)
        # The view still runs and has its connection: another would be one too many.
        was_kept_waiting = not waiting.done()
        held.set()
        return was_kept_waiting, await left, await waiting

    assert asyncio.run(requests()) == (True, 0, 200)


def test_a_handler_that_is_cancelled_itself_gives_up_the_busy_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asgi, "CONCURRENT_REQUESTS", 1)
    handler = Handler()

    async def requests() -> int:
        cancelled = asyncio.create_task(ask(handler, "/hold"))
        await asyncio.sleep(0.1)
        cancelled.cancel()
        await asyncio.sleep(0.1)
        held.set()
        await asyncio.wait([cancelled])
        return await ask(handler, "/note")

    assert asyncio.run(requests()) == 200
