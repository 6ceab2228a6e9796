"""A process beside us that runs functions of ours, with Django set up as it is here."""

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from threading import Thread
from typing import Any

import django
from django.conf import settings
from django.db import connection


def pool_of_one(module: str, *, method: str = "forkserver") -> ProcessPoolExecutor:
    """Return a pool of one process, so that what a call left there is found by the next one.

    It starts with the first call of a function of `module`, and ends when we do, however that
    comes, or when nobody holds the pool any more. It is not a fork of ours, which would share
    our connections and the locks of our threads, but of a server that is started with the first
    one and sets Django up once, a second of work. Ctrl-C is for us alone, so that we can let it
    finish what it is at.

    That server stays till our end: who lives long says `spawn`, which leaves nothing behind.
    """
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(["adaptive_site.lib.processes.spawn_setup", module])
    here = (connection.settings_dict, settings.STORAGES)
    return ProcessPoolExecutor(1, context, initializer=_begin, initargs=here)


def _begin(database: dict[str, Any], storages: dict[str, Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    django.setup()
    settings.STORAGES = storages
    connection.settings_dict.update(database)  # which may not be what the settings say


def _end_with_parent() -> None:
    """Wait for the parent's end: the executor's queue never says that nobody is left."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)
