"""The ASGI application, as a web process serves it."""

import asyncio
import multiprocessing
import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import IO, Any, TypeAlias

import django
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import set_script_prefix

from adaptive_site.lib.concurrency.garbage import settle
from adaptive_site.lib.concurrency.per_process import request_threads
from adaptive_site.lib.concurrency.shared_counts import COUNTS
from adaptive_site.lib.errors import DomainError, as_rest
from adaptive_site.lib.http import client_address, direct_asgi
from adaptive_site.lib.http.addresses import GRAPHQL_PATH, is_api, tidy, without_prefix
from adaptive_site.lib.http.direct import DirectHandler
from adaptive_site.lib.http.direct_asgi import Receive, Send
from adaptive_site.lib.http.request_bodies import Body, Client, Waiting, inflated_headers
from projects.services.auditing import origin

# One thread and at most one database connection for each request in progress.
CONCURRENT_REQUESTS = request_threads(settings.WEB_PROCESSES)
# A client keeps its connection, and with it the process that chance gave it: of four clients two
# processes would have 3 and 1, or 4 and 0, in five of eight cases. So a process that has this many
# more requests to answer than another one asks the client to connect anew after the answer.
UNEVEN = 2
_CLOSE = (b"connection", b"close")
_UNANSWERED = "requests whose answer has not begun"

# Who has the key in an Authorization header; raises what a request without a good one gets.
Identify: TypeAlias = Callable[[str], Awaitable[str]]


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


@dataclass(frozen=True, slots=True)
class Request:
    """A request that goes through Django: its scope, and what is given back at its end."""

    scope: dict[str, Any]
    stack: AsyncExitStack


class Unanswered:
    """The `send` of a request that is counted among all processes' while we are at its answer.

    That is from `begin`, when its body is there, until the answer begins: who uploads slowly
    keeps no processor busy.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_counted = False
        self._is_answered = False

    def begin(self) -> None:
        """Count it, if it is not answered already, as one too large is."""
        if not (self._is_counted or self._is_answered):
            self._is_counted = True
            COUNTS.add(_UNANSWERED, 1)

    def end(self) -> None:
        """Count it no more."""
        self._is_answered = True
        if self._is_counted:
            self._is_counted = False
            COUNTS.add(_UNANSWERED, -1)

    async def __call__(self, message: Mapping[str, Any]) -> None:
        """Send a message on, and have the client connect anew where others have less to do."""
        if not self._is_answered:
            if self._is_counted and COUNTS.ahead(_UNANSWERED) >= UNEVEN:
                message = {**message, "headers": [*message.get("headers", ()), _CLOSE]}
            self.end()
        await self._send(message)


class Handler(ASGIHandler):
    """Django's handler, with threads that are used again.

    Django's own starts two threads for each request, so no database connection is ever used
    twice: 2 to 4 times the CPU, and "too many clients" under load. A request gets its thread
    once its body has been read, so slow uploads do not keep others waiting.
    """

    def __init__(
        self,
        direct: Mapping[tuple[str, str], DirectHandler] | None = None,
        identify: Identify | None = None,
        elsewhere: Collection[str] = (),
        large: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """Answer the addresses of `direct`, by method and path, without Django.

        At the addresses of `elsewhere` we mostly wait for somebody else's answer. `large` are
        those whose bodies may have more bytes than others, and how many.
        """
        super().__init__()
        self._direct = direct or {}
        self._identify = identify
        self._elsewhere = elsewhere
        self._large = large
        self._waiting = Waiting()
        self._free = asyncio.Semaphore(CONCURRENT_REQUESTS)
        self._idle: list[RequestThread] = []
        self._request: ContextVar[Request] = ContextVar("request")
        self._held: ContextVar[Held] = ContextVar("held")

    def load_middleware(self, is_async: bool = False) -> None:
        """Make the chain of middleware and view all synchronous, whatever is asked for."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> Any:
        """Run that chain in the request's thread: there once, and back.

        Django would go back and forth at each change between middleware that is asynchronous and
        some that is not.
        """
        return await sync_to_async(self.get_response)(request)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is served, not {scope['type']}")
        counted = Unanswered(send)
        try:
            await self._respond(scope, receive, counted)
        finally:
            counted.end()

    async def _respond(self, scope: dict[str, Any], receive: Receive, send: Unanswered) -> None:
        prefix = settings.FORCE_SCRIPT_NAME or ""
        path = tidy(scope["path"])
        if prefix:
            path = tidy(without_prefix(path, prefix))
        scope = {**scope, "path": prefix + path, "root_path": prefix}
        _note_client(scope)
        origin.begin(path)
        body = Body(
            receive,
            scope["headers"],
            self._waiting,
            address=client_address.current(),
            identify=partial(self._client, path, scope["headers"]),
            may_be_compressed=is_api(path),
            tell_whole=lambda: None if path in self._elsewhere else send.begin(),
            most=self._large.get(path),
        )
        handler = self._direct.get((scope["method"], path))
        if handler is not None:
            if prefix:
                set_script_prefix(f"{prefix}/")
            await direct_asgi.serve(handler, scope, body.receive, send)
            return
        has_begun = False

        async def answer(message: Mapping[str, Any]) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        async with AsyncExitStack() as stack:
            self._request.set(Request(scope, stack))
            try:
                await self.handle(scope, body.receive, answer)
            except DomainError as error:
                if has_begun:
                    raise  # a stream that fails midway breaks off
                await self.send_response(_refusal(path, error), send)

    async def _client(self, path: str, headers: list[tuple[bytes, bytes]]) -> Client | None:
        """Who sends a body to the API; nobody in particular to a page, which has a cookie."""
        if self._identify is None or not is_api(path):
            return None
        key = next((value for name, value in headers if name.lower() == b"authorization"), b"")
        try:
            return Client(await self._identify(key.decode("latin-1")), is_known=True)
        except (OperationalError, InterfaceError):
            return None  # the view, which asks again, says so

    async def read_body(self, receive: Receive) -> IO[bytes]:
        """Read the request's body, then wait for a thread, which is kept until the answer."""
        body = await super().read_body(receive)
        request = self._request.get()
        # Django reads no form without a length, and has none to go by when it came in chunks.
        size = body.seek(0, os.SEEK_END)
        body.seek(0)
        request.scope["headers"] = inflated_headers(request.scope["headers"], size)
        await self._free.acquire()
        thread = self._idle.pop() if self._idle else RequestThread()
        held = Held(thread, self._release)
        self._held.set(held)
        request.stack.callback(held.give_back)
        await request.stack.enter_async_context(ThreadSensitiveContext(executor=thread))
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


def _note_client(scope: Mapping[str, Any]) -> None:
    """Remember who asks before anything is done for them: keys are looked at while a body comes."""
    forwarded = (value for name, value in scope["headers"] if name.lower() == b"x-forwarded-for")
    peer = str((scope.get("client") or ("",))[0])
    client_address.note(peer, b",".join(forwarded).decode("latin-1"))


def _refusal(path: str, error: DomainError) -> HttpResponse:
    """The answer to a request that no view gets to see."""
    if path == GRAPHQL_PATH and error.status in (400, 413, 415):
        return JsonResponse({"data": None, "errors": [{"message": str(error)}]})
    if is_api(path):
        return as_rest(error)
    return HttpResponse(f"{error}\n", status=error.status, content_type="text/plain")


def _application() -> Handler:
    django.setup(set_prefix=False)
    # Its handlers use models, so it can be imported only now.
    routes = import_module("adaptive_site.serving.direct_routes")
    application = Handler(routes.HANDLERS, routes.identify, routes.ELSEWHERE, routes.BODY_BYTES)
    if multiprocessing.parent_process() is not None:  # we serve alone, as on macOS
        settle()
    return application


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
application = _application()
