"""The ASGI application, as granian's worker loads it."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from typing import IO, Any

import django
from asgiref.sync import ThreadSensitiveContext
from django.core.handlers.asgi import ASGIHandler

from adaptive_site.lib.processes import end_with_parent

# One thread and at most one database connection for each request in progress; well under the
# private database's 100 connections.
CONCURRENT_REQUESTS = 32

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class RequestThread(ThreadPoolExecutor):
    """The one thread in which the synchronous parts of a request run, one at a time."""

    def __init__(self) -> None:
        super().__init__(max_workers=1, thread_name_prefix="request")
        self.latest: Future[Any] | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn` in the thread, remembering it so that we can tell whether it has ended."""
        self.latest = super().submit(fn, *args, **kwargs)
        return self.latest


class Handler(ASGIHandler):
    """Django's handler, with threads that are used again.

    Django's own starts two threads for each request, so no database connection is ever used
    twice: 2 to 4 times the CPU, and "too many clients" under load. A request gets its thread
    once its body has been read, so slow uploads do not keep others waiting.
    """

    def __init__(self) -> None:
        super().__init__()
        self._free = asyncio.Semaphore(CONCURRENT_REQUESTS)
        self._idle: list[RequestThread] = []
        self._request: ContextVar[AsyncExitStack] = ContextVar("request")

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is served, not {scope['type']}")
        async with AsyncExitStack() as stack:
            self._request.set(stack)
            await self.handle(scope, receive, send)

    async def read_body(self, receive: Receive) -> IO[bytes]:
        """Read the request's body, then wait for a thread, which is kept until the answer."""
        body = await super().read_body(receive)
        thread = await self._request.get().enter_async_context(self._thread())
        await self._request.get().enter_async_context(ThreadSensitiveContext(executor=thread))
        return body

    @asynccontextmanager
    async def _thread(self) -> AsyncIterator[RequestThread]:
        await self._free.acquire()
        thread = self._idle.pop() if self._idle else RequestThread()
        try:
            yield thread
        finally:
            self._release(thread)

    def _release(self, thread: RequestThread) -> None:
        latest = thread.latest
        if latest is None or latest.done():
            self._idle.append(thread)
            self._free.release()
            return
        # The request was cancelled while its view ran: the view goes on to its end, keeping its
        # connection, and the thread ends with it rather than make the next request wait.
        loop = asyncio.get_running_loop()
        latest.add_done_callback(lambda _: loop.call_soon_threadsafe(self._free.release))
        thread.shutdown(wait=False)


def _application() -> Handler:
    granian = multiprocessing.parent_process()
    if granian is not None and granian.pid == os.getppid():
        # Granian's worker survives a kill -9 of its parent and keeps the port.
        end_with_parent(signal.SIGTERM, granian.pid)
    django.setup(set_prefix=False)
    return Handler()


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
application = _application()
