"""Granian: what it listens on, how it is run, whether it is well."""

import errno
import resource
import socket
import urllib.error
import urllib.request

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

STOPPING_GRACE = 5  # seconds for requests in progress, at the end
# Seconds for a request's headers, from the connection or the last answer on; then we hang up,
# also on a client that keeps its connection for later, which they all expect.
_HEADERS = 30
_CONNECTIONS = 8192  # at once; an idle one takes some 10 KB
_FILES = 256  # that are not connections: to the database, to providers, what is read


class PortTaken(SystemExit):
    """PORT or HOST cannot be listened on; ends the program naming the setting."""


def check_address(host: str, port: int) -> None:
    """Raise PortTaken unless we could listen on host:port, before anything is started."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
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


def _room() -> int:
    """How many connections may be open, after asking the system for all it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _CONNECTIONS + _FILES if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return _CONNECTIONS if soft == resource.RLIM_INFINITY else min(_CONNECTIONS, soft - _FILES)


def run(host: str, port: int) -> None:
    """Serve until a signal comes, with one worker."""
    Granian(
        "adaptive_site.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=1,
        respawn_failed_workers=True,
        workers_kill_timeout=STOPPING_GRACE,
        websockets=False,
        # While it looks which of the two HTTPs is spoken, it waits for ever.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADERS * 1000),
        backpressure=_room(),
        log_level=LogLevels.warning,
    ).serve()


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
