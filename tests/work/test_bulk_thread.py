"""A worker does bulk actions whatever else it has to do, exactly once whatever happens."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import pytest

from adaptive_site.environment import ROOT
from interactions.services.bulk.queue import WORKER
from tests.running.prepared import migrated_site
from tests.sites import Site

MAKE = """
from interactions.services.recording.log import log_interactions
from projects.services.access import Caller
from tests import make
alice = make.make_user("alice")
project = make.make_project("kept", owner=alice)
log_interactions(project, [make.make_draft(labels={"n": str(n)}) for n in range(2500)])
"""
BEGIN = """
from django.http import QueryDict
from interactions.services import selections
from interactions.services.bulk import actions
from projects.models import Project, User
from projects.services.access import Caller
alice = User.objects.get(name="Alice")
selection = selections.freeze(Project.objects.get(key="kept"), QueryDict(), by=alice)
actions.begin(selection, "label", {"key": "%s", "value": "prod"}, caller=Caller(alice))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with interactions, whose database runs."""
    site = migrated_site(tmp_path_factory.mktemp("site"))
    with site.database:
        run(site, "shell", "-c", MAKE)
        yield site


def run(site: Site, *arguments: str) -> None:
    done = site.run(*arguments)
    assert done.returncode == 0, done.stderr


def working(site: Site) -> subprocess.Popen[str]:
    """A worker, as soon as it waits for bulk actions."""
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "work"],
        cwd=ROOT, env=site.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    waits = f"SELECT count(*) > 1 FROM pg_stat_activity WHERE application_name = '{WORKER}'"
    until(site, waits)
    return worker


def until(site: Site, question: str, seconds: float = 20) -> None:
    """Wait until the answer is yes."""
    began = time.monotonic()
    with psycopg.connect(site.database.dsn, autocommit=True) as connection:
        while time.monotonic() < began + seconds:
            row = connection.execute(question).fetchone()
            if row is not None and row[0]:
                return
            time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {question}")


def ended(worker: subprocess.Popen[str], number: signal.Signals) -> str:
    worker.send_signal(number)
    said, _ = worker.communicate(timeout=20)
    return said


def test_it_does_not_wait_for_other_work(made: Site) -> None:
    with psycopg.connect(made.database.dsn) as lock:
        lock.execute("LOCK TABLE arrival")  # indexing waits, in the middle of its statement
        worker = working(made)
        run(made, "shell", "-c", BEGIN % "env")
        until(made, "SELECT state = 'done' FROM bulk_action WHERE arguments->>'key' = 'env'")
        assert ended(worker, signal.SIGTERM) == ""
    assert worker.returncode == 0


def test_one_that_is_killed_in_the_middle_is_carried_on_by_the_next(made: Site) -> None:
    run(made, "shell", "-c", BEGIN % "team")
    with psycopg.connect(made.database.dsn) as lock:
        # The second piece waits for a row of its own.
        lock.execute(
            "SELECT FROM interaction WHERE id ="
            " (SELECT id FROM interaction ORDER BY id OFFSET 1500 LIMIT 1) FOR UPDATE"
        )
        worker = working(made)
        until(made, "SELECT done = 1000 FROM bulk_action WHERE arguments->>'key' = 'team'")
        ended(worker, signal.SIGKILL)
    worker = working(made)
    until(made, "SELECT state = 'done' FROM bulk_action WHERE arguments->>'key' = 'team'")
    assert ended(worker, signal.SIGINT) == ""
    with psycopg.connect(made.database.dsn) as connection:
        found = connection.execute(
            "SELECT done, changed,"
            " (SELECT count(*) FROM bulk_action_change c WHERE c.action_id = a.id),"
            " (SELECT count(*) FROM interaction_label p JOIN label l ON l.id = p.label_id"
            "  WHERE l.key = 'team' AND l.value = 'prod') FROM bulk_action a"
            " WHERE arguments->>'key' = 'team'"
        ).fetchone()
    assert found == (2500, 2500, 2500, 2500)
