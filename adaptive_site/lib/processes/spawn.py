"""Processes that run a function of ours beside us, with Django set up as it is here."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string


def spawn(work: str, *given: Any) -> BaseProcess:
    """Start the function `work`, by its dotted name, in a new process; it ends when we end.

    Not a fork of ours, which would share our connections and the locks of our threads, but of
    a server that is started with the first one: it sets Django up once, a second of work.
    Ctrl-C is for us alone, so that we can let it finish what it is at.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload(
        ["adaptive_site.lib.processes.spawn_setup", work.rpartition(".")[0]]
    )
    here = (connection.settings_dict, settings.STORAGES, work, given)
    process = context.Process(target=_run, args=here, daemon=True)
    process.start()
    return process


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Put off Ctrl-C until the end: a message read or sent by half would be the last one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[FrameType | None] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if pressed and callable(before):
            before(signal.SIGINT, pressed[0])


def _run(
    database: dict[str, Any], storages: dict[str, Any], work: str, given: tuple[Any, ...]
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
    settings.STORAGES = storages
    connection.settings_dict.update(database)  # which may not be what the settings say
    try:
        import_string(work)(*given)
    finally:
        connection.close()
