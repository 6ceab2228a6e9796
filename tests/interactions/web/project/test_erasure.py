"""The page Erasure: a dry run, a typed confirmation, and the job's report."""

import pytest
from django.test import Client

from interactions.models import Interaction, Job, Selection
from interactions.services.jobs import queue
from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db
URL = "/projects/maple/settings/erasure/"


@pytest.fixture
def as_alice(client: Client, alice: User, project: Project) -> Client:
    client.force_login(alice)
    return client


def test_it_looks_asks_and_erases(as_alice: Client, project: Project) -> None:
    make.make_interactions(project, 2)
    gone = make.make_interaction(project, "Which is tall?", "Sequoia", labels={"user": "anna"})
    asked = {"query": "label.user:anna", "words": "sequoia\nanna"}
    looked = as_alice.post(URL, {**asked, "do": "look"})
    assert "What would be erased" in looked.text
    places = looked.context["page"].found.places
    assert (places[0].name, places[0].n) == ("Interactions", 1)
    assert not Selection.objects.in_project(project).exists()
    unsure = as_alice.post(URL, {**asked, "do": "erase", "confirm": "mapel"})
    assert (unsure.status_code, Job.objects.in_project(project).count()) == (422, 0)
    assert "expected maple" in unsure.text

    answer = as_alice.post(URL, {**asked, "do": "erase", "confirm": "maple"})
    job = queue.do_all(Job.objects.in_project(project).get())
    assert job.error == ""
    page = as_alice.get(answer["Location"])
    assert "Nothing is left." in page.text
    assert "Erased: interactions" in page.text
    assert "sequoia" not in page.text.lower()
    assert not Interaction.objects.in_project(project).filter(id=gone.id).exists()
    assert Interaction.objects.in_project(project).count() == 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "expected a filter, ids or words"),
        ({"query": "("}, "expected"),
        ({"ids": "12"}, "expected ids, each on a line of its own"),
        ({"words": "ab"}, "expected 3 to 500 characters in each line"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(
    as_alice: Client, project: Project, asked: dict[str, str], said: str
) -> None:
    for do in ("look", "erase"):
        answer = as_alice.post(URL, {**asked, "do": do, "confirm": "maple"})
        assert (answer.status_code, said in answer.text) == (422, True)
    assert not Job.objects.in_project(project).exists()


def test_it_is_for_who_may_delete(
    client: Client, project: Project, bob: User, charlie: User
) -> None:
    for user, status in ((bob, 403), (charlie, 404)):
        client.force_login(user)
        assert client.get(URL).status_code == status
        assert client.post(URL, {"query": "oak", "do": "look"}).status_code == status
