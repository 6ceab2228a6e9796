"""A provider that replays recorded answers byte for byte: whole, in small pieces, or broken off.

Twice the same: `replaying()` is a server on a socket, for whoever needs an address; `Replayed` is
a connector for aiohttp's client in this process, which makes hundreds of cases cheap and every
cut certain: what a socket gathers arrives here exactly as it was cut.
"""

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from tests.upstream import Seen


@dataclass(frozen=True)
class Reply:
    """An answer as bytes: `pieces` arrive one by one; what `breaks` or `hangs` never ends."""

    pieces: Sequence[bytes]
    status: int = 200
    content_type: str | None = "text/event-stream"
    breaks: bool = False
    hangs: bool = False
    pause: float = 0.0  # seconds before each piece

    def raw(self) -> list[bytes]:
        """What stands on the wire, HTTP and all."""
        kind = f"Content-Type: {self.content_type}\r\n" if self.content_type else ""
        head = f"HTTP/1.1 {self.status} Said\r\n{kind}Transfer-Encoding: chunked\r\n\r\n"
        chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in self.pieces if piece]
        return [head.encode(), *chunks, *([] if self.breaks or self.hangs else [b"0\r\n\r\n"])]

    def cut(self, size: int) -> "Reply":
        """The same in pieces of `size` bytes."""
        whole = b"".join(self.pieces)
        return self._with([whole[n : n + size] for n in range(0, len(whole), size)])

    def cut_at(self, place: int) -> "Reply":
        """The same in two pieces."""
        whole = b"".join(self.pieces)
        return self._with([whole[:place], whole[place:]])

    def broken_after(self, count: int) -> "Reply":
        """The same, whose connection dies after `count` pieces."""
        return self._with(self.pieces[:count], breaks=True)

    def _with(self, pieces: Sequence[bytes], *, breaks: bool = False) -> "Reply":
        return replace(self, pieces=pieces, breaks=breaks or self.breaks)


@dataclass
class Replaying:
    """A server on a socket: `replies` in their order, the last of them again and again."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)

    def play(self, *replies: Reply) -> None:
        """Answer with these from now on."""
        self.replies = list(replies)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request after the other."""
        try:
            while True:
                await self._answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the other side is done, or the server; asyncio complains of what is cancelled
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.seen.append(Seen(first.split(" ")[1], headers, json.loads(body)))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        for piece in reply.raw():
            await asyncio.sleep(reply.pause)
            writer.write(piece)
            await writer.drain()
        if reply.breaks:
            await asyncio.sleep(0.05)  # or what was sent would be thrown away with the rest
            writer.transport.abort()


@contextmanager
def replaying(*replies: Reply) -> Iterator[Replaying]:
    """A server that runs until the end of the block; its `url` ends in `/v1`."""
    made = Replaying(replies=list(replies))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(made.handle, "127.0.0.1", 0, limit=2**20)

    async def stop() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(60)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield made
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()


class Replayed(aiohttp.BaseConnector):
    """Connections within this process: aiohttp's own client and parser, without a socket."""

    def __init__(self, *replies: Reply) -> None:
        super().__init__(force_close=True)
        self.replies = list(replies)
        self.seen: list[dict[str, Any]] = []

    async def _create_connection(self, req: Any, traces: Any, timeout: Any) -> ResponseHandler:
        handler = ResponseHandler(asyncio.get_running_loop())
        handler.connection_made(_Wire(self, handler))
        return handler


class _Wire(asyncio.Transport):
    """The other end: takes a request, then lets the reply arrive piece by piece."""

    def __init__(self, replayed: Replayed, handler: ResponseHandler) -> None:
        super().__init__()
        self._replayed, self._handler = replayed, handler
        self._loop = asyncio.get_running_loop()
        self._written = b""
        self._is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._written += bytes(data)
        head, found, body = self._written.partition(b"\r\n\r\n")
        names = (line.partition(b":") for line in head.split(b"\r\n"))
        sizes = [int(size) for name, _, size in names if name.lower() == b"content-length"]
        if found and sizes and len(body) >= sizes[0]:
            self._written = b""
            self._replayed.seen.append(json.loads(body))
            replies = self._replayed.replies
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
            self._loop.call_soon(self._arrive, [*reply.raw()], reply)

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def _arrive(self, waiting: list[bytes], reply: Reply) -> None:
        if self._is_closed:
            return
        if waiting:
            self._handler.data_received(waiting.pop(0))
            if reply.pause:
                self._loop.call_later(reply.pause, self._arrive, waiting, reply)
            else:
                self._loop.call_soon(self._arrive, waiting, reply)
        elif reply.breaks:
            self.close()

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._loop.call_soon(self._handler.connection_lost, None)

    abort = close

    def is_closing(self) -> bool:
        return self._is_closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        """Never: replies are small."""

    def resume_reading(self) -> None:
        """Never paused."""
