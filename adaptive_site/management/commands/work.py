"""`manage.py work`: what is done behind the requests."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from adaptive_site.lib.processes.signals import Stopping, StopRequested
from adaptive_site.work import worker
from adaptive_site.work.bulk_thread import Acting


class Command(BaseCommand):
    """Fold the roll-ups, index texts and delete what is too old, as it comes up."""

    help = "Do the work behind the requests, until Ctrl-C or SIGTERM. `serve` runs one by itself."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--once", action="store_true", help="do all there is to do now, then end"
        )

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        """Work; exit status 1 if `--once` left something that had failed."""
        stopping = Stopping()
        work = worker.Worker() if once else worker.Worker(worker.JOBS)
        try:
            worker.prepare(stopping)
            if once:
                work.drain(stopping)
            else:
                with Acting():
                    work.run(stopping)
        except StopRequested:
            return
        if work.failures:
            raise SystemExit(f"{work.failures} pieces of work failed; see the log")
