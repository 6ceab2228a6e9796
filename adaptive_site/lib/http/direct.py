"""The few addresses that are answered before Django: what they get and what they give back.

A request through Django's middleware costs a thread and about 2 ms; a stream would hold the
thread to its end. Handlers here are plain coroutines; what needs the database goes through
`adaptive_site.lib.concurrency.database_threads`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from adaptive_site.lib import exact_json
from adaptive_site.lib.errors import DomainError, TooLarge, told
from adaptive_site.lib.http.request_bodies import too_large_text


@dataclass(frozen=True, slots=True)
class DirectRequest:
    """A request whose body has been read whole; header names are lower-case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class DirectResponse:
    """An answer, whose body is bytes, or an iterator of pieces each of which is sent at once.

    When the client hangs up, the iterator is closed (`aclose`), so its `finally` runs.
    """

    status: int
    body: bytes | AsyncIterator[bytes]
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


DirectHandler: TypeAlias = Callable[[DirectRequest], Awaitable[DirectResponse]]


def as_json(status: int, value: object) -> DirectResponse:
    """An answer in JSON."""
    return DirectResponse(status, exact_json.dumps(value))


def as_error(error: DomainError) -> DirectResponse:
    """`{"error": text}` with the status; `field` beside it when one is at fault."""
    return replace(as_json(error.status, told(error)), headers=error.headers)


def too_large() -> DirectResponse:
    """What a body beyond our limit gets."""
    return as_error(TooLarge(too_large_text()))
