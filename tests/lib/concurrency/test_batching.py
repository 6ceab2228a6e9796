"""What is asked for at the same time is done together, and answered one by one."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from adaptive_site.lib.concurrency.batching import Batcher, Busy


class Work:
    """Doubles numbers, once it is let go; the first list is held until then."""

    def __init__(self) -> None:
        self.lists: list[list[int]] = []
        self.may_go = threading.Event()

    def __call__(self, numbers: list[int]) -> Sequence[int | Exception]:
        self.lists.append(numbers)
        assert self.may_go.wait(60)
        if 13 in numbers:
            raise RuntimeError("13 is in it")
        return [ValueError("7") if number == 7 else number * 2 for number in numbers]


async def ask_behind(batcher: Batcher[int, int], work: Work, *numbers: int) -> list[object]:
    """The answers to `numbers`, asked for while the work is at another list; 1000 first."""
    first = asyncio.create_task(batcher.ask(1000))
    while not work.lists:
        await asyncio.sleep(0.001)
    rest = [asyncio.create_task(batcher.ask(number)) for number in numbers]
    await asyncio.sleep(0)
    work.may_go.set()
    return await asyncio.gather(first, *rest, return_exceptions=True)


def test_what_waits_is_done_together_and_each_gets_its_own() -> None:
    work = Work()
    batcher = Batcher("test", work, most=100)
    assert asyncio.run(ask_behind(batcher, work, 1, 2, 3)) == [2000, 2, 4, 6]
    assert work.lists == [[1000], [1, 2, 3]]


def test_a_list_is_no_longer_than_allowed() -> None:
    work = Work()
    batcher = Batcher("test", work, most=2)
    asyncio.run(ask_behind(batcher, work, 1, 2, 3))
    assert work.lists == [[1000], [1, 2], [3]]


def test_one_alone_does_not_wait() -> None:
    work = Work()
    work.may_go.set()
    batcher = Batcher("test", work, most=100)

    async def one_after_another() -> list[int]:
        return [await batcher.ask(number) for number in (1, 2)]

    assert asyncio.run(one_after_another()) == [2, 4]
    assert work.lists == [[1], [2]]


def test_an_exception_in_the_answer_is_raised_to_whom_it_belongs() -> None:
    work = Work()
    answers = asyncio.run(ask_behind(Batcher("test", work, most=100), work, 6, 7, 8))
    assert answers[1:2] + answers[3:] == [12, 16]
    assert isinstance(answers[2], ValueError)


def test_work_that_fails_fails_for_its_list_and_goes_on_with_the_next() -> None:
    work = Work()
    batcher = Batcher("test", work, most=2)
    answers = asyncio.run(ask_behind(batcher, work, 12, 13, 14))
    assert [type(answer) for answer in answers] == [int, RuntimeError, RuntimeError, int]


def test_results_that_are_too_few_are_an_error_not_a_wait() -> None:
    batcher: Batcher[int, int] = Batcher("test", lambda numbers: [], most=2)
    with pytest.raises(AssertionError, match="0 results for 1"):
        asyncio.run(batcher.ask(1))


def test_one_who_goes_away_does_not_stop_the_others() -> None:
    work = Work()
    batcher = Batcher("test", work, most=100)

    async def one_leaves() -> int:
        first = asyncio.create_task(batcher.ask(1))
        second = asyncio.create_task(batcher.ask(2))
        while not work.lists:
            await asyncio.sleep(0.001)
        first.cancel()
        await asyncio.sleep(0)
        work.may_go.set()
        return await second

    assert asyncio.run(one_leaves()) == 4
    assert sum(work.lists, []) == [1, 2]


def test_more_than_there_is_room_for_is_refused() -> None:
    work = Work()
    batcher = Batcher("test", work, most=1, room=2)
    answers = asyncio.run(ask_behind(batcher, work, 1, 2, 3))
    assert answers[:3] == [2000, 2, 4]
    assert isinstance(answers[3], Busy)
    assert answers[3].status == 503
