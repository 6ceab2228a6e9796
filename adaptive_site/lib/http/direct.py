"""The few addresses that are answered before Django: what they get and what they give back.

A request through Django's middleware costs a thread and about 2 ms; a stream would hold the
thread to its end. Handlers here are plain coroutines; what needs the database goes through
`adaptive_site.lib.concurrency.database_threads`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from django.conf import settings

from adaptive_site.lib import exact_json
from adaptive_site.lib.errors import DomainError, TooLarge


@dataclass(frozen=True, slots=True)
class HotRequest:
    """A request whose body has been read whole; header names are lower-case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HotResponse:
    """An answer; a body that is an iterator is sent piece by piece, each at once.

    When the client hangs up, the iterator is closed (`aclose`), so its `finally` runs.
    """

    status: int
    body: bytes | AsyncIterator[bytes]
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


HotHandler: TypeAlias = Callable[[HotRequest], Awaitable[HotResponse]]


def as_json(status: int, value: object) -> HotResponse:
    """An answer in JSON."""
    return HotResponse(status, exact_json.dumps(value))


def as_error(error: DomainError) -> HotResponse:
    """`{"error": text}` with the status; `field` beside it when one is at fault."""
    body = {"error": str(error)} | ({"field": error.field} if error.field else {})
    return replace(as_json(error.status, body), headers=error.headers)


def too_large() -> HotResponse:
    """What a body beyond our limit gets."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE >> 20
    return as_error(TooLarge(f"the body is larger than {limit} MB"))


def not_allowed(method: str) -> HotResponse:
    """What another method than POST gets."""
    answer = as_json(405, {"error": f"{method} is not possible here; use POST"})
    return replace(answer, headers={"allow": "POST"})
