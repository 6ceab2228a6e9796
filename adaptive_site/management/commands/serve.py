"""`manage.py serve`: everything the site needs, in one process to start and to stop."""

import signal
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from adaptive_site.environment import Environment, read_environment
from adaptive_site.lib.postgres.server import LocalPostgres
from adaptive_site.lib.processes.child import end_with_our_parent
from adaptive_site.lib.processes.signals import Stopping, StopRequested
from adaptive_site.serving.private_database import private_database
from adaptive_site.serving.provision import Welcome, collect_static, provision
from adaptive_site.serving.webserver import WebServer, check_address
from adaptive_site.work.child import Background

_LOOK_EVERY = 0.5  # seconds between two looks at our children
_START_LIMIT = 60.0


class Command(BaseCommand):
    """Start the database, bring it up to date, serve, and stop it all again at the end."""

    help = "Start the site: database, migrations, first administrator, web server."
    # Checks cost a second, and CI runs them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--stop-with-parent",
            action="store_true",
            help="stop when the process that started this one ends, however it ends (Linux)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until Ctrl-C or SIGTERM; exit status 0 if it was asked for."""
        self._stopping = Stopping()
        try:
            self._stopping.listen()
            if options["stop_with_parent"]:
                end_with_our_parent(signal.SIGTERM)
            self._serve(read_environment())
        except StopRequested:
            self.stdout.write("Stopped.")

    def _serve(self, environment: Environment) -> None:
        check_address(environment.HOST, environment.PORT)
        environment.check_data_dir()
        note = environment.DATA_DIR / "first-start.txt"
        if not note.exists():
            self.stdout.write("Preparing the database; the first start takes a little longer.")
            self.stdout.flush()
        with ExitStack() as stack:
            database = private_database(environment)
            if database is not None:
                stack.callback(database.stop)  # before it starts: a signal may come at any time
                database.ensure()
            try:
                welcome = provision(environment, note)
            except OperationalError as error:
                raise SystemExit(f"DATABASE_URL: cannot use the database: {error}") from error
            connection.close()
            collect_static()
            # A fault in it shows here, once; and the forked server has it loaded already.
            import_module(settings.ROOT_URLCONF)
            server = WebServer(environment.HOST, environment.PORT)
            stack.callback(server.stop)
            server.start()
            self._await_health(server, database)
            self._greet(server.url.rstrip("/") + f"{settings.PREFIX}/", welcome, note)
            worker = None
            if environment.ADAPTIVE_SITE_WORKER == "on":
                worker = Background()
                stack.callback(worker.stop)
                worker.start()
            while True:
                time.sleep(_LOOK_EVERY)
                self._stopping.check()
                _look_after(server, database)
                if worker is not None:
                    worker.look_after()

    def _greet(self, url: str, welcome: Welcome, note: Path) -> None:
        lines = [f"address:  {url}", f"login:    {welcome.email}"]
        if welcome.is_first_start:
            lines += [f"password: {welcome.password}", f"API key:  {welcome.api_key}"]
            lines += [f"(kept in {note} until you delete it)"]
        elif note.exists():
            lines += [f"password and API key of the first start: {note}"]
        lines += [f"warning:  {said}" for said in welcome.warnings]
        lines += [f"ignored:  {name} (it counts at the first start)" for name in welcome.ignored]
        self.stdout.write("\n".join(["", *lines, "Ctrl-C stops it.", ""]))
        self.stdout.flush()

    def _await_health(self, server: WebServer, database: LocalPostgres | None) -> None:
        deadline = time.monotonic() + _START_LIMIT
        while not (said := server.health()).startswith("200"):
            self._stopping.check()
            if time.monotonic() > deadline:
                raise SystemExit(f"The web server does not become ready: {said or 'no answer'}")
            _look_after(server, database)
            time.sleep(0.5 if said else 0.05)  # one that answers, but is not well, is given time


def _look_after(server: WebServer, database: LocalPostgres | None) -> None:
    """End us if the web server ended; bring back a private database that has gone.

    It goes when it crashed, or when another command had started it and has now ended.
    """
    server.check()
    if database is not None and not database.is_alive():
        database.ensure()
