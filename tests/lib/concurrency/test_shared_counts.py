"""Counts of several processes: each has its own, all read them, and the dead have none."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from adaptive_site.lib.concurrency.shared_counts import COUNTS, SharedCounts
from adaptive_site.lib.concurrency.shares import Shares
from adaptive_site.lib.errors import TooOften
from adaptive_site.lib.http.request_bodies import Client, Waiting


def in_fork(work: Callable[[], None]) -> None:
    """Do it in a process of its own, which ends at once, as by a kill."""
    child = os.fork()
    if not child:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.fixture
def spread() -> Iterator[None]:
    """Room for three processes, of which we are the first."""
    COUNTS.spread(3)
    yield
    COUNTS.spread(1)


def test_all_processes_count_together_and_whoever_comes_anew_has_nothing() -> None:
    counts = SharedCounts()
    counts.spread(3)
    counts.add("streams", 2)

    def second() -> None:
        counts.take_row(1)
        assert counts.ahead("streams") == 0
        counts.add("streams", 5)
        counts.add(("streams", 7), 1)

    in_fork(second)
    assert (counts.total("streams"), counts.total(("streams", 7))) == (7, 1)
    assert counts.ahead("streams") == 2  # the third has none
    counts.add("streams", -2)
    assert (counts.total("streams"), counts.ahead("streams")) == (5, 0)
    counts.add("streams", 1)
    counts.clear_row(1)  # of the one that is gone
    assert (counts.total("streams"), counts.total(("streams", 7))) == (1, 0)

    def successor() -> None:
        counts.take_row(1)
        counts.add("streams", 1)

    in_fork(successor)
    assert counts.total("streams") == 2
    in_fork(lambda: counts.take_row(1))
    assert counts.total("streams") == 1


def test_a_share_is_one_persons_in_all_processes(spread: None) -> None:
    mine = Shares(3, "things")

    def second() -> None:
        COUNTS.take_row(1)
        for _ in range(2):
            had.append(mine.one(1))
            had[-1].__enter__()  # and never gives it back

    had: list[AbstractContextManager[None]] = []
    in_fork(second)
    with mine.one(1), mine.one(2):
        assert mine.taken(1) == 3
        with pytest.raises(TooOften, match="you have 3 things"), mine.one(1):
            raise AssertionError("there were four")
    assert (mine.taken(1), mine.taken(2)) == (2, 0)


def test_unfinished_bodies_are_one_clients_in_all_processes(spread: None) -> None:
    client, waiting = Client("203.0.113.7", is_known=False), Waiting()

    def second() -> None:
        COUNTS.take_row(2)
        for _ in range(16):
            waiting.enter(client)

    assert not waiting.is_crowded(client)
    in_fork(second)
    assert waiting.is_crowded(client)
    assert waiting.of_strangers == 16
