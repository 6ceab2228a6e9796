"""The Settings page: whose values are on the number keys."""

import pytest
from django.test import Client

from projects.models import Event, Project, User
from tests import make

URL = "/projects/maple/settings/"
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
