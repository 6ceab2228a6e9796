"""The Retention page: how long and how many interactions a project keeps, and what is held."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from projects.models import Event, Project, User
from tests import make

URL = "/projects/maple/settings/retention/"


def test_an_owner_limits_how_long_interactions_are_kept(
    client: Client, alice: User, project: Project
) -> None:
    make.make_interactions(project, 3)
    make.make_interaction(project, created_at=datetime.now(UTC) - timedelta(days=2))
    client.force_login(alice)
    assert "kept for ever" in client.get(URL).text
    answer = client.post(URL, {"keep_days": "30"}, follow=True)
    assert "3 interactions are deleted for good" in answer.text
    assert "Still to be removed" in answer.text
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
    assert "Owners of the project can change this" in client.get(URL).text
    assert client.post(URL, {"keep_days": "1"}).status_code == 403
    client.force_login(charlie)
    assert client.get(URL).status_code == 404
    assert client.post(URL, {"keep_days": "1"}).status_code == 404
    project.refresh_from_db()
    assert project.keep_days is None
