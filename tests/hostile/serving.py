"""The pages of the test's own transaction, for a browser."""

import mimetypes
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import RLock, Thread
from typing import Any

from django.contrib.staticfiles import finders
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.signals import request_finished, request_started
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections, transaction

Start = Callable[..., Any]


class _Quiet(WSGIRequestHandler):
    """Says nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


class _Server(ThreadedWSGIServer):
    """Leaves the test's connection open."""

    def _close_connections(self) -> None:
        pass


class _OneByOne:
    """The site on the test's connection: a request at a time, and what is sent is undone."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        self.asked = 0
        self._site = WSGIHandler()
        self._lock = RLock()

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith("/static/"):
            return _file(path.removeprefix("/static/"), start)
        environ.pop("HTTP_ACCEPT_ENCODING", None)  # packing and unpacking takes time
        with self._lock, transaction.atomic():
            self.asked += 1

            def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                if status.startswith("5"):
                    self.faults.append(f"{status} {environ['REQUEST_METHOD']} {path}")
                if environ["REQUEST_METHOD"] != "GET":  # undone: the session stays what it was
                    headers = [one for one in headers if one[0].lower() != "set-cookie"]
                return start(status, headers, *rest)

            answer = self._site(environ, begin)
            body = b"".join(answer)
            if environ["REQUEST_METHOD"] != "GET":
                transaction.set_rollback(True)
            return [body]


def _file(name: str, start: Start) -> list[bytes]:
    """A script; of stylesheets nothing, since laying pages out would be most of the work."""
    if name.endswith(".css"):
        start("200 OK", [("Content-Type", "text/css"), ("Cache-Control", "max-age=3600")])
        return []
    found = finders.find(name)
    if not isinstance(found, str):
        start("404 Not Found", [])
        return []
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    start("200 OK", [("Content-Type", kind), ("Cache-Control", "max-age=3600")])
    with open(found, "rb") as file:
        return [file.read()]


class Serving:
    """A server on a port of its own."""

    def __init__(self, url: str, app: _OneByOne) -> None:
        self.url = url
        self.faults = app.faults
        self._app = app

    @property
    def asked(self) -> int:
        """How many requests the site has answered."""
        return self._app.asked


@contextmanager
def serving() -> Iterator[Serving]:
    """Serve what this thread's transaction holds, from other threads.

    As Django's own live server does for a database in memory: theirs is this thread's connection.
    """
    app = _OneByOne([])
    mine = connections[DEFAULT_DB_ALIAS]
    server = _Server(("127.0.0.1", 0), _Quiet, connections_override={DEFAULT_DB_ALIAS: mine})
    server.set_app(app)
    mine.inc_thread_sharing()
    for signal in (request_started, request_finished):  # either would close it
        signal.disconnect(close_old_connections)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Serving(f"http://127.0.0.1:{server.server_address[1]}", app)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        mine.dec_thread_sharing()
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
