"""The bodies of requests: how large they may be, how long they may take, and how many may wait.

Anyone may open a connection and send half a body: 1,100 of those, without a login, took all the
connections the server has. So a body must come on, and one client may have only so many waiting.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from django.conf import settings

from adaptive_site.lib.concurrency.batching import Busy
from adaptive_site.lib.concurrency.shared_counts import COUNTS
from adaptive_site.lib.errors import DomainError, TooLarge, Unauthenticated
from adaptive_site.lib.http.inflating import CODINGS, Inflated, Receive

Header: TypeAlias = tuple[bytes, bytes]

SILENCE_SECONDS = 20.0  # seconds without a byte
BODY_SECONDS = 30.0  # seconds for any body; a large one has more, at this rate
SLOWEST_RATE = 16 * 1024  # bytes a second
# Beyond what a view would read, for a form's other fields: anyone may send a body, and it is
# spooled to the disk.
FORM_SLACK_BYTES = 1024 * 1024
# Of one client at a time: by its address, or by the user whose key it has.
WAITING_OF_A_STRANGER, WAITING_OF_A_USER = 64, 512
WAITING_OF_STRANGERS = 512
CROWDED_FROM = 16  # of one address, from which on each has to say who it is
# In which an honest body is there, whoever else keeps it from being counted.
AT_ONCE_SECONDS = 0.25
# Most clients look for an answer only once they have sent everything: so much of what is refused
# is read and forgotten before the answer.
DISCARDED_BYTES, DISCARDING_SECONDS = 512 * 1024 * 1024, 10.0
# What a compressed body of somebody may become who has no good key: one of 48 KB becomes 49 MB.
INFLATED_BYTES_OF_A_STRANGER = 1024 * 1024
_STRANGERS = "unfinished bodies of strangers"


class TooSlow(DomainError):
    """A body that does not come on."""

    status = 408


class UnknownCoding(DomainError):
    """A body compressed in a way that is not spoken here."""

    status = 415


def too_large_text(most: int | None = None) -> str:
    """What the sender of a body that is too large is told; `most` where that is not the usual."""
    return f"the body is larger than {(most or settings.DATA_UPLOAD_MAX_MEMORY_SIZE) >> 20} MB"


class Client(NamedTuple):
    """Who sends a body: the user of a key that was good, else an address."""

    name: str
    is_known: bool


class Waiting:
    """How many bodies wait for their next bytes, by client, in all web processes."""

    def is_crowded(self, client: Client) -> bool:
        """Whether so many bodies of this client wait that the next must say whose it is."""
        return self.of(client) >= CROWDED_FROM or self.of_strangers >= WAITING_OF_STRANGERS // 2

    def enter(self, client: Client) -> None:
        """Count one more body, until `leave`. Raises Busy when the client has too many already."""
        most = WAITING_OF_A_USER if client.is_known else WAITING_OF_A_STRANGER
        if self.of(client) >= most:
            raise Busy(f"{most} requests of yours are unfinished; finish them first")
        if not client.is_known and self.of_strangers >= WAITING_OF_STRANGERS:
            raise Busy("too many requests are unfinished; try again later")
        self._count(client, 1)

    def leave(self, client: Client) -> None:
        """Count one body of this client less."""
        self._count(client, -1)

    def of(self, client: Client) -> int:
        """How many of this client wait."""
        return COUNTS.total(client)

    @property
    def of_strangers(self) -> int:
        """How many wait whose senders are not known."""
        return COUNTS.total(_STRANGERS)

    def _count(self, client: Client, number: int) -> None:
        COUNTS.add(client, number)
        if not client.is_known:
            COUNTS.add(_STRANGERS, number)


class Body:
    """The body of one request, within our bounds, plain even if it came compressed."""

    def __init__(
        self,
        receive: Receive,
        headers: list[Header],
        waiting: Waiting,
        *,
        address: str,
        identify: Callable[[], Awaitable[Client | None]],
        may_be_compressed: bool = True,
        tell_whole: Callable[[], object] = lambda: None,
        most: int | None = None,
    ) -> None:
        """`most` is how many bytes, where a body may be larger than others.

        `identify` raises what a request without a good key gets; None is a stranger.

        It is asked only when it matters: most bodies come in one piece, with the request. Before
        a compressed one is inflated, it always is. `tell_whole` is called with the last piece.
        """
        self._raw = receive
        self._waiting = waiting
        self._client = Client(address, is_known=False)
        self._identify = identify
        self._is_identified = False
        self._began = time.monotonic()
        self._received = 0
        self._arriving: asyncio.Future[Mapping[str, Any]] | None = None
        self._is_whole = False
        self._tell_whole = tell_whole
        named = dict(headers)  # ASGI has their names in lower case
        declared = named.get(b"content-length", b"")
        # Without one nothing is waited for: such a request is never refused for others' bodies.
        self._is_awaited = b"transfer-encoding" in named or declared not in (b"", b"0")
        self._limit = most or settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        self._most = self._limit + FORM_SLACK_BYTES
        self._will_be_too_large = declared.isdigit() and int(declared) > self._most
        coding = named.get(b"content-encoding", b"").strip().lower().decode("latin-1")
        self.is_compressed = coding not in ("", "identity")
        self._coding = coding
        self._codings = CODINGS if may_be_compressed else ()
        self._inflated = (
            Inflated(self._piece, coding, self._ask_who) if self.is_compressed else None
        )
        self._size = 0  # inflated

    async def receive(self) -> Mapping[str, Any]:
        """The next piece, as ASGI has it.

        Raises TooLarge as soon as it is, or says it will be; TooSlow, Busy, UnknownCoding, and
        Invalid when it is not what its coding says. Once it is whole, nothing is bounded.
        """
        try:
            return await (self._plain(self._inflated) if self._inflated else self._piece())
        except (TooLarge, Unauthenticated, UnknownCoding):
            await self._pass_by()
            raise

    async def _plain(self, inflated: Inflated) -> Mapping[str, Any]:
        message = await inflated.receive()
        self._size += len(message.get("body", b""))
        if self._size > self._most:
            raise TooLarge(too_large_text(self._limit))
        if self._size > INFLATED_BYTES_OF_A_STRANGER and not self._client.is_known:
            raise TooLarge("without a good API key a compressed body becomes at most 1 MB")
        return message

    async def _ask_who(self) -> None:
        if not self._is_identified:
            self._client = await self._identify() or self._client
            self._is_identified = True

    async def _piece(self) -> Mapping[str, Any]:
        if self._is_whole:
            return await self._raw()
        if self._will_be_too_large:
            raise TooLarge(too_large_text(self._limit))
        if self.is_compressed and self._coding not in self._codings:
            expected = " or ".join(
                [", ".join(self._codings), "none"] if self._codings else ["none"]
            )
            said = f"expected {expected}, got {self._coding[:50]!r}"
            raise UnknownCoding(said, field="Content-Encoding")
        message = await self._any_piece()
        if self._received > self._most:
            raise TooLarge(too_large_text(self._limit))
        return message

    async def _any_piece(self) -> Mapping[str, Any]:
        if not self._is_awaited and not self._received:
            return self._noted(await self._raw())
        is_crowded = self._waiting.is_crowded(self._client)
        if is_crowded and not self._received and (message := await self._at_once()) is not None:
            return message
        if self._received or is_crowded:
            await self._ask_who()
        ends = self._began + BODY_SECONDS + self._received / SLOWEST_RATE
        return await self._next(min(SILENCE_SECONDS, ends - time.monotonic()))

    async def _at_once(self) -> Mapping[str, Any] | None:
        """The first piece, if there is one by now; else None."""
        self._arriving = asyncio.ensure_future(self._raw())
        await asyncio.wait({self._arriving}, timeout=AT_ONCE_SECONDS)
        return self._noted(self._arriving.result()) if self._arriving.done() else None

    async def _next(self, seconds: float) -> Mapping[str, Any]:
        arriving, self._arriving = self._arriving, None
        client = self._client
        try:
            self._waiting.enter(client)
        except Busy:
            if arriving is not None:
                arriving.cancel()
            raise
        try:
            async with asyncio.timeout(seconds):
                return self._noted(await (arriving or self._raw()))
        except TimeoutError as error:
            said = f"the body did not come on; {self._received:,} bytes of it had arrived"
            raise TooSlow(said) from error
        finally:
            self._waiting.leave(client)

    def _noted(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        self._arriving = None
        self._received += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._is_whole:
            self._tell_whole()
        return message

    async def _pass_by(self) -> None:
        """Read on for a while, keeping nothing."""
        ends = time.monotonic() + DISCARDING_SECONDS
        most = self._received + DISCARDED_BYTES
        try:
            while not self._is_whole and self._received < most:
                await self._next(ends - time.monotonic())
        except (TooSlow, Busy):
            return


def inflated_headers(headers: list[Header], size: int) -> list[Header]:
    """The headers of a body that has been read, with the length of its plain bytes."""
    gone = (b"content-encoding", b"content-length", b"transfer-encoding")
    kept = [(name, value) for name, value in headers if name not in gone]
    return [*kept, (b"content-length", b"%d" % size)] if size else kept
