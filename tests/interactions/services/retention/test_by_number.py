"""A project that keeps its newest interactions loses the others, and never one more."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from adaptive_site.lib.errors import Forbidden, Invalid
from interactions.models import Interaction, Retention
from interactions.services.holds import rules
from interactions.services.retention import expiry, limits
from interactions.services.rollups import compaction
from projects.models import Event, Project, User
from tests import auditing, make

DAY = timedelta(days=1)
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "INTERACTIONS_DELETED_AT_ONCE", 3)
    monkeypatch.setattr(expiry, "_BEHIND", 10_000_000)


def ids(project: Project) -> list[UUID]:
    mine = Interaction.objects.in_project(project).order_by("id")
    return list(mine.values_list("id", flat=True))


def settle(project: Project) -> None:
    """As an hour after the change."""
    with auditing.without_triggers():
        Event.objects.filter(verb="project.retention_set").delete()
    assert project in limits.with_limit()


@pytest.mark.django_db
def test_the_oldest_go_and_the_newest_stay(project: Project, alice: User) -> None:
    made = make.make_interactions(project, 10)
    assert expiry.survey(project) is None
    limits.keep_newest(project, 4, by=alice)
    assert project not in limits.with_limit()  # for an hour
    event = Event.objects.get(verb="project.retention_set")
    assert event.details == {"newest": 4, "newest_before": None}
    found = expiry.survey(project)
    assert found is not None and (found.interactions, found.held) == (6, 0)
    settle(project)
    compaction.compact(project)  # half of the count is compacted, half of it waits
    newer = make.make_interactions(project, 2, every=10 * DAY)
    assert expiry.expire_some(project) == 8
    assert ids(project) == sorted([made[-1], made[-2], made[-3], newer[-1]])
    told = Event.objects.filter(verb="interactions.expired")
    assert [one.details["interactions"] for one in told.order_by("id")] == [3, 3, 2]
    ran = Retention.objects.get(project=project)
    assert (ran.removed, ran.removed_at is not None) == (8, True)
    assert expiry.expire_some(project) == 0


@pytest.mark.django_db
def test_what_is_held_is_kept_beyond_the_number_and_counts_in_it(
    project: Project, alice: User, client: Client
) -> None:
    old = [
        make.make_interaction(
            project, created_at=TODAY - 50 * DAY, labels={"hold": "a"} if n % 2 else {}
        ).id
        for n in range(4)
    ]
    for _ in range(2):
        make.make_interaction(project, created_at=TODAY - 45 * DAY)
    recent = make.make_interaction(project, created_at=TODAY).id
    rules.place(project, key="hold", value="a", by=alice)
    client.force_login(alice)
    url = "/projects/maple/settings/retention/"
    page = client.post(url, {"keep_newest": "2", "do": "look"}).text
    said = " ".join(page.split())
    assert "Would remove <b>3</b> interactions" in said and "2 are held and stay." in said
    assert limits.newest_of(project) is None  # only counted
    client.post(url, {"keep_newest": "2", "keep_days": "40"})
    project.refresh_from_db()
    assert (limits.newest_of(project), project.keep_days) == (2, 40)
    settle(project)
    assert expiry.expire_some(project) == 4
    assert set(ids(project)) == {old[1], old[3], recent}
    assert "Last removed" in client.get(url).text


@pytest.mark.django_db
def test_fewer_take_the_permission_to_delete(project: Project, alice: User, bob: User) -> None:
    role = bob.memberships.get().role
    role.permissions = ["project:read", "project:manage"]
    role.save()
    with pytest.raises(Forbidden, match="interaction:delete"):
        limits.keep_newest(project, 4, by=bob)
    for wrong in (0, -1, 10**13):
        with pytest.raises(Invalid):
            limits.keep_newest(project, wrong, by=alice)
    limits.keep_newest(project, 4, by=alice)
    limits.keep_newest(project, 5, by=bob)
    limits.keep_newest(project, None, by=bob)
    assert limits.newest_of(project) is None


@pytest.mark.django_db(transaction=True)
def test_it_is_exact_while_others_log(project: Project, alice: User) -> None:
    """Others log old and new interactions meanwhile: the newest 20 of all are what is left."""
    make.make_interactions(project, 30)
    limits.keep_newest(project, 20, by=alice)

    def log() -> None:
        try:
            for _ in range(6):
                make.make_interactions(project, 2, every=-30 * DAY)
                make.make_interactions(project, 2, every=DAY)
        finally:
            connection.close()

    everyone: set[UUID] = set(ids(project))
    loggers = [threading.Thread(target=log) for _ in range(2)]
    for one in loggers:
        one.start()
    while any(one.is_alive() for one in loggers):
        expiry.expire_some(project, seconds=0)
        there = ids(project)
        everyone |= set(there)
        assert len(there) >= 20
    while expiry.expire_some(project):
        pass
    assert len(ids(project)) == 20
