"""Answers compressed with gzip for those who ask for it: one member, whatever they are made of.

Django's middleware makes each part of an asynchronous stream a gzip member of its own, and most
clients read the first: of 16,582 lines a browser saved 128.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from gzip import GzipFile
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.text import StreamingBuffer, compress_sequence, compress_string

from adaptive_site.lib.concurrency.database_threads import in_thread

SHORTEST_COMPRESSED = 200  # bytes that are not worth it
# A header of random length, so that sizes tell less of secrets on a page (BREACH).
RANDOM_BYTES = 100
STREAM_LEVEL = 4  # conversations become 20 % at 95 MB/s; with level 6, 18.5 % at 41
_TYPES = frozenset(
    (
        "application/javascript", "application/json", "application/x-ndjson", "application/xml",
        "image/svg+xml",
    )
)  # fmt: skip


class CodingsMiddleware:
    """Says in plain words which codings are wanted: WhiteNoise does not read their weights."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if given := request.META.get("HTTP_ACCEPT_ENCODING"):
            wanted, is_plain_refused = asked_for(given)
            said = ["gzip"] * wanted + ["identity;q=0"] * is_plain_refused
            request.META["HTTP_ACCEPT_ENCODING"] = ", ".join(said)
        return self.get_response(request)


class CompressionMiddleware:
    """Compresses text, as the request's Accept-Encoding allows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if _may_be_compressed(response):
            patch_vary_headers(response, ("Accept-Encoding",))
            wanted, is_plain_refused = asked_for(request.headers.get("Accept-Encoding", ""))
            if wanted:
                _compress(response, even_if_longer=is_plain_refused)
        return response


def asked_for(header: str) -> tuple[bool, bool]:
    """Whether an Accept-Encoding header wants gzip, and whether it refuses the plain bytes.

    >>> asked_for("gzip, br"), asked_for("gzip;q=0, *"), asked_for("gzip;q=0.5, identity")
    ((True, False), (False, False), (False, False))

    Other codings are not spoken here; who takes nothing else gets plain bytes.
    """
    weights: dict[str, float] = {}
    for one in header.lower().split(","):
        name, *parameters = (part.strip() for part in one.split(";"))
        weights[name] = min((_weight(given) for given in parameters), default=1.0)
    any_other = weights.get("*", 0.0)
    gzip = max(weights.get("gzip", any_other), weights.get("x-gzip", 0.0))
    plain = weights.get("identity", 0.0)
    is_plain_refused = plain == 0 and ("identity" in weights or weights.get("*") == 0)
    return gzip > 0 and gzip >= plain, is_plain_refused


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _may_be_compressed(response: HttpResponseBase) -> bool:
    media_type = response.get("Content-Type", "").partition(";")[0].strip().lower()
    is_text = media_type.startswith("text/") and media_type != "text/event-stream"
    return (
        (is_text or media_type in _TYPES or media_type.endswith(("+json", "+xml")))
        and response.status_code not in (204, 206, 304)
        and not response.has_header("Content-Encoding")
        and "no-transform" not in response.get("Cache-Control", "")
    )


def _compress(response: HttpResponseBase, *, even_if_longer: bool) -> None:
    if isinstance(response, StreamingHttpResponse):
        if response.is_async:
            parts = cast(AsyncIterator[bytes], response.streaming_content)
            response.streaming_content = _one_member(parts)
        else:
            pieces = cast(Iterator[bytes], response.streaming_content)
            response.streaming_content = compress_sequence(pieces, max_random_bytes=RANDOM_BYTES)
        del response.headers["Content-Length"]
    else:
        assert isinstance(response, HttpResponse)
        if len(response.content) < SHORTEST_COMPRESSED and not even_if_longer:
            return
        compressed = compress_string(response.content, max_random_bytes=RANDOM_BYTES)
        if len(compressed) >= len(response.content) and not even_if_longer:
            return
        response.content = compressed
        response.headers["Content-Length"] = str(len(compressed))
    # The bytes differ from the plain ones, what they say does not (RFC 9110, 8.8.1).
    if (etag := response.get("ETag", "")).startswith('"'):
        response.headers["ETag"] = f"W/{etag}"
    response.headers["Content-Encoding"] = "gzip"


async def _one_member(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The parts through one compressor, in a thread; its end is written only after the last.

    So whoever gets a stream that broke off gets no valid file.
    """
    name = "a" * secrets.randbelow(RANDOM_BYTES)
    buffer = StreamingBuffer()
    file = GzipFile(name, "wb", STREAM_LEVEL, cast(Any, buffer), mtime=0)
    async with aclosing(cast(Any, parts)) as those:
        async for part in those:
            await in_thread(file.write, part)
            if done := buffer.read():
                yield done
    file.close()
    yield buffer.read()
