"""Many clients at once over loopback, cheap enough not to be what is measured."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

END_OF_HEAD = b"\r\n\r\n"


@dataclass
class Load:
    """What the clients saw: seconds of each answer, how many of each status, and for how long.

    Status 0 counts requests that got no answer; `bodies` are kept only where somebody asked.
    """

    took: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.took) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the answers came."""
        ordered = sorted(self.took)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


class Client(asyncio.Protocol):
    """One connection that sends a request, waits for its answer, and sends the next."""

    def __init__(self, requests: Callable[[], bytes], load: Load, until: float) -> None:
        self._requests = requests
        self._load = load
        self._until = until
        self._heard = b""
        self._sent = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Count a whole answer, and go on."""
        self._heard += data
        head, found, body = self._heard.partition(END_OF_HEAD)
        if not found or len(body) < length_of(head):
            return
        self._load.took.append(time.perf_counter() - self._sent)
        self._load.statuses[int(head[9:12])] += 1
        self._heard = b""
        if time.perf_counter() < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """End, as asked or not."""
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._requests())


def length_of(head: bytes) -> int:
    """The bytes of the body that follows a head."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def post(path: str, body: bytes, key: str) -> bytes:
    """A request, as it goes over the wire."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def load(
    port: int, requests: Callable[[], bytes], *, connections: int, seconds: float
) -> Load:
    """Keep `connections` busy for `seconds`, each with one request at a time."""
    seen = Load()
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    made = [
        await loop.create_connection(
            lambda: Client(requests, seen, began + seconds), "127.0.0.1", port
        )
        for _ in range(connections)
    ]
    await asyncio.gather(*(client.done for _, client in made))
    seen.seconds = time.perf_counter() - began
    return seen


async def pace(
    port: int,
    requests: Callable[[], bytes],
    *,
    rate: float,
    connections: int,
    seconds: float,
    keeps_bodies: bool = False,
    patience: float = float("inf"),
) -> Load:
    """Send `rate` requests a second for `seconds`, however quickly they are answered.

    What an answer took counts from when its request was due, so that a server that stops for a
    while does not hide it by being asked less. More than `connections` at a time must wait. A
    connection that breaks is made anew, and its request is not sent again. What is not sent
    `patience` seconds after the end is left.
    """
    seen = Load()
    began = time.perf_counter()
    due = iter(range(int(rate * seconds)))

    async def speak() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in due:
            at = began + number / rate
            if time.perf_counter() > began + seconds + patience:
                break
            await asyncio.sleep(at - time.perf_counter())
            try:
                if writer.is_closing():
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(requests())
                head = await reader.readuntil(END_OF_HEAD)
                body = await reader.readexactly(length_of(head))
            except (OSError, asyncio.IncompleteReadError):
                seen.statuses[0] += 1
                writer.close()
                continue
            seen.took.append(time.perf_counter() - at)
            seen.statuses[int(head[9:12])] += 1
            if keeps_bodies:
                seen.bodies.append(body)
            if b"connection: close" in head.lower():  # a process with more to do asks for it
                writer.close()
        writer.close()

    await asyncio.gather(*(speak() for _ in range(connections)))
    seen.seconds = time.perf_counter() - began
    return seen
