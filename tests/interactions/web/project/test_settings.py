"""The Settings page: how long a project keeps its interactions."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from projects.models import Event, Project, User
from tests import make

URL = "/projects/maple/settings/"


def test_an_owner_limits_how_long_interactions_are_kept(
    client: Client, alice: User, project: Project
) -> None:
    make.make_interactions(project, 3)
    make.make_interaction(project, created_at=datetime.now(UTC) - timedelta(days=2))
    client.force_login(alice)
    assert "kept for ever" in client.get(URL).text
    answer = client.post(URL, {"keep_days": "30"}, follow=True)
    assert "older than 30 days is deleted for good: 3 now" in answer.text
    assert "3 older interactions, the oldest of 21 February 2024, will be deleted." in answer.text
    project.refresh_from_db()
    assert project.keep_days == 30
    event = Event.objects.get(verb="project.retention_set")
    assert (event.actor, event.project, event.details) == (
        alice,
        project,
        {"days": 30, "before": None},
    )
    assert "kept for ever" in client.post(URL, {"keep_days": ""}, follow=True).text
    project.refresh_from_db()
    assert project.keep_days is None


@pytest.mark.parametrize("days", ["0", "-1", "a week", "1.5", "36501"])
def test_what_is_not_a_number_of_days_is_said_at_the_field(
    client: Client, alice: User, project: Project, days: str
) -> None:
    client.force_login(alice)
    answer = client.post(URL, {"keep_days": days})
    assert answer.status_code == 422
    assert list(answer.context["page"].form.errors) == ["keep_days"]
    project.refresh_from_db()
    assert project.keep_days is None


def test_members_see_it_and_strangers_do_not(
    client: Client, bob: User, charlie: User, project: Project
) -> None:
    client.force_login(bob)
    assert "Owners of the project can change these settings" in client.get(URL).text
    assert client.post(URL, {"keep_days": "1"}).status_code == 403
    client.force_login(charlie)
    assert client.get(URL).status_code == 404
    assert client.post(URL, {"keep_days": "1"}).status_code == 404
    project.refresh_from_db()
    assert project.keep_days is None


def test_a_change_in_the_admin_console_is_audited_too(client: Client, project: Project) -> None:
    root = User.objects.create_superuser("root@example.org", "x", name="Root")
    client.force_login(root)
    form = {"key": "maple", "name": "Maple", "description": "", "keep_days": "7"}
    for prefix in ("shares", "metrics"):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    answer = client.post(f"/admin/projects/project/{project.id}/change/", form)
    assert answer.status_code == 302
    project.refresh_from_db()
    assert project.keep_days == 7
    event = Event.objects.get(verb="project.retention_set")
    assert (event.actor, event.details) == (root, {"days": 7, "before": None})


PRIMARY = f"{URL}primary-metric/"


def test_an_owner_chooses_whose_values_are_on_the_number_keys(
    client: Client, alice: User, project: Project
) -> None:
    make.make_metric(project)
    csat = make.make_metric(project, "csat", "SCALAR")
    client.force_login(alice)
    assert "The most used yes or no, now helpful" in client.get(URL).text
    answer = client.post(PRIMARY, {"primary_metric": "csat"}, follow=True)
    assert "The number keys give csat now." in answer.text
    project.refresh_from_db()
    assert project.primary_metric == csat
    client.post(PRIMARY, {"primary_metric": "csat"})  # once more changes nothing
    event = Event.objects.get(verb="project.primary_metric_set")
    assert (event.actor, event.details) == (alice, {"metric": "csat", "before": ""})
    client.post(PRIMARY, {"primary_metric": ""})
    project.refresh_from_db()
    assert project.primary_metric is None
    csat.delete()
    assert Project.objects.filter(key="maple").exists()


@pytest.mark.parametrize("key", ["other", "gone", "\0", "a" * 500])
def test_only_a_metric_of_the_project_that_takes_feedback_is_primary(
    client: Client, alice: User, project: Project, charlies_project: Project, key: str
) -> None:
    make.make_metric(charlies_project, "other")
    make.make_metric(project, "gone").delete()
    client.force_login(alice)
    answer = client.post(PRIMARY, {"primary_metric": key})
    assert answer.status_code == 422
    assert "expected a metric of this project that takes feedback" in answer.text
    project.refresh_from_db()
    assert project.primary_metric is None


def test_who_may_not_manage_chooses_no_primary_metric(
    client: Client, bob: User, charlie: User, project: Project
) -> None:
    make.make_metric(project)
    for person, status in ((bob, 403), (charlie, 404)):
        client.force_login(person)
        assert client.post(PRIMARY, {"primary_metric": "helpful"}).status_code == status
        assert client.get(PRIMARY).status_code == 405
    project.refresh_from_db()
    assert project.primary_metric is None
