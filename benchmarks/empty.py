"""An ASGI application that does nothing: what the server and the way to it cost."""

from collections.abc import Mapping
from typing import Any

from adaptive_site.lib.http.direct_asgi import Receive, Send

HEADERS = [(b"content-type", b"text/plain"), (b"content-length", b"2")]


async def application(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """Answer any request with two bytes."""
    while (await receive()).get("more_body"):
        continue
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"ok"})
