"""The processes of a site: started in order, watched, stopped the other way round."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from multiprocessing.connection import wait
from socket import socket
from typing import NoReturn

import django
from django.core.management import call_command

from adaptive_site.environment import Environment
from adaptive_site.lib.concurrency.shared_counts import COUNTS
from adaptive_site.lib.concurrency.shared_rates import RATES
from adaptive_site.lib.processes.child import Child
from adaptive_site.lib.processes.kept import Kept
from adaptive_site.lib.processes.signals import Stopping
from adaptive_site.serving import webserver
from adaptive_site.serving.counted_requests import REQUESTS

_LOOK_EVERY = 0.5  # seconds between two looks at the processes
_START_LIMIT = 60.0
_WORKER_GRACE = 5  # seconds for the statement in progress to be cancelled, at the end
_WORKER_REST = 10  # seconds between two starts of a worker that ends at once
_WEB_REST = 1.0  # the same for a web process, while the others go on


class Supervisor(ExitStack):
    """PostgreSQL, unless DATABASE_URL names another; web processes; the worker, unless it is off.

    A context manager: each process that was started is stopped at the end, however that comes.
    """

    def __init__(self, environment: Environment, stopping: Stopping) -> None:
        super().__init__()
        self.url = webserver.url_of(environment.HOST, environment.PORT)
        self._environment = environment
        self._stopping = stopping
        self._database = environment.private_database()
        self._sockets: list[socket] = []
        self._web: Sequence[Kept] = ()
        self._worker = Kept(Child("worker", _work, self._sockets), _WORKER_REST)
        # All of them now, since a signal may come while one starts.
        if self._database is not None:
            self.callback(self._database.stop)
        self.callback(self._stop_web)
        self.callback(self._worker.child.stop, _WORKER_GRACE)

    def start_database(self, meanwhile: Callable[[], object]) -> None:
        """Have the private database running, if there is one; `meanwhile` is called beside it."""
        if self._database is None:
            meanwhile()
        else:
            self._database.ensure(meanwhile)

    def start_web(self) -> None:
        """Start the web processes and wait until /healthz answers 200.

        Raises SystemExit if one has ended by itself by then, or none is well after a minute.
        """
        processes = self._environment.WEB_PROCESSES
        webserver.load()
        COUNTS.spread(processes)
        RATES.spread(processes)
        REQUESTS.spread(processes)
        host, port = self._environment.HOST, self._environment.PORT
        self._sockets += webserver.listen(host, port, processes)
        self._web = [
            Kept(
                Child(f"web {n + 1}", webserver.run, self._sockets, n),
                _WEB_REST,
                clear=partial(_clear_rows, n),
                may_give_up=True,
            )
            for n in range(processes)
        ]
        for one in self._web:
            one.start()
        deadline = time.monotonic() + _START_LIMIT
        while not (said := webserver.health(self.url)).startswith("200"):
            if time.monotonic() > deadline:
                raise SystemExit(f"The web server does not become ready: {said or 'no answer'}")
            self._check()
            self._check_web()
            time.sleep(0.5 if said else 0.05)  # one that answers, but is not well, is given time
        self._check_web()  # chance has chosen who answered

    def watch(self) -> NoReturn:
        """Keep everything running until a signal comes (StopRequested)."""
        kept = [*self._web, self._worker] if self._has_worker else [*self._web]
        while True:
            for one in kept:
                one.keep()
            alive = [one.child.sentinel for one in kept if one.child.is_alive]
            wait([sentinel for sentinel in alive if sentinel is not None], _LOOK_EVERY)
            self._check()

    @property
    def _has_worker(self) -> bool:
        return self._environment.ADAPTIVE_SITE_WORKER == "on"

    def _stop_web(self) -> None:
        for listening in self._sockets:
            listening.close()
        for one in self._web:
            one.child.ask_to_end()
        end = time.monotonic() + webserver.STOPPING_GRACE + 3
        for one in self._web:
            one.child.stop(max(0.0, end - time.monotonic()))

    def _check_web(self) -> None:
        for one in self._web:
            if not one.child.is_alive:
                raise SystemExit(f"{one.child.name} ended (exit {one.child.exit_code})")

    def _check(self) -> None:
        self._stopping.check()
        # A private one goes when it crashed, or with the other command that had started it.
        if self._database is not None and not self._database.is_alive():
            self._database.ensure()


def _clear_rows(n: int) -> None:
    COUNTS.clear_row(n)
    RATES.clear_row(n)


def _work(sockets: Sequence[socket]) -> None:
    for listening in sockets:  # what a web process no longer takes must not wait for us
        listening.close()
    django.setup()  # does nothing in a forked process, which has it all
    call_command("work")
