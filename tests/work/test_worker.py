"""The worker does what waits, a project at a time, and goes on when something fails."""

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from adaptive_site.environment import ROOT
from adaptive_site.lib.processes.backoff import LONGEST_PAUSE, Backoff
from adaptive_site.work.worker import APPLICATION, Worker, WorkerTask
from interactions.models import Arrival, FeedbackDelta, LabelDelta
from projects.models import Project
from tests import make
from tests.running.prepared import migrated_site
from tests.sites import Site

MAKE_PROJECT = """
from interactions.services.recording.log import log_interactions
from tests import make
project = make.make_project("kept")
log_interactions(project, [make.make_draft(labels={"n": str(n)}) for n in range(50)])
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with interactions that wait for a worker."""
    site = migrated_site(tmp_path_factory.mktemp("site"))
    done = site.run("shell", "-c", MAKE_PROJECT)
    assert done.returncode == 0, done.stderr
    return site


def waiting(site: Site) -> tuple[int, int]:
    """Batches whose texts, and whose counts, wait."""
    with psycopg.connect(site.database.dsn) as connection:
        found = connection.execute(
            "SELECT (SELECT count(*) FROM arrival), (SELECT count(*) FROM label_delta)"
        ).fetchone()
    assert found is not None
    return found


@pytest.mark.django_db
def test_it_does_all_there_is_to_do(project: Project, charlies_project: Project) -> None:
    metric = make.make_metric(project)
    make.make_interactions(project, 1200, feedback={metric: True})
    make.make_interactions(charlies_project, 3)
    worker = Worker()
    worker.drain()
    assert worker.failures == 0
    assert not LabelDelta.objects.exists()
    assert not FeedbackDelta.objects.exists()
    assert not Arrival.objects.filter(project=project).exists()
    assert worker.round() == 0


@pytest.mark.django_db
def test_a_project_that_fails_holds_up_no_other_and_rests_a_while(
    project: Project, charlies_project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    left = {project: 3, charlies_project: 2}
    tried: Counter[Project] = Counter()

    def do(one: Project) -> int:
        tried[one] += 1
        if one == project:
            raise ValueError("a row nobody thought of")
        left[one] -= 1
        return left[one]

    worker = Worker([WorkerTask("counting", lambda: [project, charlies_project], do)])
    worker.drain()
    assert left == {project: 3, charlies_project: 0}
    assert tried == {project: 1, charlies_project: 2}
    assert worker.failures == 1
    (record,) = [one for one in caplog.records if one.levelname == "ERROR"]
    assert record.getMessage() == "counting of maple failed; again in 2 s"
    assert record.exc_info is not None


@pytest.mark.django_db
def test_a_job_that_cannot_say_what_waits_holds_up_no_other(project: Project) -> None:
    done = []

    def broken() -> list[Project]:
        raise RuntimeError("the table is locked")

    def do(one: Project) -> int:
        done.append(one)
        return 0

    worker = Worker([WorkerTask("broken", broken, do), WorkerTask("well", lambda: [project], do)])
    assert worker.round() == 0
    assert (done, worker.failures) == ([project], 1)


@pytest.mark.django_db
def test_what_is_not_urgent_is_looked_at_seldom(project: Project) -> None:
    looked: Counter[str] = Counter()

    def seldom() -> list[Project]:
        looked["seldom"] += 1
        return []

    def after_work() -> list[Project]:
        looked["after work"] += 1
        return [project]

    worker = Worker(
        [
            WorkerTask("seldom", seldom, lambda one: 0, every=600),
            WorkerTask("after work", after_work, lambda one: 1, rest=600),
        ]
    )
    assert [worker.round() for _ in range(3)] == [1, 0, 0]
    assert looked == {"seldom": 1, "after work": 1}


def test_each_failure_is_followed_by_a_longer_rest() -> None:
    now = 0.0
    backoff = Backoff(lambda: now)
    assert [backoff.failed("a") for _ in range(3)] == [2, 4, 8]
    assert backoff.is_resting("a")
    assert not backoff.is_resting("b")
    now = 8.0
    assert not backoff.is_resting("a")
    assert [backoff.failed("a") for _ in range(20)][-1] == LONGEST_PAUSE
    backoff.succeeded("a")
    assert not backoff.is_resting("a")
    assert backoff.failed("a") == 2


def test_the_command_does_all_once_and_ends(made: Site) -> None:
    with made.database:
        assert waiting(made)[1] > 0
        done = made.run("work", "--once")
        assert (done.returncode, done.stderr) == (0, "")
        assert waiting(made)[1] == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_in_the_middle_of_a_statement(
    made: Site, number: signal.Signals
) -> None:
    with made.database as database, psycopg.connect(database.dsn) as lock:
        lock.execute("LOCK TABLE label_delta")  # the worker waits for it
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "work"],
            cwd=ROOT,
            env=made.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        await_session(database.dsn, "wait_event_type = 'Lock'")
        worker.send_signal(number)
        said, _ = worker.communicate(timeout=20)  # the lock is still held
        assert (worker.returncode, said) == (0, "")
    assert not Path(f"/proc/{worker.pid}").exists()


def await_session(dsn: str, condition: str) -> int:
    """Wait until a worker's session is so; returns the process that serves it."""
    deadline = time.monotonic() + 20
    with psycopg.connect(dsn, autocommit=True) as connection:
        while time.monotonic() < deadline:
            found = connection.execute(
                f"SELECT pid FROM pg_stat_activity WHERE application_name = %s AND {condition}",
                [APPLICATION],
            ).fetchone()
            if found is not None:
                return int(found[0])
            time.sleep(0.05)
    raise AssertionError(f"no session of a worker where {condition}")
