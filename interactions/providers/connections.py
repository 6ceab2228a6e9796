"""HTTP to providers: one pool of connections for each event loop, and what can go wrong."""

import asyncio
import errno
import logging
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from django.conf import settings

from adaptive_site.lib.http import outgoing

from .base import UpstreamError
from .hops import with_hops

CONNECT_SECONDS = 10
REFUSED_RETRY_SECONDS = 0.2
MAX_ANSWER_BYTES = 64 * 1024 * 1024  # of an answer that is not streamed
# Less than the 5 s after which uvicorn, which many of these servers run on, hangs up.
_IDLE_SECONDS = 4
_MAX_CONNECTIONS = 1000
_MAX_CONNECTIONS_EACH = 512  # of them to one provider: a silent one must not take them all

logger = logging.getLogger(__name__)
# By event loop, and whether private addresses may be asked: a connection that was opened for
# an administrator's model must not serve another's. A server has one loop for its whole life.
_sessions: dict[tuple[asyncio.AbstractEventLoop, bool], aiohttp.ClientSession] = {}


class Resolver(AbstractResolver):
    """Finds the addresses of a host that may be asked, at each connection.

    They are the very ones that are connected to, so that a name which means another address a
    moment later gains nothing.
    """

    def __init__(self, *, is_privileged: bool) -> None:
        self._resolver = aiohttp.DefaultResolver()
        self._is_privileged = is_privileged

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of `host` that may be asked. Raises OSError when there is none."""
        found = [
            one
            for one in await self._resolver.resolve(host, port, family)
            if outgoing.may_be_asked(one["host"], host, is_privileged=self._is_privileged)
        ]
        if not found:
            raise OSError(None, "no address that may be asked")
        return found

    async def close(self) -> None:
        """Close the resolver underneath."""
        await self._resolver.close()


async def _session(*, is_privileged: bool) -> aiohttp.ClientSession:
    at = asyncio.get_running_loop(), is_privileged
    if at not in _sessions:
        await close_ended()
        _sessions[at] = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=_MAX_CONNECTIONS,
                limit_per_host=_MAX_CONNECTIONS_EACH,
                keepalive_timeout=_IDLE_SECONDS,
                resolver=Resolver(is_privileged=is_privileged),
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
    return _sessions[at]


async def close_ended() -> None:
    """Close the sessions of loops that have ended."""
    for ended in [at for at in _sessions if at[0].is_closed()]:
        await _sessions.pop(ended).close()


@asynccontextmanager
async def posted(
    url: str, body: bytes, headers: Mapping[str, str], *, who: str, is_privileged: bool = False
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The answer of the provider of `who`, whatever its status, its body still to be read.

    Whatever fails, then or while the body is read, comes out as UpstreamError. Redirects are
    not followed: they would carry the key to another host. Private addresses are asked when
    `is_privileged`, as far as the operator lets them be (`lib.outgoing`).
    """
    parts = urlsplit(url)
    reason = outgoing.fault(
        parts.hostname or "", parts.port, is_privileged=is_privileged, scheme=parts.scheme
    )
    if reason:
        raise UpstreamError(f"the provider of {who} is not asked: {reason}", status=403)
    headers = with_hops(headers)
    try:
        async with await _post(url, body, headers, is_privileged=is_privileged) as response:
            yield response
    except TimeoutError as error:
        seconds = settings.PROVIDER_TIMEOUT
        said = f"the provider of {who} did not answer within {seconds:g} s"
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            said = f"the provider of {who} could not be reached within {CONNECT_SECONDS} s"
        raise UpstreamError(said, status=504) from error
    except aiohttp.ClientConnectorError as error:
        logger.warning("the provider of %s at %s: %s", who, url, error)
        raise UpstreamError(
            f"the provider of {who} could not be reached: {_why(error)}", status=502
        ) from error
    except (aiohttp.ClientError, ConnectionError) as error:
        # Not its repr: that may show the headers we sent, and the key in them.
        logger.warning("the provider of %s at %s: %s: %s", who, url, type(error).__name__, error)
        raise UpstreamError(
            f"the provider of {who} broke off its answer ({type(error).__name__})", status=502
        ) from error


def _why(error: aiohttp.ClientConnectorError) -> str:
    """The reason, without the address, which may be nobody's business."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its host has no address that may be asked"
    if isinstance(error, aiohttp.ClientSSLError):
        return "no TLS connection, or its certificate is not valid"
    return os.strerror(error.os_error.errno or errno.ECONNABORTED)


async def _post(
    url: str, body: bytes, headers: Mapping[str, str], *, is_privileged: bool
) -> aiohttp.ClientResponse:
    timeout = aiohttp.ClientTimeout(total=settings.PROVIDER_TIMEOUT, sock_connect=CONNECT_SECONDS)

    async def once() -> aiohttp.ClientResponse:
        session = await _session(is_privileged=is_privileged)
        return await session.post(
            url, data=body, headers=headers, timeout=timeout, allow_redirects=False
        )

    try:
        return await once()
    except aiohttp.ClientConnectorError as error:
        # Nothing was sent yet, so to try again is safe; whatever restarts is soon back.
        if error.os_error.errno != errno.ECONNREFUSED:
            raise
    await asyncio.sleep(REFUSED_RETRY_SECONDS)
    return await once()


async def whole(response: aiohttp.ClientResponse, *, who: str) -> bytes:
    """The body of a response, at most 64 MB. Raises UpstreamError."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise UpstreamError(
                f"the provider of {who} answered with more than {MAX_ANSWER_BYTES >> 20} MB",
                status=502,
            )
    return bytes(body)


class TimedReader:
    """Reads an answer piece by piece, and does not wait longer than `seconds` for any.

    It has one timer for all pieces: `asyncio.timeout` around each costs 6 µs, half as much as
    all else that is done with a piece.
    """

    def __init__(self, response: aiohttp.ClientResponse, seconds: float) -> None:
        self._content = response.content
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Task[Any] | None = None
        self._since = 0.0
        self._is_woken = False
        self._timer = self._loop.call_later(seconds, self._look)

    async def next(self) -> bytes | None:
        """What arrives next, b"" at the end; None when nothing does for so long."""
        task = self._waiting = asyncio.current_task()
        self._since = self._loop.time()
        try:
            return await self._content.readany()
        except asyncio.CancelledError:
            # As asyncio.timeout does: whoever else cancels the task must not be ignored.
            if not self._is_woken or task is None or task.uncancel() > 0:
                raise
            return None
        finally:
            self._waiting = None
            self._is_woken = False

    def _look(self) -> None:
        waited = self._loop.time() - self._since if self._waiting else 0.0
        if self._waiting and waited >= self._seconds:
            self._is_woken = True
            self._waiting.cancel()
            waited = 0.0
        self._timer = self._loop.call_later(self._seconds - waited, self._look)

    def close(self) -> None:
        """Stop the timer."""
        self._timer.cancel()
