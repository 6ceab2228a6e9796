"""Child processes that are started again when they end by themselves."""

import logging
import time
from collections.abc import Callable
from math import inf

from adaptive_site.lib.processes.backoff import Backoff
from adaptive_site.lib.processes.child import Child

# A fork that is loaded already needs milliseconds to fail at its start.
SHORT_LIFE = 2.0  # seconds
MOST_SHORT_LIVES = 5

logger = logging.getLogger(__name__)


class Kept:
    """A child that is started again when it ends by itself, at most once in `rest` seconds.

    `clear` is called after each end, before the next start. Where `may_give_up`, five short lives
    in a row end the program: others would go on sending to a process that never stays.
    """

    def __init__(
        self,
        child: Child,
        rest: float,
        *,
        clear: Callable[[], object] = lambda: None,
        may_give_up: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.child = child
        self._rest = rest
        self._clear = clear
        self._may_give_up = may_give_up
        self._clock = clock
        self._started = -inf
        self._short_lives = 0
        self._has_ended = False
        self._refusals = Backoff(clock)

    def start(self) -> None:
        """Start the child."""
        self._started = self._clock()
        self.child.start()
        self._has_ended = False

    def keep(self) -> None:
        """Start the child if it is not there. Raises SystemExit if it does not stay."""
        if self.child.is_alive:
            return
        if self.child.exit_code is not None and not self._has_ended:
            self._has_ended = True
            self._note_end(self.child.exit_code)
        if self._clock() - self._started <= self._rest or self._refusals.is_resting("fork"):
            return
        try:
            self.start()
        except OSError as error:
            # For lack of memory or processes. Each refused fork leaves four open files behind in
            # Python, so we ask less and less often.
            rest = self._refusals.failed("fork")
            logger.error("%s cannot be started: %s; again in %.0f s", self.child.name, error, rest)
        else:
            self._refusals.succeeded("fork")

    def _note_end(self, exit_code: int) -> None:
        """Note that the child has ended, the first time this is seen."""
        logger.error("%s ended by itself (exit %s)", self.child.name, exit_code)
        self._clear()
        is_short = self._clock() - self._started < SHORT_LIFE
        self._short_lives = self._short_lives + 1 if is_short else 0
        if self._may_give_up and self._short_lives >= MOST_SHORT_LIVES:
            raise SystemExit(
                f"{self.child.name} does not stay: it ended {self._short_lives} times in a row"
                f" within {SHORT_LIFE:.0f} s of its start (exit {exit_code})"
            )
