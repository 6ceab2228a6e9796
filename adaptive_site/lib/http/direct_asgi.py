"""Serving direct handlers over ASGI, without Django's handler and middleware."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, TypeAlias, cast

from django.conf import settings
from django.db import DataError, InterfaceError, OperationalError

from adaptive_site.lib.database.nul import is_about_nul
from adaptive_site.lib.database.outages import GONE, Unavailable, reason
from adaptive_site.lib.errors import FAILED, DomainError, Invalid
from adaptive_site.lib.http import caching
from adaptive_site.lib.http.direct import (
    DirectHandler,
    DirectRequest,
    DirectResponse,
    as_error,
    as_json,
    too_large,
)

Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, Any]]]
Send: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[None]]

logger = logging.getLogger(__name__)
_FAILED = {"error": FAILED}
_NO_STORE = ((b"cache-control", caching.API_CACHE_CONTROL.encode()),)


class Silence:
    """Lets one of many equal complaints through each second: an outage must not fill the log."""

    def __init__(self) -> None:
        self._until = 0.0

    def say(self, error: Exception) -> None:
        """Log that the database does not answer, unless it has just been said."""
        if time.monotonic() > self._until:
            self._until = time.monotonic() + 1
            logger.error("%s: %s", reason(error) or GONE, error)


_silence = Silence()


class ClientGone(Exception):
    """The client hung up before its request was whole."""


async def serve(
    handler: DirectHandler, scope: Mapping[str, Any], receive: Receive, send: Send
) -> None:
    """Read the request's body, let `handler` answer, and send what it says."""
    body: bytes | None
    try:
        body = await _read(receive)
    except ClientGone:
        return
    except DomainError as error:
        await _send(as_error(error), receive, send)
        return
    if body is None:
        response = too_large()
    else:
        request = DirectRequest(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers={
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in scope["headers"]
            },
            body=body,
        )
        response = await _answer(handler, request)
    await _send(response, receive, send)


async def _read(receive: Receive) -> bytes | None:
    """The body; None when it is larger than we take, after all of it has passed by.

    Most clients look for an answer only once they have sent everything.
    """
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
        else:
            parts.clear()
        if not message.get("more_body"):
            return b"".join(parts) if size <= limit else None


async def _answer(handler: DirectHandler, request: DirectRequest) -> DirectResponse:
    try:
        return await handler(request)
    except DomainError as error:
        return as_error(error)
    except DataError as error:
        if is_about_nul(error):
            return as_error(Invalid("expected a text without NUL characters"))
        logger.exception("%s %s failed", request.method, request.path)
        return as_json(500, _FAILED)
    except (OperationalError, InterfaceError) as error:
        _silence.say(error)
        return as_error(Unavailable(f"{reason(error) or GONE}; try again"))
    except Exception as error:
        if outage := reason(error):
            logger.error("%s %s: %s", request.method, request.path, outage)
            return as_error(Unavailable(f"{outage}; try again"))
        logger.exception("%s %s failed", request.method, request.path)
        return as_json(500, _FAILED)


async def _send(response: DirectResponse, receive: Receive, send: Send) -> None:
    headers = [
        (b"content-type", response.content_type.encode("latin-1")),
        (b"x-content-type-options", b"nosniff"),
        *(() if any(name.lower() == "cache-control" for name in response.headers) else _NO_STORE),
        *(
            (name.encode("latin-1"), text.encode("latin-1"))
            for name, text in response.headers.items()
        ),
    ]
    body = response.body
    if isinstance(body, bytes):
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return
    # Whoever leaves before the first piece still ends what would have made it.
    async with aclosing(cast(Any, body)):
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await _stream(body, receive, send)


async def _stream(body: AsyncIterator[bytes], receive: Receive, send: Send) -> None:
    """Send each piece as it comes; when the client hangs up, stop the iterator where it waits.

    An iterator that fails midway ends the connection short, so that the client can tell.
    """
    sending = asyncio.create_task(_pump(body, send))
    leaving = asyncio.create_task(_until_gone(receive))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        sending.cancel()
        await asyncio.wait({sending})
    if not sending.cancelled():
        sending.result()


async def _pump(body: AsyncIterator[bytes], send: Send) -> None:
    # What streams are made of are generators; another iterator has nothing to close.
    async with aclosing(cast(Any, body)) as pieces:
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
