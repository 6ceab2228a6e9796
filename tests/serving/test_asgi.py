"""The ASGI handler: threads are used again, bounded, and let go when a request is cancelled."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path
from pytest_django import Settings

from adaptive_site import asgi
from adaptive_site.asgi import Handler
from adaptive_site.lib.errors import NotFound

seen: list[int] = []
held = threading.Event()


def note_thread(request: HttpRequest) -> HttpResponse:
    """Note which thread we run in."""
    seen.append(threading.get_ident())
    return HttpResponse("ok")


def hold(request: HttpRequest) -> HttpResponse:
    """Keep the thread until the test lets go."""
    seen.append(threading.get_ident())
    held.wait(60)
    return HttpResponse("ok")


def fail_midway(request: HttpRequest) -> StreamingHttpResponse:
    """Begin an answer that cannot be finished."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"some"
        raise NotFound("it went away")

    return StreamingHttpResponse(pieces())


urlpatterns = [path("note", note_thread), path("hold", hold), path("midway", fail_midway)]


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


def send_body(path: str, sizes: list[int], *, declared: int | None = None) -> tuple[int, bytes]:
    """Send a body in pieces; return the status and what came back."""
    pieces = iter(sizes)
    left = len(sizes)
    status, said = 0, b""

    async def receive() -> dict[str, Any]:
        nonlocal left
        if not left:
            await asyncio.sleep(60)
        left -= 1
        return {"type": "http.request", "body": b"x" * next(pieces), "more_body": left > 0}

    async def send(message: Mapping[str, Any]) -> None:
        nonlocal status, said
        status = message.get("status", status)
        said += message.get("body", b"")

    headers = [] if declared is None else [(b"content-length", str(declared).encode())]
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": headers,
        "query_string": b"",
    }
    asyncio.run(Handler()(scope, receive, send))
    assert left == 0 or status == 413
    return status, said


def test_a_body_of_the_largest_size_a_view_reads_gets_there(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 3 << 20
    assert send_body("/note", [1 << 20] * 3, declared=3 << 20) == (200, b"ok")
    assert send_body("/note", [1 << 20] * 4) == (200, b"ok")


@pytest.mark.parametrize("declared", [None, 5 << 20, 10**15])
def test_a_larger_body_is_refused_without_being_read_to_its_end(
    settings: Settings, declared: int | None
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 3 << 20
    sizes = [1 << 20] * 100
    assert send_body("/api/v1/x", sizes, declared=declared) == (
        413,
        b'{"error": "the body is larger than 3 MB"}',
    )
    assert send_body("/note", sizes, declared=declared) == (413, b"the body is larger than 3 MB\n")
    assert not seen


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


def test_a_stream_that_fails_midway_is_not_answered_a_second_time() -> None:
    handler = Handler()
    sent: list[Mapping[str, Any]] = []
    received = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if received:
            return received.pop()
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    async def request() -> None:
        with pytest.raises(NotFound):
            await handler(
                {"type": "http", "method": "GET", "path": "/midway", "headers": [],
                 "query_string": b""},
                receive,
                send,
            )  # fmt: skip

    asyncio.run(request())
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[-1]["more_body"] is True
