"""An OpenAI-compatible server of the tests' own, in a thread, on loopback."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Semaphore
from typing import Any

import orjson
from aiohttp import web

KEY = "sk-a-provider's-secret"
USAGE = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """A request that arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Upstream:
    """What the server answers next, and what it was asked."""

    url: str = ""
    answer: Answer = field(default=lambda request: whole("A tree.")(request))
    seen: list[Seen] = field(default_factory=list)
    is_left: threading.Event = field(default_factory=threading.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Note the request and answer; `is_left` is set when the caller hangs up."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(Seen(request.path, headers, orjson.loads(await request.read())))
        try:
            return await self.answer(request)
        except (asyncio.CancelledError, ConnectionError):
            self.is_left.set()
            raise


@contextmanager
def upstream() -> Iterator[Upstream]:
    """A server that runs until the end of the block."""
    made = Upstream()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    app = web.Application()
    app.router.add_post("/{tail:.*}", made.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)

    async def start() -> int:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return int(runner.addresses[0][1])

    made.url = f"http://127.0.0.1:{asyncio.run_coroutine_threadsafe(start(), loop).result(60)}/v1"
    try:
        yield made
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()


def completion(message: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A `chat.completion`."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    made = {"id": "cmpl-1", "object": "chat.completion", "model": "big-1", "usage": USAGE}
    return {**made, "choices": [choice], **more}


def whole(text: str, **more: Any) -> Answer:
    """An answer at once."""
    return says(completion({"content": text}, **more))


def says(value: Any, status: int = 200, **headers: str) -> Answer:
    """JSON, or text, with a status."""

    async def answer(request: web.Request) -> web.StreamResponse:
        raw = value if isinstance(value, str) else orjson.dumps(value).decode()
        kind = "text/html" if raw.startswith("<") else "application/json"
        return web.Response(text=raw, status=status, content_type=kind, headers=headers)

    return answer


async def silence(request: web.Request) -> web.StreamResponse:
    """Nothing, for longer than anybody waits."""
    await asyncio.sleep(60)
    return web.Response()


def delta(_finish: str | None = None, **said: Any) -> dict[str, Any]:
    """A chunk."""
    return {
        "id": "cmpl-1",
        "object": "chat.completion.chunk",
        "model": "big-1",
        "choices": [{"index": 0, "delta": said, "finish_reason": _finish}],
    }


TOLD = [
    delta(role="assistant", content=""),
    delta(content="A "),
    delta(content="tree."),
    delta("stop"),
    {"choices": [], "usage": USAGE},
    "[DONE]",
]


def streams(
    *events: Any, pause: float = 0.0, breaks: bool = False, read: Semaphore | None = None
) -> Answer:
    """Events one after the other: objects, or raw text; with `breaks` the connection then dies.

    With `read` each waits until somebody has released it.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in events:
            if read is not None:
                assert await asyncio.to_thread(read.acquire, timeout=60)
            data = event if isinstance(event, str) else orjson.dumps(event).decode()
            await response.write(f"data: {data}\n\n".encode())
            await asyncio.sleep(pause)
        if breaks:
            assert request.transport is not None
            request.transport.abort()
        return response

    return answer
