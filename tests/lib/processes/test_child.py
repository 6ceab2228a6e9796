"""A child process is asked to end once, and killed when it does not."""

import os
import signal
import time

from adaptive_site.lib.processes.child import Child


def deaf(ready: int, asked: int) -> None:
    """Say each SIGTERM in a pipe, and go on."""
    signal.signal(signal.SIGTERM, lambda *_: os.write(asked, b"!"))
    os.write(ready, b"!")
    while True:
        time.sleep(60)


def test_it_is_asked_once_and_killed_after_the_grace() -> None:
    ready, asked = os.pipe(), os.pipe()
    child = Child("deaf", deaf, ready[1], asked[1])
    child.start()
    assert os.read(ready[0], 1) == b"!"
    child.ask_to_end()
    assert os.read(asked[0], 1) == b"!"  # two that come together are one
    child.stop(0.1)
    assert child.exit_code == -signal.SIGKILL
    for end in (*ready, asked[1]):
        os.close(end)
    assert os.read(asked[0], 9) == b""
    os.close(asked[0])
