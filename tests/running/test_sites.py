"""A site that says much goes on."""

import subprocess
import sys

from tests.running.ports import FIRST_PORT, SHARE, WORKERS, free_port
from tests.sites import Server

SAYS_MUCH = "print('up')\nfor n in range(4000): print('x' * 100)\nprint('end')"


def test_a_server_that_complains_for_long_never_waits_for_a_reader() -> None:
    command = [sys.executable, "-u", "-c", SAYS_MUCH]
    with Server(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "up\n"
        server.follow()
        assert server.wait(60) == 0
        said, _ = server.communicate()
    assert said == ("x" * 100 + "\n") * 4000 + "end\n"


def test_a_port_that_was_given_is_not_given_again_and_the_kernel_gives_it_to_nobody() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert min(ports) >= FIRST_PORT and max(ports) < FIRST_PORT + SHARE * WORKERS <= 32_768
