"""Deltas become counts: once each, in any order, beside writers and other folders."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction

from interactions.models import (
    FeedbackDelta,
    Interaction,
    InteractionLabel,
    Label,
    LabelCount,
    LabelDelta,
)
from interactions.services import folding, labels, rollups
from interactions.services.deletion import delete_together
from interactions.services.deltas import ALL
from interactions.services.folding import Folded, fold, fold_once
from interactions.services.log import log_interactions
from projects.models import Project
from tests.make import NOON, make_draft, make_project

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def make(project: Project, n: int, *, at: datetime = NOON, **labels: str) -> list[UUID]:
    """The ids of `n` interactions, an hour apart."""
    drafts = [make_draft(f"{i}", created_at=at + i * HOUR, labels=labels) for i in range(n)]
    return [one.id for one in log_interactions(project, drafts)]


def label_of(project: Project, key: str, value: str | None = None) -> int:
    return labels.resolve(project, [(key, value)])[key, value]


def grains(project: Project, label: int) -> dict[str, int]:
    """By grain: how many the rows of the roll-up say, without what is not folded."""
    counted: Counter[str] = Counter()
    for one in Label.objects.in_project(project).filter(id=label, total__gt=0):
        counted["t"] = one.total
    for row in LabelCount.objects.filter(project=project, label_id=label):
        counted[row.grain] += row.n
    return dict(counted)


def waiting(project: Project) -> int:
    """Deltas that are not folded."""
    tables = (LabelDelta, FeedbackDelta)
    return sum(table.objects.filter(project=project).count() for table in tables)


def test_everything_is_folded_once(project: Project, charlies_project: Project) -> None:
    for one in (project, charlies_project):
        make(one, 3, env="prod")
    n = waiting(project)
    assert fold(project) == n > 0
    assert fold(project) == waiting(project) == 0
    spans = LabelCount.objects.filter(project=project, label_id=ALL).order_by("grain", "start")
    assert [(one.grain, one.start - NOON, one.n) for one in spans if one.grain != "t"] == [
        ("d", -12 * HOUR, 3), ("h", 0 * HOUR, 1), ("h", HOUR, 1), ("h", 2 * HOUR, 1),
    ]  # fmt: skip
    assert waiting(charlies_project) == n
    assert not LabelCount.objects.filter(project=charlies_project).exists()
    for one in (project, charlies_project):
        assert rollups.count(one, ALL) == rollups.count(one, label_of(one, "env", "prod")) == 3


def test_a_pass_takes_the_oldest_and_says_whether_it_left_some(project: Project) -> None:
    make(project, 3)
    assert fold_once(project, at_once=2) == Folded(2, is_all=False)
    assert grains(project, ALL) == {"t": 2, "d": 2, "h": 2}
    assert rollups.count(project, ALL) == 3
    assert fold_once(project, at_once=2) == Folded(1, is_all=True)


def test_a_pass_does_not_take_too_many_labels(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "CELLS_AT_ONCE", 4)
    make(project, 3, env="prod")  # all, the key and the value: three each
    assert fold_once(project) == Folded(2, is_all=False)
    assert fold(project) == 1


def test_days_and_hours_are_kept_of_large_labels_alone(project: Project) -> None:
    """A label that grows is counted from its postings, without those that are not folded yet."""
    lately = datetime.now(UTC) - 2 * DAY
    make(project, 3, at=lately, env="prod")
    prod = label_of(project, "env", "prod")
    fold_once(project, big=4)
    assert grains(project, prod) == {"t": 3}
    make(project, 2, at=NOON, env="prod")
    make(project, 2, at=lately + HOUR, env="prod")
    fold_once(project, big=4, at_once=1)
    assert grains(project, prod) == {"t": 4, "d": 4, "h": 3}  # of 2024 no hours
    fold_once(project, big=4)
    assert grains(project, prod) == {"t": 7, "d": 7, "h": 5}


def test_a_label_that_is_large_from_the_first_is_not_counted(project: Project) -> None:
    make(project, 5, env="prod")
    InteractionLabel.objects.filter(project=project).delete()
    fold_once(project, big=4)
    assert grains(project, label_of(project, "env", "prod")) == {"t": 5, "d": 5}


def test_a_label_that_shrinks_loses_its_days_and_may_grow_again(project: Project) -> None:
    ids = make(project, 4, env="prod")
    prod = label_of(project, "env", "prod")

    def folded_without(n: int) -> dict[str, int]:
        delete_together(project, [ids.pop() for _ in range(n)])
        fold_once(project, big=4)
        return grains(project, prod)

    assert folded_without(0) == {"t": 4, "d": 4}
    assert folded_without(2) == {"t": 2, "d": 2}
    assert folded_without(1) == {"t": 1}
    ids += make(project, 3, at=NOON + DAY, env="prod")
    assert folded_without(0) == {"t": 4, "d": 4}
    assert folded_without(4) == {}
    assert grains(project, ALL) == {}


def test_hours_of_labels_are_deleted_when_they_are_old(project: Project) -> None:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    make(project, 4, at=now - DAY, env="prod")
    prod = label_of(project, "env", "prod")
    fold_once(project, big=4)
    for label in (prod, ALL):
        LabelCount.objects.create(
            project=project, label_id=label, grain="h", start=now - 40 * DAY, n=7
        )
    make(project, 1, at=now, env="prod")
    fold_once(project, big=4)
    assert grains(project, prod)["h"] == 5
    assert grains(project, ALL)["h"] == 5 + 7  # there is but one row an hour of these


def at_once(*works: Callable[[], object]) -> None:
    """Do all of it at the same time, each in a thread with a connection of its own."""
    faults: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as fault:  # told to the test below
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults, faults


class Traffic:
    """Writers, folders and a reader who checks that what it is told can be true."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.prod = label_of(project, "env", "prod")
        self._lock = threading.Lock()
        self._begun = self._done = self._writing = 0

    def write(self) -> None:
        """Batches of four over two days, of which one is deleted again."""
        with self._lock:
            self._writing += 1
        for turn in range(12):
            with self._lock:
                self._begun += 4
            ids = make(self.project, 4, at=NOON + turn * 5 * HOUR, env="prod", turn=str(turn))
            with self._lock:
                self._done += 3
            delete_together(self.project, ids[:1])
            with self._lock:
                self._begun -= 1
        with self._lock:
            self._writing -= 1

    def fold(self) -> None:
        """A few at a time, as fast as it goes."""
        while self.goes_on():
            fold_once(self.project, big=8, at_once=3)

    def read(self) -> None:
        """Counts lie between what was acknowledged and what was begun."""
        while self.goes_on():
            for label in (ALL, self.prod):
                for read in (rollups.count, self._by_day):
                    self._check(read, label)

    def _check(self, read: Callable[[Project, int], int], label: int) -> None:
        with self._lock:
            least = self._done
        n = read(self.project, label)
        with self._lock:  # each writer may have told of one deletion meanwhile
            assert least <= n <= self._begun + 3

    def _by_day(self, project: Project, label: int) -> int:
        edges = [NOON - HOUR * 12, NOON + HOUR * 12, NOON + HOUR * 7 * 24 - HOUR * 12]
        found = rollups.spans(project, label, edges)
        return self._done if found is None else sum(found)  # None while it is small

    def goes_on(self) -> bool:
        """Whether somebody is still writing, or none has begun."""
        return self._writing > 0 or self._begun == 0


@pytest.mark.django_db(transaction=True)
def test_counts_are_exact_beside_writers_and_several_folders() -> None:
    project = make_project()
    traffic = Traffic(project)
    at_once(*[traffic.write] * 3, *[traffic.fold] * 2, traffic.read)
    while not fold_once(project, big=8, at_once=3).is_all:
        pass
    assert waiting(project) == 0
    there = InteractionLabel.objects.filter(project=project)
    for label in (traffic.prod, *(label_of(project, "turn", str(turn)) for turn in range(12))):
        n = there.filter(label_id=label).count()
        folded = grains(project, label)
        assert folded["t"] == folded.get("d", n) == n
    assert grains(project, ALL) == dict.fromkeys("tdh", 3 * 12 * 3)
    assert Interaction.objects.in_project(project).count() == 3 * 12 * 3


@pytest.mark.django_db(transaction=True)
def test_one_folds_a_project_at_a_time() -> None:
    project, other = make_project(), make_project("oak")
    make(project, 1)
    make(other, 1)
    with psycopg.connect(**connection.get_connection_params()) as elsewhere:
        elsewhere.execute("SELECT pg_advisory_xact_lock(%s, %s)", [folding.LOCK, project.id])
        assert (fold(project), fold(other)) == (0, 1)
    assert fold(project) == 1


def wait_for_a_lock() -> None:
    """Until some connection to this database waits for another's lock."""
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_a_fold_that_another_transaction_crossed_is_done_again() -> None:
    project = make_project()
    make(project, 1)
    fold(project)
    make(project, 1)
    with psycopg.connect(**connection.get_connection_params()) as elsewhere:
        elsewhere.execute("UPDATE label_count SET n = n + 10 WHERE grain = 't'")
        work = threading.Thread(target=partial(at_once, partial(fold, project)))
        work.start()
        wait_for_a_lock()
    work.join(30)
    assert waiting(project) == 0
    assert grains(project, ALL) == {"t": 12, "d": 2, "h": 2}


@pytest.mark.django_db(transaction=True)
def test_folding_is_a_transaction_of_its_own() -> None:
    """Within another one it could not see all in one snapshot."""
    project = make_project()
    with transaction.atomic(), pytest.raises(RuntimeError):
        fold(project)
