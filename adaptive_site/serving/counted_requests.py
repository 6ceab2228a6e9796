"""The requests of this site as `/metrics` counts them."""

from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any, TypeAlias

from adaptive_site.lib.concurrency.request_counts import RequestCounts

REQUESTS = RequestCounts(("chat", "graphql", "rest", "static", "page"))
Message: TypeAlias = MutableMapping[str, Any]
Application: TypeAlias = Callable[..., Awaitable[None]]


def door_of(path: str) -> str:
    """Which door a path is of."""
    if path.startswith("/api/"):
        if path.startswith("/api/v1/chat/"):
            return "chat"
        return "graphql" if path.startswith("/api/graphql") else "rest"
    return "static" if path.startswith("/static/") else "page"


async def counted(
    application: Application,
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Answer a request of an ASGI application and count it, until its last byte is sent."""
    if scope["type"] != "http":
        await application(scope, receive, send)
        return
    begun = perf_counter()
    status = 0

    async def noted(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        await send(message)

    try:
        await application(scope, receive, noted)
    finally:
        path = scope["path"].removeprefix(scope.get("root_path") or "")
        REQUESTS.add(door_of(path), status, perf_counter() - begun)
