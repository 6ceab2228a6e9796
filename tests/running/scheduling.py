"""Which tests stay together on one worker, and which begin first."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Tests that share what is dear to start, a site, a provider or a million rows.
TOGETHER = (
    "tests/contract",
    "tests/contract/training",
    "tests/projects/web/openid",
    "tests/scale",
)
# Those of the browser in parts that take about as long as one another, by what they are about; the
# worker of each starts a site and a browser. Those that ask for `real` are one part, for it takes
# half a minute to import.
BROWSER = {
    "the real interactions": "builder bulk charts desk groups_and_trends images pairs_review query",
    "every page": "axe below_a_path frame going phone weight",
    "the list, its files": (
        "beside_the_rows browsing bulk_few export export_training first_minutes live rows side"
        " sorting"
    ),
    "one interaction, datasets": (
        "datasets feedback_keys importing interaction on_their_way peek people project_pages"
        " signing_in"
    ),
}
PART_OF = {
    f"tests/browser/test_{name}.py": f"tests/browser: {part}"
    for part, names in BROWSER.items()
    for name in names.split()
}
# The longest first, so that none is left for the end, when the other workers have nothing to do.
LONGEST = (
    *dict.fromkeys(PART_OF.values()),
    "tests/contract",
    "tests/hostile/test_payloads.py",
    "tests/serving/test_serve.py",
    "tests/contract/training",
    "tests/scale",
    "tests/fuzz/test_fuzz.py",
    "tests/serving/test_backup.py",
    "tests/interactions/doors/test_every_door.py",
    "tests/serving/test_durability.py",
    "tests/serving/test_web_processes.py",
    "tests/serving/test_failover.py",
    "tests/serving/test_replica.py",
    "tests/serving/test_pooler.py",
    "tests/test_upgrade.py",
    "tests/interactions/web/listing/test_live.py",
    "tests/serving/test_outages.py",
    "tests/projects/web/openid",
)


def scope_of(nodeid: str) -> str:
    """The folder, the part of the browser's tests or the file whose tests one worker runs."""
    path = nodeid.partition("::")[0]
    directory = path.rpartition("/")[0]
    return PART_OF.get(path, directory if directory in TOGETHER else path)


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
