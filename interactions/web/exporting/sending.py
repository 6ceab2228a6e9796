"""Files that are there whole, sent with their length and hash, in part where that is asked for."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import IO

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from adaptive_site.lib.concurrency.database_threads import in_database, in_thread
from adaptive_site.lib.http.byte_ranges import ByteRange, Unsatisfiable, byte_range
from interactions.services.export import downloads

LINES_HEADER = "X-Lines"
CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A file with what is known of it; `open` gives it at its beginning, to be closed after."""

    open: Callable[[], IO[bytes]]
    name: str
    media_type: str
    size: int
    sha256: str
    lines: int


def send(
    request: HttpRequest, file: WholeFile, ended: Callable[[str], None] | None = None
) -> HttpResponseBase:
    """The file, or the part of it that the request's `Range` names, if it is still this file.

    `ended` is told how the sending of all of it, or of its rest, ended. Nothing on the way may
    change the bytes, so the answer is never compressed.
    """
    etag = f'"{file.sha256}"'
    is_same = request.headers.get("If-Range", etag) == etag
    try:
        part = byte_range(request.headers.get("Range", ""), file.size) if is_same else None
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    wanted = part or ByteRange(0, file.size)
    response = StreamingHttpResponse(
        _nothing() if request.method == "HEAD" else _parts(file, wanted, ended),
        status=200 if part is None else 206,
        headers={**_headers(file), "Content-Length": str(wanted.stop - wanted.start)},
        content_type=file.media_type,
    )
    if part is not None:
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{file.size}"
    return response


def _headers(file: WholeFile) -> dict[str, str]:
    digest = b64encode(bytes.fromhex(file.sha256)).decode()
    return {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Cache-Control": "private, no-cache, no-transform",
        "ETag": f'"{file.sha256}"',
        "Repr-Digest": f"sha-256=:{digest}:",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        LINES_HEADER: str(file.lines),
    }


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


async def _parts(
    file: WholeFile,
    wanted: ByteRange,
    ended: Callable[[str], None] | None,
) -> AsyncIterator[bytes]:
    """The bytes, each chunk read in a thread that it keeps no longer than that."""
    how, left = downloads.BROKEN_OFF, wanted.stop - wanted.start
    opened = await in_thread(file.open)
    try:
        await in_thread(opened.seek, wanted.start)
        while left and (chunk := await in_thread(opened.read, min(left, CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk
        how = downloads.BROKEN_OFF if left else downloads.SENT
    finally:
        opened.close()
        if ended is not None and wanted.stop == file.size:
            # Whoever hangs up cancels us; this is written all the same.
            await asyncio.shield(in_database(ended, how))
