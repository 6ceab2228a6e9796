"""What a project no longer keeps goes, all of it and nothing else."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection

from adaptive_site.lib.errors import Invalid
from interactions.models import (
    Comparison,
    Feedback,
    Image,
    Interaction,
    InteractionBody,
    InteractionImage,
    InteractionLabel,
)
from interactions.services.analysis import metric_usage
from interactions.services.images import store
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.retention import expiry, limits
from interactions.services.rollups import counts
from projects.models import Event, Project, User
from projects.services.projects import set_retention
from tests import auditing, make

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
OLD = TODAY - timedelta(days=40)
YOUNG = TODAY - timedelta(days=2)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small batches, so that there are several, and no waiting for what other tests left dead."""
    monkeypatch.setattr(expiry, "INTERACTIONS_DELETED_AT_ONCE", 3)
    monkeypatch.setattr(expiry, "_BEHIND", 10_000_000)
    yield


def keep(project: Project, days: int | None = 30) -> Project:
    """Limit a project, without the hour of grace that a person has."""
    Project.objects.filter(id=project.id).update(keep_days=days)
    project.refresh_from_db()
    return project


def ids(project: Project) -> set[UUID]:
    return set(Interaction.objects.in_project(project).values_list("id", flat=True))


def at(when: datetime, project: Project, n: int = 1, **known: object) -> list[UUID]:
    return [
        make.make_interaction(
            project, f"Question {i}", created_at=when + timedelta(minutes=i), **known
        ).id
        for i in range(n)
    ]


def test_what_is_too_old_goes_with_all_that_hangs_on_it(
    project: Project, alice: User, empty_storage: Path
) -> None:
    metric = make.make_metric(project)
    shown = make.image_message(make.data_uri(make.make_image()))
    old = at(OLD, project, 4, messages=[shown], labels={"env": "prod"}, feedback={metric: True})
    young = at(YOUNG, project, 2, labels={"env": "prod", "team": "a"}, feedback={metric: False})
    pairs = [(old[0], young[0]), (young[1], old[1]), (young[0], young[1])]
    given = [
        NewComparison(metric=metric, preferred_id=a, other_id=b, created_at=TODAY) for a, b in pairs
    ]
    kept = compare(project, given, by=alice)[-1]
    keep(project)
    assert expiry.expire_some(project) == 4
    assert expiry.expire_some(project) == 0
    assert ids(project) == set(young)
    bodies = InteractionBody.objects.filter(project=project)
    assert set(bodies.values_list("interaction_id", flat=True)) == set(young)
    postings = InteractionLabel.objects.filter(project=project)
    assert postings.count() == 2 * 4
    assert set(postings.values_list("interaction_id", flat=True)) == set(young)
    given_still = Feedback.objects.in_project(project)
    assert set(given_still.values_list("interaction_id", flat=True)) == set(young)
    assert list(Comparison.objects.in_project(project)) == [kept]
    assert not InteractionImage.objects.filter(project=project).exists()
    counted = Counter(postings.values_list("label_id", flat=True)) | Counter({0: 2})
    assert {label: counts.count(project, label) for label in counted} == counted
    rest = metric_usage.feedback_counts(project)
    assert rest[metric.id].n == 2


def test_the_audit_log_has_an_event_a_batch(project: Project) -> None:
    metric = make.make_metric(project)
    at(OLD, project, 7, feedback={metric: True})
    at(YOUNG, project)
    keep(project)
    while expiry.expire_some(project, seconds=0):
        pass
    events = Event.objects.filter(verb="interactions.expired")
    assert {(one.project, one.subject) for one in events} == {(project, "maple")}
    assert all(one.actor_id is None for one in events)
    until = (TODAY - timedelta(days=30)).date().isoformat()
    assert {(one.details["before"], one.details["days"]) for one in events} == {(until, 30)}
    for name, number in (("interactions", 7), ("feedback", 7), ("comparisons", 0)):
        assert sum(one.details[name] for one in events) == number


def test_whole_days_are_kept_and_the_oldest_goes_first(project: Project) -> None:
    edge = TODAY - timedelta(days=30)
    last_gone, first_kept = edge - timedelta(milliseconds=1), edge
    gone = at(OLD, project, 3) + at(last_gone, project)
    stays = at(first_kept, project)
    keep(project)
    assert expiry.expire_some(project, seconds=0) == 3
    assert ids(project) == {gone[-1], *stays}
    assert expiry.expire_some(project) == 1
    assert ids(project) == set(stays)


def test_a_project_without_a_limit_and_a_strangers_keep_all(
    project: Project, charlies_project: Project
) -> None:
    at(OLD, project, 2)
    keep(charlies_project, 1000)
    theirs = at(OLD, charlies_project, 2)
    assert expiry.expire_some(project) == 0
    keep(project)
    assert expiry.expire_some(project) == 2
    assert expiry.expire_some(charlies_project) == 0
    assert ids(charlies_project) == set(theirs)


def test_a_person_has_an_hour_to_correct_a_wrong_number(project: Project, alice: User) -> None:
    assert list(limits.with_limit()) == []
    set_retention(project, keep_days=3, by=alice)
    event = Event.objects.get(verb="project.retention_set")
    assert (event.actor, event.details) == (alice, {"days": 3, "before": None})
    assert list(limits.with_limit()) == []
    with auditing.without_triggers():
        Event.objects.update(created_at=datetime.now(UTC) - limits.RETENTION_GRACE)
    assert list(limits.with_limit()) == [project]
    set_retention(project, keep_days=3, by=alice)  # changes nothing
    assert list(limits.with_limit()) == [project]
    set_retention(project, keep_days=None, by=alice)
    with auditing.without_triggers():
        Event.objects.update(created_at=datetime.now(UTC) - limits.RETENTION_GRACE)
    assert list(limits.with_limit()) == []


@pytest.mark.parametrize("days", [0, -1, 36_501])
def test_what_is_not_a_number_of_days_is_refused(project: Project, alice: User, days: int) -> None:
    with pytest.raises(Invalid) as refused:
        set_retention(project, keep_days=days, by=alice)
    assert refused.value.field == "keep_days"
    project.refresh_from_db()
    assert project.keep_days is None


def test_it_waits_while_vacuum_is_behind(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    at(OLD, project)
    keep(project)
    monkeypatch.setattr(expiry, "_BEHIND", -1)
    monkeypatch.setattr(expiry, "_BEHIND_SHARE", 0.0)
    with connection.cursor() as cursor:  # what this transaction has written is not counted yet
        cursor.execute("SELECT count(*) FROM pg_stat_user_tables WHERE relname = 'interaction'")
        assert cursor.fetchone() == (1,)
    assert expiry.expire_some(project) == 0
    assert len(ids(project)) == 1


def test_the_command_says_what_would_go_and_then_deletes_it(
    project: Project, charlies_project: Project
) -> None:
    at(OLD, project, 5)
    young = at(YOUNG, project)
    keep(project)
    limit, since = TODAY - timedelta(days=30), f"{OLD:%Y-%m-%d}"
    said = StringIO()
    call_command("retain", "--dry-run", stdout=said)
    assert said.getvalue().splitlines() == [
        "cherry: keeps all",
        f"maple: would delete 5 interactions from before {limit:%Y-%m-%d}, the oldest of {since}",
    ]
    assert len(ids(project)) == 6
    said = StringIO()
    call_command("retain", project="maple", stdout=said)
    assert said.getvalue().startswith("maple: deleted 5 of 5 interactions")
    assert ids(project) == set(young)
    said = StringIO()
    call_command("retain", project="maple", stdout=said)
    assert said.getvalue() == f"maple: nothing from before {limit:%Y-%m-%d}\n"
    with pytest.raises(SystemExit, match="There is no project birch"):
        call_command("retain", project="birch")


def test_images_go_once_no_interaction_shows_them(project: Project, empty_storage: Path) -> None:
    shared, alone = make.make_image(), make.make_image(colour=(0, 0, 0))
    both = make.image_message(make.data_uri(shared), make.data_uri(alone))
    at(OLD, project, messages=[both])
    at(YOUNG, project, messages=[make.image_message(make.data_uri(shared))])
    paths = {image.path for image in Image.objects.in_project(project)}
    for image in Image.objects.in_project(project):
        store.thumbnail(image)
        store.thumbnail(image, "icon")
    assert store.sweep(project) == 0
    keep(project)
    expiry.expire_some(project)
    assert store.sweep(project) == 1
    (left,) = Image.objects.in_project(project)
    assert store.read(left) == shared
    files = {str(p.relative_to(empty_storage)) for p in empty_storage.rglob("*") if p.is_file()}
    thumbnails = {store.thumbnail_path(left, size) for size in ("thumb", "icon")}
    assert files == {left.path, *thumbnails}
    assert left.path in paths
    at(YOUNG, project, messages=[make.image_message(make.data_uri(alone))])
    assert {store.read(image) for image in Image.objects.in_project(project)} == {shared, alone}
