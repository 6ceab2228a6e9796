"""Child processes that end with their parent."""

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

from adaptive_site.lib.processes.signals import held, let_go

_PR_SET_PDEATHSIG = 1
# A forked child has Django imported already, which halves the time of a start.
if sys.platform == "linux":
    _processes = multiprocessing.get_context("fork")
else:  # macOS may not fork without exec
    _processes = multiprocessing.get_context("spawn")


def end_with_parent(number: signal.Signals, parent: int) -> None:
    """Have the kernel send us `number` when the process `parent`, our parent, ends.

    Linux only; elsewhere it does nothing. The kernel watches the *thread* that forked us, so
    a parent must fork from its main thread. A parent that is gone already ends us at once.
    """
    if sys.platform != "linux":
        return
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number.value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def ending_with_us(number: signal.Signals) -> Callable[[], None] | None:
    """Return what `Popen(preexec_fn=…)` needs for a child that gets `number` when we end.

    The library is loaded here: between fork and exec nothing may be imported or locked. It is
    set after the change of user, because that change clears it.
    """
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl

    def in_the_child() -> None:
        prctl(_PR_SET_PDEATHSIG, number.value, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return in_the_child


class Child:
    """A function of ours in a process of its own, which ends with us, however we end.

    It leads a process group, so a Ctrl-C in the terminal reaches only us, and we stop our
    children in order. Start it from the main thread (see `end_with_parent`).
    """

    def __init__(self, name: str, run: Callable[..., None], *arguments: object) -> None:
        self.name = name
        self._run, self._arguments = run, arguments
        self._process: BaseProcess | None = None
        self._is_asked = False

    def start(self) -> None:
        """Start the process, in place of one that has ended."""
        given = (self._run, os.getpid(), *self._arguments)
        self._process = _processes.Process(target=_begin, args=given, name=self.name)
        self._is_asked = False
        with held():
            self._process.start()

    @property
    def is_alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.is_alive()

    @property
    def exit_code(self) -> int | None:
        """How it ended; negative for the signal that ended it, None while it runs."""
        return None if self._process is None else self._process.exitcode

    @property
    def sentinel(self) -> int | None:
        """What `multiprocessing.connection.wait` is told to wake up when the process ends."""
        return None if self._process is None else self._process.sentinel

    def ask_to_end(self) -> None:
        """Ask the process to end, once, and do not wait for that.

        asyncio complains of a signal that comes while it closes its loop.
        """
        if self._process is not None and self._process.pid is not None and not self._is_asked:
            self._is_asked = True
            self._process.terminate()

    def stop(self, grace: float) -> None:
        """Ask it to end, and after `grace` seconds kill it with all it has started."""
        if self._process is None or self._process.pid is None:
            return
        self.ask_to_end()
        self._process.join(grace)
        if self._process.is_alive():
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.join()


def _begin(run: Callable[..., None], parent: int, *arguments: object) -> None:
    os.setpgid(0, 0)
    let_go()
    if sys.platform == "linux":  # for `ps -o comm` and `top`; a chroot may have no /proc
        with suppress(OSError):
            Path("/proc/self/comm").write_text(multiprocessing.current_process().name)
    end_with_parent(signal.SIGTERM, parent)
    run(*arguments)
