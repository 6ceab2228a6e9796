"""The worker as our child process, beside the web server: started, watched and stopped."""

import logging
import time

import django
from django.core.management import call_command

from adaptive_site.lib.processes.child import Child

APPLICATION = "adaptive-site worker"  # in pg_stat_activity, where `doctor` looks for it
_GRACE = 5  # seconds for the statement in progress to be cancelled, at the end
_NOT_SOONER = 10  # seconds between two starts, for one that ends at once

logger = logging.getLogger(__name__)


def _work() -> None:
    django.setup()  # does nothing in a forked process, which has it all
    call_command("work")


class Background:
    """`manage.py work` in a process of its own."""

    def __init__(self) -> None:
        self._child = Child("worker", _work)
        self._started = 0.0

    def start(self) -> None:
        """Start it."""
        self._started = time.monotonic()
        self._child.start()

    def stop(self) -> None:
        """Stop it, if it was started."""
        self._child.stop(_GRACE)

    def look_after(self) -> None:
        """Start it again if it has ended by itself."""
        if not self._child.is_alive and time.monotonic() - self._started > _NOT_SOONER:
            logger.error("The worker ended by itself (exit %s)", self._child.exit_code)
            self.start()
