"""Compressed answers: one member, only for who wants it, with headers that are true."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from adaptive_site.lib.http.compression import CompressionMiddleware

TEXT = "\n".join(f"line {number} of a page" for number in range(300)).encode()


def answer(response: Any, accepts: str | None = "gzip, deflate, br, zstd") -> Any:
    """What the middleware makes of it."""
    headers = {} if accepts is None else {"Accept-Encoding": accepts}
    request = RequestFactory().get("/", headers=headers)
    return CompressionMiddleware(lambda _: response)(request)


def plain(response: Any) -> bytes:
    """The body as a client reads it: the first member alone, which must end with the body."""
    body: bytes = response.content
    if response.get("Content-Encoding") != "gzip":
        return body
    reader = zlib.decompressobj(wbits=31)
    read = reader.decompress(body)
    assert reader.eof and not reader.unused_data
    return read


@pytest.mark.parametrize(
    ("accepts", "is_compressed"),
    [
        ("gzip, deflate, br, zstd", True), ("GZIP", True), ("x-gzip", True), ("*", True),
        ("br;q=1.0, gzip;q=0.8", True), ("gzip;q=0.001", True), ("identity;q=0", False),
        ("identity;q=0, gzip", True), ("*;q=0, gzip", True), ("identity;q=0.5, gzip;q=1", True),
        (None, False), ("", False), ("br", False), ("identity", False), ("gzip;q=0", False),
        ("gzip;q=0.0, *", False), ("*;q=0", False), ("identity, gzip;q=0.5", False),
        ("gzip;q=often", False), ("notgzip", False), (";;,,=", False),
    ],
)  # fmt: skip
def test_the_request_decides(accepts: str | None, is_compressed: bool) -> None:
    got = answer(HttpResponse(TEXT), accepts)
    assert got.get("Content-Encoding") == ("gzip" if is_compressed else None)
    assert plain(got) == TEXT
    assert got["Vary"] == "Accept-Encoding"
    if is_compressed:
        assert got["Content-Length"] == str(len(got.content))


def test_a_short_answer_is_compressed_only_for_who_refuses_it_plain() -> None:
    assert not answer(HttpResponse("short")).has_header("Content-Encoding")
    got = answer(HttpResponse("short"), "gzip, identity;q=0")
    assert plain(got) == b"short" and got["Content-Encoding"] == "gzip"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "image/png"}, {"Content-Type": "application/zip"},
        {"Content-Type": "font/woff2"}, {"Content-Type": "text/event-stream"},
        {"Content-Encoding": "br"}, {"Cache-Control": "no-transform"},
        {"Content-Type": "application/octet-stream"},
    ],
)  # fmt: skip
def test_what_must_not_be_touched_is_left(headers: dict[str, str]) -> None:
    response = HttpResponse(TEXT, headers={**headers, "ETag": '"1"'})
    got = answer(response)
    assert got.content == TEXT and got["ETag"] == '"1"'
    assert got.get("Content-Encoding") == headers.get("Content-Encoding")


@pytest.mark.parametrize("status", [204, 206, 304])
def test_parts_and_empty_answers_are_left(status: int) -> None:
    assert not answer(HttpResponse(TEXT, status=status)).has_header("Content-Encoding")


def test_an_etag_becomes_weak() -> None:
    for etag, kept in (('"1"', 'W/"1"'), ('W/"1"', 'W/"1"')):
        assert answer(HttpResponse(TEXT, headers={"ETag": etag}))["ETag"] == kept


def test_lengths_of_equal_pages_differ() -> None:
    assert len({len(answer(HttpResponse(TEXT)).content) for _ in range(50)}) > 1


async def _gathered(response: Any) -> list[bytes]:
    return [part async for part in response]


@pytest.mark.parametrize("n", [0, 1, 10, 1_000])
def test_a_stream_is_one_member_however_many_parts_it_has(n: int) -> None:
    lines = [b"line %d of a file\n" % number * 20 for number in range(n)]

    async def parts() -> AsyncIterator[bytes]:
        for line in lines:
            yield line

    got = answer(StreamingHttpResponse(parts(), content_type="application/x-ndjson"))
    body = b"".join(asyncio.run(_gathered(got)))
    reader = zlib.decompressobj(wbits=31)
    assert reader.decompress(body) == b"".join(lines)
    assert reader.eof and not reader.unused_data
    assert not got.has_header("Content-Length")

    def each() -> Iterator[bytes]:
        yield from lines

    got = answer(StreamingHttpResponse(each(), content_type="text/plain"))
    reader = zlib.decompressobj(wbits=31)
    assert reader.decompress(b"".join(got)) == b"".join(lines)
    assert reader.eof and not reader.unused_data


def test_a_stream_that_fails_raises_and_what_was_sent_is_no_whole_file() -> None:
    closed: list[bool] = []

    async def parts() -> AsyncIterator[bytes]:
        try:
            for number in range(1000):
                yield b"%d" % number * 1000
            raise RuntimeError("midway")
        finally:
            closed.append(True)

    async def sent() -> bytes:
        got = b""
        with pytest.raises(RuntimeError):
            async for part in answer(StreamingHttpResponse(parts())):
                got += part
        return got

    with pytest.raises(EOFError):
        gzip.decompress(asyncio.run(sent()))
    assert closed == [True]
