"""The processes of a site: started in order, watched, stopped the other way round."""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from math import inf
from typing import NoReturn

import django
from django.core.management import call_command

from adaptive_site.environment import Environment
from adaptive_site.lib.processes.child import Child
from adaptive_site.lib.processes.signals import Stopping
from adaptive_site.serving import webserver

_LOOK_EVERY = 0.5  # seconds between two looks at the processes
_START_LIMIT = 60.0
_WORKER_GRACE = 5  # seconds for the statement in progress to be cancelled, at the end
_WORKER_REST = 10  # seconds between two starts of a worker that ends at once

logger = logging.getLogger(__name__)


class Supervisor(ExitStack):
    """PostgreSQL, unless DATABASE_URL names another; the web server; the worker, unless it is off.

    A context manager: each process that was started is stopped at the end, however that comes.
    """

    def __init__(self, environment: Environment, stopping: Stopping) -> None:
        super().__init__()
        self.url = webserver.url_of(environment.HOST, environment.PORT)
        self._stopping = stopping
        self._has_worker = environment.ADAPTIVE_SITE_WORKER == "on"
        self._database = environment.private_database()
        self._web = Child("granian", webserver.run, environment.HOST, environment.PORT)
        self._worker = Child("worker", _work)
        # All of them now, since a signal may come while one starts.
        if self._database is not None:
            self.callback(self._database.stop)
        self.callback(self._web.stop, webserver.STOPPING_GRACE + 3)
        self.callback(self._worker.stop, _WORKER_GRACE)

    def start_database(self, meanwhile: Callable[[], object]) -> None:
        """Have the private database running, if there is one; `meanwhile` is called beside it."""
        if self._database is None:
            meanwhile()
        else:
            self._database.ensure(meanwhile)

    def start_web(self) -> None:
        """Start the web server and wait until /healthz answers 200.

        Raises SystemExit if it ends by itself, or is not well after a minute.
        """
        self._web.start()
        deadline = time.monotonic() + _START_LIMIT
        while not (said := webserver.health(self.url)).startswith("200"):
            if time.monotonic() > deadline:
                raise SystemExit(f"The web server does not become ready: {said or 'no answer'}")
            self._check()
            time.sleep(0.5 if said else 0.05)  # one that answers, but is not well, is given time

    def watch(self) -> NoReturn:
        """Keep everything running until a signal comes (StopRequested).

        Raises SystemExit if the web server ends by itself; a worker that does is started again.
        """
        started = -inf
        while True:
            is_missing = self._has_worker and not self._worker.is_alive
            if is_missing and time.monotonic() - started > _WORKER_REST:
                if self._worker.exit_code is not None:
                    logger.error("The worker ended by itself (exit %s)", self._worker.exit_code)
                started = time.monotonic()
                self._worker.start()
            time.sleep(_LOOK_EVERY)
            self._check()

    def _check(self) -> None:
        self._stopping.check()
        if not self._web.is_alive:
            raise SystemExit(f"The web server ended by itself (exit {self._web.exit_code})")
        # A private one goes when it crashed, or with the other command that had started it.
        if self._database is not None and not self._database.is_alive():
            self._database.ensure()


def _work() -> None:
    django.setup()  # does nothing in a forked process, which has it all
    call_command("work")
