"""Other processes that use a LocalPostgres, and can be killed; each may be another user."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from adaptive_site.lib.postgres.account import Account
from adaptive_site.lib.postgres.server import LocalPostgres

# Forked, not started anew: an ordinary user may not reach this Python in root's home.
_FORK = multiprocessing.get_context("fork")
_ANSWER_WITHIN = 60


class Keeper:
    """A process holding one LocalPostgres; each method is run there."""

    def __init__(self, home: Path, binaries: str = "auto", account: Account | None = None) -> None:
        self._pipe, theirs = _FORK.Pipe()
        self.process = _FORK.Process(target=_keep, args=(theirs, home, binaries, account))
        self.process.start()
        theirs.close()

    def ensure(self) -> Any:
        """Call `ensure()`; a SystemExit comes back as its message."""
        return self.ask("ensure")

    def stop(self) -> None:
        """Call `stop()`."""
        self.ask("stop")

    def ask(self, method: str) -> Any:
        """Call any method without arguments and return its result."""
        self.send(method)
        return self.answer()

    def send(self, method: str) -> None:
        """Ask without waiting for the answer."""
        self._pipe.send(method)

    def answer(self) -> Any:
        """Wait for the answer to `send`."""
        assert self._pipe.poll(_ANSWER_WITHIN), "the keeper does not answer"
        return self._pipe.recv()

    def kill(self) -> None:
        """End it by kill -9."""
        self.process.kill()
        self.process.join()


@contextmanager
def keeper(*args: Any, **kwargs: Any) -> Iterator[Keeper]:
    """Have a Keeper for a while; its server is stopped with it."""
    one = Keeper(*args, **kwargs)
    try:
        yield one
        if one.process.is_alive():
            one.stop()
    finally:
        one.kill()


def _keep(pipe: Connection, home: Path, binaries: str, account: Account | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if account is not None:
        os.setgroups([])
        os.setgid(account.gid)
        os.setuid(account.uid)
    postgres = LocalPostgres(home, binaries)
    while True:
        try:
            method = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(getattr(postgres, method)())
        except SystemExit as error:
            pipe.send(str(error))
