"""Requests that only read are answered from a standby that has all that was committed before."""

import logging
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse

from adaptive_site.lib.database.outages import reason
from adaptive_site.lib.database.replicas.choice import from_replica, reads_replica

logger = logging.getLogger(__name__)

READING = ("GET", "HEAD")
# What tells of the primary itself, or is about to write.
OF_THE_PRIMARY = ("/console/", "/admin/", "/healthz", "/metrics", "/login/")
REPLAY_PATIENCE_SECONDS = 0.03  # seconds that a standby may be behind, and is waited for
LEFT_OUT_SECONDS = 5.0  # seconds until one that does not answer is asked again
_ASKING_PAUSE_SECONDS = 0.002
_FAILED = "failed_at_replica"


class Standby:
    """What this process knows of the standby: whether it can be asked now, and why not."""

    def __init__(self) -> None:
        self._out_until = 0.0

    def has_everything(self) -> bool:
        """Whether it has replayed all that the primary had committed when we were called.

        Waits for it for a moment. Whoever has written before, by whichever door and node, finds
        it then. Raises what the primary's failure raises.
        """
        if time.monotonic() < self._out_until:
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_flush_lsn()::text")
            (committed,) = cursor.fetchone()
        try:
            with from_replica():
                return _replays(committed)
        except (DatabaseError, InterfaceError) as error:
            self.leave_out(error)
            return False

    def leave_out(self, error: BaseException) -> None:
        """Do without it for some seconds, and say why."""
        self._out_until = time.monotonic() + LEFT_OUT_SECONDS
        logger.warning("the replica is left out for %g s: %s", LEFT_OUT_SECONDS, str(error).strip())


def _replays(committed: str) -> bool:
    """Whether the standby comes to that place of the log soon; False of one that is none."""
    until = time.monotonic() + REPLAY_PATIENCE_SECONDS
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [committed])
            (is_there,) = cursor.fetchone()
        if is_there or is_there is None or time.monotonic() > until:
            return bool(is_there)
        time.sleep(_ASKING_PAUSE_SECONDS)


STANDBY = Standby()


class ReplicaMiddleware:
    """Has requests that only read answered from the standby, while it is up to date.

    One that fails there (the standby has gone, something was to be written after all) is asked
    again of the primary; only then is it answered.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _only_reads(request) or not _is_up_to_date():
            return self.get_response(request)
        with from_replica():
            answer = self.get_response(request)
        # A page that took too long there (503) would take as long here.
        if answer.status_code != 500 and not hasattr(request, _FAILED):
            return answer
        logger.warning("%s is asked again of the primary", request.path)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        """Note that the standby has failed a request, which other middleware answers with 503."""
        if reads_replica() and reason(error):
            STANDBY.leave_out(error)
            setattr(request, _FAILED, True)


def _only_reads(request: HttpRequest) -> bool:
    return request.method in READING and not request.path_info.startswith(OF_THE_PRIMARY)


def _is_up_to_date() -> bool:
    try:
        return STANDBY.has_everything()
    except (DatabaseError, InterfaceError):
        return False  # the request itself says what is the matter
