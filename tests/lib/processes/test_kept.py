"""A child that ends is started again, until it plainly cannot stay."""

import logging
import os

import pytest

from adaptive_site.lib.processes import kept
from adaptive_site.lib.processes.child import Child
from adaptive_site.lib.processes.kept import MOST_SHORT_LIVES, SHORT_LIFE, Kept

REST = 1.0


class Clock:
    """Seconds that pass when they are told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Fake(Child):
    """A child without a process, which ends when it is told to, and whose fork may fail."""

    def __init__(self) -> None:
        super().__init__("web 1", lambda: None)
        self.starts, self.code, self.is_refused = 0, None, False
        self.runs = False

    code: int | None

    def start(self) -> None:
        if self.is_refused:
            self.code = None  # as of a process that was never there
            raise BlockingIOError(11, os.strerror(11))
        self.starts += 1
        self.runs, self.code = True, None

    def end(self, code: int = 1) -> None:
        self.runs, self.code = False, code

    @property
    def is_alive(self) -> bool:
        return self.runs

    @property
    def exit_code(self) -> int | None:
        return self.code


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def child() -> Fake:
    return Fake()


def test_it_is_started_again_after_its_rest(clock: Clock, child: Fake) -> None:
    cleared: list[int] = []
    one = Kept(child, REST, clear=lambda: cleared.append(child.starts), clock=clock)
    one.start()
    one.keep()
    assert (child.starts, cleared) == (1, [])
    child.end()
    one.keep()
    one.keep()
    assert (child.starts, cleared) == (1, [1])  # what it had is given back before the next start
    clock.now += REST + 0.1
    one.keep()
    assert (child.starts, cleared) == (2, [1])


def short_lives(one: Kept, clock: Clock, child: Fake, number: int) -> None:
    """Let it end so many times, each as soon as it was started."""
    for _ in range(number):
        assert child.is_alive
        child.end(3)
        one.keep()
        clock.now += REST + 0.1
        one.keep()


def test_one_that_does_not_stay_ends_the_program_with_its_name(clock: Clock, child: Fake) -> None:
    one = Kept(child, REST, may_give_up=True, clock=clock)
    one.start()
    short_lives(one, clock, child, MOST_SHORT_LIVES - 1)
    clock.now += SHORT_LIFE  # this one stays for a while
    short_lives(one, clock, child, MOST_SHORT_LIVES)
    with pytest.raises(SystemExit, match=r"web 1 does not stay: .* 5 times in a row .*\(exit 3\)"):
        short_lives(one, clock, child, 1)


def test_one_that_others_do_without_is_tried_for_ever(clock: Clock, child: Fake) -> None:
    one = Kept(child, REST, clock=clock)
    one.start()
    short_lives(one, clock, child, 3 * MOST_SHORT_LIVES)
    assert child.is_alive


def test_a_fork_that_fails_is_tried_again(
    clock: Clock, child: Fake, caplog: pytest.LogCaptureFixture
) -> None:
    one = Kept(child, REST, may_give_up=True, clock=clock)
    one.start()
    child.end(-9)
    child.is_refused = True
    clock.now += 60
    with caplog.at_level(logging.ERROR, kept.__name__):
        for _ in range(50):
            one.keep()
            clock.now += 0.1
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == "web 1 ended by itself (exit -9)"
    assert len(said) == 3
    assert "web 1 cannot be started" in said[1]
    assert said[1].endswith("again in 2 s")
    assert said[2].endswith("again in 4 s")
    child.is_refused = False
    clock.now += 5
    one.keep()
    assert child.is_alive


def test_a_child_whose_fork_failed_is_neither_alive_nor_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, os.strerror(11))

    child = Child("web 1", lambda: None)
    monkeypatch.setattr(os, "fork", refuse)
    with pytest.raises(BlockingIOError):
        child.start()
    assert (child.is_alive, child.exit_code) == (False, None)
    child.ask_to_end()
    child.stop(0)
