"""`manage.py serve`: everything the site needs, in one process to start and to stop."""

import gc
import os
import signal
from argparse import ArgumentParser
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection

from adaptive_site.environment import Environment, read_environment
from adaptive_site.lib.processes.child import end_with_parent
from adaptive_site.lib.processes.signals import Stopping, StopRequested
from adaptive_site.serving.provision import (
    Welcome,
    collect_static,
    ignored_settings,
    provision,
)
from adaptive_site.serving.supervisor import Supervisor
from adaptive_site.serving.webserver import check_address


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
        stopping = Stopping()
        try:
            stopping.listen()
            if options["stop_with_parent"]:
                end_with_parent(signal.SIGTERM, os.getppid())
            self._serve(read_environment(), stopping)
        except StopRequested:
            self.stdout.write("Stopped.")

    def _serve(self, environment: Environment, stopping: Stopping) -> None:
        check_address(environment.HOST, environment.PORT)
        environment.check_data_dir()
        note = environment.DATA_DIR / "first-start.txt"
        if not note.exists():
            self.stdout.write("Preparing the database; the first start takes a little longer.")
            self.stdout.flush()
        with Supervisor(environment, stopping) as site:
            site.start_database(meanwhile=_load)
            try:
                welcome = provision(environment, note)
            except OperationalError as error:
                raise SystemExit(f"DATABASE_URL: cannot use the database: {error}") from error
            connection.close()
            collect_static()
            site.start_web()
            ignored = () if welcome.is_first_start else self._ignored(environment)
            self._greet(site.url.rstrip("/") + f"{settings.PREFIX}/", welcome, note, ignored)
            site.watch()

    def _ignored(self, environment: Environment) -> tuple[str, ...]:
        """The settings of a first start that count no more; none while the database is away."""
        try:
            return tuple(ignored_settings(environment))
        except (OperationalError, InterfaceError) as error:
            self.stderr.write(f"Which settings are ignored is not known: {error}")
            return ()
        finally:
            connection.close()

    def _greet(self, url: str, welcome: Welcome, note: Path, ignored: Iterable[str]) -> None:
        lines = [f"address:  {url}", f"login:    {welcome.email}"]
        if welcome.is_first_start:
            lines += [f"password: {welcome.password}", f"API key:  {welcome.api_key}"]
            lines += [f"(kept in {note} until you delete it)"]
        elif note.exists():
            lines += [f"password and API key of the first start: {note}"]
        lines += [f"warning:  {said}" for said in welcome.warnings]
        lines += [f"ignored:  {name} (it counts at the first start)" for name in ignored]
        self.stdout.write("\n".join(["", *lines, "Ctrl-C stops it.", ""]))
        self.stdout.flush()


def _load() -> None:
    """Load all that the forked processes need: a fault in it shows here, once.

    `manage.py` has turned the collector of garbage off. What is loaded stays, so it is not looked
    through from now on; that would also write to it, and each process had a copy of its own.
    """
    import_module(settings.ROOT_URLCONF)
    gc.freeze()
    gc.enable()
