"""A signal ends the process once, even where Python drops what its handler raised."""

import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from adaptive_site.environment import ROOT
from adaptive_site.lib.processes.child import Child
from adaptive_site.lib.processes.signals import ENDING, Stopping, StopRequested, held


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in ENDING}
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def stopping() -> Stopping:
    stopping = Stopping()
    stopping.listen()
    return stopping


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_raises_and_a_second_one_does_not(
    stopping: Stopping, number: signal.Signals
) -> None:
    stopping.check()
    with pytest.raises(StopRequested):
        signal.raise_signal(number)
    for again in ENDING:
        signal.raise_signal(again)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_python_dropped_is_found_by_the_next_check(stopping: Stopping) -> None:
    class Thing:
        pass

    thing = Thing()
    reference = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGTERM))
    del thing  # calls it, and drops what it raises
    assert reference() is None
    with pytest.raises(StopRequested):
        stopping.check()


def test_what_is_ignored_already_as_by_nohup_stays_so() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stopping = Stopping()
    stopping.listen()
    signal.raise_signal(signal.SIGHUP)
    stopping.check()


def test_a_start_is_not_cut_short(stopping: Stopping) -> None:
    done = []
    with pytest.raises(StopRequested), held():
        signal.raise_signal(signal.SIGTERM)
        done.append("the rest of the start")
    assert done


# What hung `serve`: a signal in a hook of fork, where Python drops what its handler raises.
IN_A_HOOK = """
import os, signal
from adaptive_site.lib.processes.child import Child
from adaptive_site.lib.processes.signals import Stopping, StopRequested
Stopping().listen()
os.register_at_fork(before=lambda: os.kill(os.getpid(), signal.SIGTERM))
child = Child("staying", signal.pause)
try:
    child.start()
except StopRequested:
    print("asked", child.is_alive)
child.stop(5)
print(child.is_alive)
"""


def test_a_signal_in_a_hook_of_fork_is_heard_once_the_child_is_known() -> None:
    command = [sys.executable, "-c", IN_A_HOOK]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout.split(), done.stderr) == (["asked", "True", "False"], "")


def _stay() -> None:
    signal.pause()


@pytest.mark.parametrize("number", ENDING)
def test_a_child_started_meanwhile_is_ended_by_signals(
    stopping: Stopping, number: signal.Signals
) -> None:
    child = Child("staying", _stay)
    child.start()
    process = child._process
    assert process is not None
    assert process.pid is not None
    try:
        os.kill(process.pid, number)
        process.join(60)
        assert child.exit_code == -number
        stopping.check()
    finally:
        child.stop(0)
