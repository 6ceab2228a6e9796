"""What every test may ask for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.http import HttpRequest
from django.test.signals import template_rendered
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker, Settings
from xdist.remote import Producer

from adaptive_site.lib.templates.backend import Template
from interactions.services.recording import labels
from projects.models import Project, User
from projects.services.auditing.event_queue import QUEUE
from tests import auditing, make
from tests.query_counts import QueryCounts
from tests.running.examples import examples
from tests.running.failures import tell_at_once
from tests.running.prepared import running_database
from tests.running.scheduling import Scheduling, longest_first
from tests.served import Served, served

CLIENTS = "published clients"
DOORS = "doors"

# A busy machine takes as long as it takes.
settings.register_profile(
    "busy",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=examples(100),
)
# The same examples each time: what is found is found before it lands.
settings.register_profile(
    "ci", settings.get_profile("busy"), derandomize=True, database=None, print_blob=True
)
settings.load_profile("busy")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let flags pin the numbers of queries anew, and what a new migration says."""
    parser.addoption("--regenerate-query-counts", action="store_true")
    parser.addoption("--freeze-migrations", action="store_true")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many methods of the clients, and doors, are tried; of workers' reports, too."""
    passed = terminalreporter.stats.get("passed", [])
    for section in (CLIENTS, DOORS):
        lines = [line for one in passed for name, line in one.user_properties if name == section]
        if lines:
            terminalreporter.section(section)
            for line in lines:
                terminalreporter.line(line)


@pytest.hookimpl(trylast=True)  # once there is a terminal to write to
def pytest_configure(config: pytest.Config) -> None:
    """Tell what fails while the others still run."""
    tell_at_once(config)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, on many workers as on one."""
    items.sort(key=longest_first)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """With `-n`, as in `make test`."""
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Start the database before pytest-django makes the test database in it."""
    with running_database():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let tests with transactions of their own empty the audit log, too."""
    with django_db_blocker.unblock():
        auditing.let_it_be_emptied()


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Forget the label ids of a database that a test throws away, and what it was to be told."""
    QUEUE.hold()
    yield
    QUEUE.hold()
    labels.forget()


@pytest.fixture(autouse=True, scope="session")
def contexts_told() -> Iterator[None]:
    """Let `answer.context` be what a view gave, as Django does for its own engine."""
    render = Template.render

    def told(self: Template, context: Any = None, request: HttpRequest | None = None) -> str:
        template_rendered.send(sender=self, template=self, context=dict(context or {}))
        text = render(self, context, request)
        assert "bound method" not in text, "a template names a method and does not call it"
        return text

    with patch.object(Template, "render", told):
        yield


@pytest.fixture
def alice(db: None) -> User:
    """The owner of `project`."""
    return make.make_user("alice")


@pytest.fixture
def bob(db: None, project: Project) -> User:
    """A member of `project`."""
    user = make.make_user("bob")
    make.share(project, user, "editor")
    return user


@pytest.fixture
def charlie(db: None) -> User:
    """A stranger to `project`."""
    return make.make_user("charlie")


@pytest.fixture
def project(alice: User) -> Project:
    """Alice's project, which Bob is a member of."""
    return make.make_project("maple", owner=alice)


@pytest.fixture
def charlies_project(charlie: User) -> Project:
    """A project of Charlie's own, which neither Alice nor Bob may see."""
    return make.make_project("cherry", owner=charlie)


@pytest.fixture
def alice_key(alice: User, project: Project) -> str:
    """An API key of Alice's."""
    return make.make_key(alice)


@pytest.fixture
def bob_key(bob: User) -> str:
    """An API key of Bob's."""
    return make.make_key(bob)


@pytest.fixture
def charlie_key(charlie: User, charlies_project: Project) -> str:
    """An API key of Charlie's."""
    return make.make_key(charlie)


@pytest.fixture
def empty_storage(settings: Settings, tmp_path: Path) -> Path:
    """Keep files of this test in a directory of its own, and say where."""
    own = {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": own}
    return tmp_path


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running site with demo data, started as `make serve` does; shared by all who ask."""
    with served(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def query_counts(request: pytest.FixtureRequest, db: None) -> QueryCounts:
    """The numbers of queries pinned in `tests/scale/query_counts.json`."""
    return QueryCounts(is_writing=request.config.getoption("--regenerate-query-counts"))
