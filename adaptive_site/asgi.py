"""The ASGI application, as granian's worker loads it."""

import asyncio
import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack
from contextvars import ContextVar
from typing import IO, Any

import django
from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponse
from django.utils.module_loading import import_string

from adaptive_site.lib import hotasgi
from adaptive_site.lib.errors import TooLarge, as_rest
from adaptive_site.lib.hot import HotHandler
from adaptive_site.lib.hotasgi import Receive, Send
from adaptive_site.lib.processes import end_with_parent

# One thread and at most one database connection for each request in progress; well under the
# private database's 100 connections.
CONCURRENT_REQUESTS = 32
# Beyond what a view would read, for a form's other fields: anyone may send a body, and it is
# spooled to the disk.
BODY_SLACK = 1024 * 1024


class RequestThread(ThreadPoolExecutor):
    """The one thread in which the synchronous parts of a request run, one at a time."""

    def __init__(self) -> None:
        super().__init__(max_workers=1, thread_name_prefix="request")
        self.latest: Future[Any] | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn` in the thread, remembering it so that we can tell whether it has ended."""
        self.latest = super().submit(fn, *args, **kwargs)
        return self.latest


class Held:
    """A thread that a request has, until it is given back, once."""

    def __init__(self, thread: RequestThread, release: Callable[[RequestThread], None]) -> None:
        self._thread: RequestThread | None = thread
        self._release = release

    def give_back(self) -> None:
        """Let the next request have it."""
        if self._thread is not None:
            self._release(self._thread)
            self._thread = None


class Handler(ASGIHandler):
    """Django's handler, with threads that are used again.

    Django's own starts two threads for each request, so no database connection is ever used
    twice: 2 to 4 times the CPU, and "too many clients" under load. A request gets its thread
    once its body has been read, so slow uploads do not keep others waiting.
    """

    def __init__(self, hot: Mapping[tuple[str, str], HotHandler] | None = None) -> None:
        """Answer the addresses of `hot`, by method and path, without Django."""
        super().__init__()
        self._hot = hot or {}
        self._free = asyncio.Semaphore(CONCURRENT_REQUESTS)
        self._idle: list[RequestThread] = []
        self._request: ContextVar[AsyncExitStack] = ContextVar("request")
        self._held: ContextVar[Held] = ContextVar("held")

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is served, not {scope['type']}")
        hot = self._hot.get((scope["method"], scope["path"]))
        if hot is not None:
            await hotasgi.serve(hot, scope, receive, send)
            return
        async with AsyncExitStack() as stack:
            self._request.set(stack)
            try:
                await self.handle(scope, _bounded(scope, receive), send)
            except TooLarge as error:
                await self.send_response(_refusal(scope, error), send)

    async def read_body(self, receive: Receive) -> IO[bytes]:
        """Read the request's body, then wait for a thread, which is kept until the answer."""
        body = await super().read_body(receive)
        await self._free.acquire()
        thread = self._idle.pop() if self._idle else RequestThread()
        held = Held(thread, self._release)
        self._held.set(held)
        self._request.get().callback(held.give_back)
        await self._request.get().enter_async_context(ThreadSensitiveContext(executor=thread))
        return body

    async def send_response(self, response: Any, send: Send) -> None:
        """Send it; a stream, which asks for what it needs elsewhere, keeps no thread meanwhile."""
        if response.streaming and response.is_async:
            self._held.get().give_back()
        await super().send_response(response, send)

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


def _bounded(scope: Mapping[str, Any], receive: Receive) -> Receive:
    """`receive`, which raises TooLarge as soon as the body is, or says it will be."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    fault = TooLarge(f"the body is larger than {limit >> 20} MB")
    declared = dict(scope["headers"]).get(b"content-length", b"")
    will_be_too_large = declared.isdigit() and int(declared) > limit + BODY_SLACK
    received = 0

    async def bounded() -> Mapping[str, Any]:
        nonlocal received
        if will_be_too_large:
            raise fault
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit + BODY_SLACK:
            raise fault
        return message

    return bounded


def _refusal(scope: Mapping[str, Any], error: TooLarge) -> HttpResponse:
    """The answer to a request that no view gets to see."""
    if scope["path"].startswith("/api/"):
        return as_rest(error)
    return HttpResponse(f"{error}\n", status=error.status, content_type="text/plain")


def _application() -> Handler:
    granian = multiprocessing.parent_process()
    parent = granian.pid if granian is not None else None
    is_worker = parent == os.getppid()
    if parent is not None and is_worker:
        # Granian's worker survives a kill -9 of its parent and keeps the port.
        end_with_parent(signal.SIGTERM, parent)
    django.setup(set_prefix=False)
    # Its handlers use models, so it can be imported only now.
    application = Handler(import_string("adaptive_site.hot.HANDLERS"))
    if is_worker:
        # What is loaded by now stays; looking through it for garbage held everyone up for
        # 100 ms every few thousand requests.
        gc.collect()
        gc.freeze()
    return application


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
application = _application()
