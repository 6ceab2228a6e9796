"""Where what is done comes from: by which door, from which address, with whose key.

A request notes it once, when it comes in; whatever writes an event while the request is answered
finds it here. Work outside any request has the door of its process: a command, or the worker.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from adaptive_site.lib.http import client_address

WEB, REST, GRAPHQL, OPENAI, ADMIN = "web", "rest", "graphql", "openai", "admin"
COMMAND, WORKER = "command", "worker"
DOORS = {
    WEB: "Web",
    REST: "REST",
    GRAPHQL: "GraphQL",
    OPENAI: "OpenAI routes",
    ADMIN: "Admin console",
    COMMAND: "Command line",
    WORKER: "Worker",
}
# By what an address begins with, the first that fits; pages are the rest.
_PATHS = (
    ("/api/graphql", GRAPHQL),
    ("/api/v1/chat/", OPENAI),
    ("/api/v1/embeddings", OPENAI),
    ("/api/v1/models", OPENAI),
    ("/api/", REST),
    ("/admin/", ADMIN),
)


@dataclass(frozen=True, slots=True)
class Signer:
    """The key of a request, and whose it is."""

    key_id: int
    key_name: str
    user_id: int
    user_name: str
    user_email: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one event comes from."""

    door: str
    address: str = ""
    signer: Signer | None = None


class _Request:
    """What is known of the request that is being answered; its key is found out on the way."""

    __slots__ = ("path", "signer")

    def __init__(self, path: str) -> None:
        self.path = path
        self.signer: Signer | None = None


_request: ContextVar[_Request | None] = ContextVar("audited_request", default=None)
_of_process = COMMAND


def begin(path: str) -> None:
    """Note a request to `path`, which is without the site's own prefix, from here on."""
    _request.set(_Request(path))


@contextmanager
def within(path: str) -> Iterator[None]:
    """Note a request to `path` that is answered inside, unless that was done before Django."""
    if _request.get() is not None:
        yield
        return
    token = _request.set(_Request(path))
    try:
        yield
    finally:
        _request.reset(token)


def signed(signer: Signer) -> None:
    """Note with which key the request came."""
    request = _request.get()
    if request is not None:
        request.signer = signer


def be(door: str) -> None:
    """Be the process of this door: what no request asks for comes from it."""
    global _of_process
    _of_process = door


def current() -> Origin:
    """Where what is done now comes from."""
    request = _request.get()
    if request is None:
        return Origin(_of_process)
    return Origin(_door_of(request), client_address.current(), request.signer)


def _door_of(request: _Request) -> str:
    if request.signer is None and request.path.startswith("/api/v1/images/"):
        return WEB  # a page's own images, which its session opens
    return next((door for start, door in _PATHS if request.path.startswith(start)), WEB)
