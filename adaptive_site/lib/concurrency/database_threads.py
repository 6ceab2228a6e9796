"""Database work from coroutines: a few threads, each with a connection it keeps."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections, connection

from adaptive_site.lib.concurrency.per_process import database_threads

P = ParamSpec("P")
T = TypeVar("T")

_threads = ThreadPoolExecutor(
    database_threads(settings.WEB_PROCESSES), thread_name_prefix="database"
)
_workers = ThreadPoolExecutor(2, thread_name_prefix="work")
_has_own_thread: ContextVar[bool] = ContextVar("has_own_thread", default=False)


@contextmanager
def in_the_requests_thread() -> Iterator[None]:
    """Let database work inside run in the thread of the Django request that we are part of.

    It then has that thread's connection, and its transaction when there is one.
    """
    token = _has_own_thread.set(True)
    try:
        yield
    finally:
        _has_own_thread.reset(token)


def has_own_thread() -> bool:
    """Whether we are part of a Django request, which must not share its work with others'."""
    return _has_own_thread.get()


async def in_database(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work`, which may use Django's ORM, in one of the threads."""
    if has_own_thread():
        return await sync_to_async(work)(*args, **kwargs)
    context = copy_context()

    def run() -> T:
        close_old_connections()
        try:
            return context.run(work, *args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_threads, run)


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work`, which keeps a processor busy and asks nothing of the database, in a thread."""
    return await asyncio.get_running_loop().run_in_executor(_workers, lambda: work(*args, **kwargs))


def end(thread: ThreadPoolExecutor) -> None:
    """End a pool of one thread that used the database, and give its connection back."""
    # Looked up in the thread it belongs to.
    thread.submit(lambda: connection.close()).result()
    thread.shutdown()
