"""Ending a process when a signal asks for it."""

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(KeyboardInterrupt):
    """A signal asked us to stop.

    psycopg cancels the statement in progress on KeyboardInterrupt, and on nothing else; it is no
    Exception, so nothing on the way catches it.
    """


class Stopping:
    """Raises StopRequested in the main thread at the first such signal; later ones are ignored.

    Python drops what is raised in a hook of `fork`, a finalizer or the callback of a weak
    reference ("Exception ignored in"), and the signal with it: whoever goes on for long calls
    `check` now and then.
    """

    def __init__(self) -> None:
        self._is_asked = False

    def listen(self, numbers: Iterable[signal.Signals] = ENDING) -> None:
        """From now on, hear these signals; one that is ignored already, as by nohup, stays so."""
        for number in numbers:
            if not _is_nohup(number):
                signal.signal(number, self._stop)

    def check(self) -> None:
        """Raise StopRequested if one has come."""
        if self._is_asked:
            raise StopRequested

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self._is_asked:
            return  # we are stopping, which another Ctrl-C must not interrupt
        self._is_asked = True
        raise StopRequested


@contextmanager
def held() -> Iterator[None]:
    """Hold the signals back while a process is being started; they arrive at the end.

    A start that is cut short leaves a child that nobody knows of. The child calls `let_go`.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:  # blocking them runs the handler of one that has come already
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_go() -> None:
    """In a child that was started while signals were held: be ended by them, as any program is."""
    for number in ENDING:
        if not _is_nohup(number):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def _is_nohup(number: signal.Signals) -> bool:
    return number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN
