"""Which tests stay together on one worker, and which begin first."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Tests that share what is dear to start, a site, a browser or a million rows.
TOGETHER = ("tests/browser", "tests/contract", "tests/contract/training", "tests/scale")
# The longest first, so that none is left for the end, when the other worker has nothing to do.
LONGEST = (
    "tests/browser",
    "tests/contract",
    "tests/contract/training",
    "tests/scale",
    "tests/fuzz/test_fuzz.py",
    "tests/serving/test_backup.py",
    "tests/serving/test_serve.py",
    "tests/serving/test_durability.py",
    "tests/serving/test_outages.py",
)


def scope_of(nodeid: str) -> str:
    """The folder or the file whose tests one worker runs."""
    path = nodeid.partition("::")[0]
    directory = path.rpartition("/")[0]
    return directory if directory in TOGETHER else path


def longest_first(item: pytest.Item) -> int:
    """Where a test stands among all; those of one scope stay in their order."""
    scope = scope_of(item.nodeid)
    return LONGEST.index(scope) if scope in LONGEST else len(LONGEST)


class Scheduling(LoadScopeScheduling):
    """Gives a worker that has nothing left the next scope, in the order of the tests."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        config.option.loadscopereorder = False  # many tests are not long ones
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)
