"""Granian: what it listens on, how it is run, whether it is well."""

import asyncio
import errno
import resource
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from typing import Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from adaptive_site.lib.concurrency.garbage import settle
from adaptive_site.lib.concurrency.shared_counts import COUNTS
from adaptive_site.lib.concurrency.shared_rates import RATES
from adaptive_site.serving.counted_requests import REQUESTS, counted

STOPPING_GRACE = 5  # seconds for requests in progress, at the end
# Seconds for a request's headers, from the connection or the last answer on; then we hang up,
# also on a client that keeps its connection for later, which they all expect.
_HEADERS = 30
_CONNECTIONS = 8192  # at once, in all processes; an idle one takes some 10 KB
_BACKLOG = 1024  # that wait to be accepted
_FILES = 256  # that are not connections: to the database, to providers, what is read


class PortTaken(SystemExit):
    """PORT or HOST cannot be listened on; ends the program naming the setting."""


def check_address(host: str, port: int) -> None:
    """Raise PortTaken unless we could listen on host:port, before anything is started."""
    try:
        family, kind, _, _, address = _address(host, port)
    except socket.gaierror as error:
        raise PortTaken(f"HOST: {host} is not an address of this machine: {error}") from error
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                message = f"PORT: {port} is in use on {host}; set PORT to a free one"
            elif error.errno == errno.EACCES:
                message = f"PORT: {port} needs privileges we do not have; set PORT above 1023"
            else:
                message = f"HOST: cannot listen on {host}: {error.strerror}"
            raise PortTaken(message) from error


def _address(host: str, port: int) -> tuple[Any, Any, int, str, Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]


def listen(host: str, port: int, processes: int) -> list[socket.socket]:
    """Sockets that share host:port, one for each process.

    The kernel chooses one for each connection by a hash of both addresses. One socket that all
    accept from is no choice: whoever wakes first accepts, and that was the same process for 30
    connections of 30. Ours stay open while a process is replaced, so what waits there is answered
    by the next one.
    """
    check_address(host, port)  # which another site of this user would share with us, too
    family, kind, _, _, address = _address(host, port)
    sockets = []
    for _ in range(processes):
        fresh = socket.socket(family, kind)
        fresh.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if processes > 1:
            fresh.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        fresh.bind(address)
        fresh.listen(_BACKLOG)
        fresh.setblocking(False)
        sockets.append(fresh)
    return sockets


def _room(processes: int) -> int:
    """How many connections a process may have, after asking the system for all it allows."""
    most = _CONNECTIONS // processes
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most + _FILES if hard == resource.RLIM_INFINITY else min(hard, most + _FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return most if soft == resource.RLIM_INFINITY else min(most, soft - _FILES)


class Requests:
    """An ASGI application whose requests in progress can be cut short."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self._application = application
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_ending = False

    async def __call__(self, *arguments: Any) -> None:
        """Answer one request."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await counted(self._application, *arguments)
        except asyncio.CancelledError:
            if not self._is_ending:
                raise
            # Raised, it were logged as a fault of ours.
        finally:
            self._tasks.discard(task)

    def cut_short(self) -> None:
        """Cancel those in progress."""
        self._is_ending = True
        for task in self._tasks:
            task.cancel()


class _Server(Server):
    """Granian in this process, on a socket that is there already."""

    def __init__(self, listening: socket.socket, processes: int) -> None:
        self.requests = Requests(import_module("adaptive_site.asgi").application)
        super().__init__(
            self.requests,
            interface=Interfaces.ASGINL,
            websockets=False,
            # While it looks which of the two HTTPs is spoken, it waits for ever.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=_HEADERS * 1000),
            backpressure=_room(processes),
            # At "warning" it says at each start that it is experimental.
            log_level=LogLevels.error,
        )
        self._listening = listening

    def _init_shared_socket(self) -> None:
        holder: Any = SocketHolder  # made as by unpickling, which its stubs do not tell
        self._shd: Any = holder(self._listening.fileno(), False, _BACKLOG)


def load() -> None:
    """Load all that a web process needs, before it is forked: the processes share its memory."""
    import_module("adaptive_site.asgi")
    settle()


def run(sockets: Sequence[socket.socket], number: int) -> None:
    """Be the web process of this number: serve on its socket until a signal comes."""
    COUNTS.take_row(number)
    RATES.take_row(number)
    REQUESTS.take_row(number)
    for n, other in enumerate(sockets):
        if n != number:  # at the end nobody is to wait at a socket whose process has gone
            other.close()
    server = _Server(sockets[number], len(sockets))
    # It writes to tables, so it can be imported only now.
    audited = import_module("projects.services.auditing.event_queue").QUEUE
    audited.start()
    try:
        asyncio.run(_serve(server))
    finally:
        audited.stop()  # what pages have shown is written before the process ends


async def _serve(server: _Server) -> None:
    loop = asyncio.get_running_loop()
    begin_end: Callable[[], None] = server.stop

    def stop() -> None:
        begin_end()
        # Not `serve` itself: Granian ends when the last request has, and complains if it is not
        # waited for. Who does not end now either is killed by the supervisor.
        loop.call_later(STOPPING_GRACE, server.requests.cut_short)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    await server.serve()


def url_of(host: str, port: int) -> str:
    """The address to open in a browser on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def health(url: str) -> str:
    """Return what /healthz answers, such as `200 OK`; empty while nobody listens."""
    # A proxy from the environment must not come between us and our own child.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"{url}healthz", headers={"Host": "localhost"})
    try:
        with opener.open(request, timeout=5) as answer:
            return f"{answer.status} {answer.reason}"
    except urllib.error.HTTPError as error:
        with error:
            return f"{error.code} {error.reason}"
    except OSError:
        return ""
