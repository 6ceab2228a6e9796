"""Inflating the bodies of requests: in a thread, a piece at a time, two bodies at once."""

import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from adaptive_site.lib.concurrency.database_threads import in_thread
from adaptive_site.lib.errors import Invalid

Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, Any]]]
CODINGS = ("gzip", "x-gzip", "deflate")
INFLATED_PIECE_BYTES = 1024 * 1024  # 3 ms of a thread, which others wait for


class Inflated:
    """A compressed body, inflated piece by piece, so that a small one cannot fill the memory."""

    def __init__(self, receive: Receive, coding: str, begin: Callable[[], Awaitable[None]]) -> None:
        """`begin` is awaited once, before anything is inflated; it raises to whom we do not."""
        self._receive, self._coding, self._begin = receive, coding, begin
        self._reader = self._new()
        self._rest = b""
        self._is_last = False
        self._is_whole = False
        self._is_allowed = False
        self._began = False

    def _new(self, wbits: int = 0) -> "zlib._Decompress":
        return zlib.decompressobj(wbits or (zlib.MAX_WBITS | (0 if self._is_zlib else 16)))

    @property
    def _is_zlib(self) -> bool:
        return self._coding == "deflate"

    async def receive(self) -> Mapping[str, Any]:
        """The next piece."""
        if self._is_whole:
            return await self._receive()
        needed = 1 if self._began or not self._is_zlib else 2
        while len(self._rest) < needed and not self._is_last:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return message
            self._rest += message.get("body", b"")
            self._is_last = not message.get("more_body", False)
        if self._rest and not self._is_allowed:
            await self._begin()
            self._is_allowed = True
        piece = await in_thread(self._inflate)
        self._is_whole = self._is_last and not self._rest and not piece
        if self._is_whole and self._began and not self._reader.eof:
            raise Invalid(f"the body ends within its {self._coding}", field="Content-Encoding")
        return {"type": "http.request", "body": piece, "more_body": not self._is_whole}

    def _inflate(self) -> bytes:
        try:
            return self._read()
        except zlib.error as error:
            raise Invalid(f"the body is not {self._coding}", field="Content-Encoding") from error

    def _read(self) -> bytes:
        if self._rest and self._is_zlib and not self._began and not _is_headed(self._rest):
            self._reader = self._new(-zlib.MAX_WBITS)  # some leave its two bytes out
        if self._reader.eof and self._rest:
            if self._is_zlib:
                raise zlib.error("more after the end")
            self._reader = self._new()  # gzip may have several members
        self._began = self._began or bool(self._rest)
        piece = self._reader.decompress(self._rest, INFLATED_PIECE_BYTES)
        self._rest = self._reader.unconsumed_tail or self._reader.unused_data
        return piece


def _is_headed(data: bytes) -> bool:
    """Whether deflated bytes begin as zlib's do (RFC 1950)."""
    return data[0] & 15 == 8 and int.from_bytes(data[:2]) % 31 == 0
