"""A project is made, renamed, archived, restored and deleted in the app."""

from typing import Any

from django.test import Client

from interactions.models import Interaction, Job
from projects.models import Project, User
from tests import make

SETTINGS = "/projects/maple/settings/"


def post(secret: str, path: str, **body: Any) -> Any:
    sent = {"Authorization": f"Bearer {secret}"}
    return Client().post(f"/api/v1/{path}", body, content_type="application/json", headers=sent)


def test_a_project_is_made_by_who_may(
    client: Client, alice: User, charlie: User, project: Project
) -> None:
    client.force_login(alice)
    made = client.post("/projects/new/", {"name": "Silver Birch"})
    assert made.headers["Location"] == "/projects/silver-birch/interactions/"
    again = client.post("/projects/new/", {"name": "Other", "key": "maple"})
    assert again.status_code == 422
    assert 'aria-invalid="true"' in again.text
    assert client.post("/projects/new/", {"name": " ", "key": "a b"}).status_code == 422
    client.force_login(charlie)
    assert client.get("/projects/new/").status_code == 403
    assert "New project" not in client.get("/").text


def test_the_list_says_how_much_each_holds(client: Client, alice: User, project: Project) -> None:
    make.make_interactions(project, 3)
    client.force_login(alice)
    page = client.get("/").text
    assert "3 interactions" in page
    assert "the last 21 Feb 2024" in page


def test_an_archived_project_is_read_and_not_written_to(
    client: Client, alice: User, bob: User, alice_key: str, project: Project
) -> None:
    made = make.make_interaction(project)
    make.make_metric(project)
    client.force_login(alice)
    client.post(f"{SETTINGS}archive/")
    turn = {"role": "user", "content": "x"}
    given = {"metric": "helpful", "value": 1}
    for answer in (
        post(alice_key, "interactions", project="maple", messages=[turn], completion="y"),
        post(alice_key, "chat/completions", model="maple/echo", messages=[turn]),
        post(alice_key, "feedback", completion_id=str(made.id), **given),
    ):
        assert answer.status_code == 409, answer.content
        assert "is archived" in answer.json()["error"]
    label = f"/projects/maple/interactions/{made.id}/labels/"
    assert client.post(label, {"key": "a", "value": "b"}).status_code == 409
    assert client.get(f"/projects/maple/interactions/{made.id}/").status_code == 200
    assert "archived" in client.get("/").text
    assert Interaction.objects.in_project(project).count() == 1
    root = make.make_key(make.make_user("root", is_superuser=True))
    refused = post(root, "interactions", project="maple", messages=[turn], completion="y")
    assert refused.status_code == 409  # for administrators too
    client.force_login(bob)
    assert client.post(f"{SETTINGS}archive/", {"restore": "1"}).status_code == 403
    client.force_login(alice)
    client.post(f"{SETTINGS}archive/", {"restore": "1"})
    stored = post(alice_key, "interactions", project="maple", messages=[turn], completion="y")
    assert stored.status_code == 201


def test_a_project_is_renamed_and_its_key_stays(
    client: Client, alice: User, project: Project
) -> None:
    client.force_login(alice)
    client.post(f"{SETTINGS}name/", {"name": "Acer", "description": "trees"})
    project.refresh_from_db()
    assert (project.name, project.key, project.description) == ("Acer", "maple", "trees")
    assert "Name:" in client.post(f"{SETTINGS}name/", {"name": ""}, follow=True).text
    project.refresh_from_db()
    assert project.name == "Acer"


def test_a_project_is_deleted_when_its_name_is_typed(
    client: Client, alice: User, bob: User, project: Project
) -> None:
    client.force_login(bob)
    assert client.post(f"{SETTINGS}delete/", {"name": "Maple"}).status_code == 403
    client.force_login(alice)
    answer = client.post(f"{SETTINGS}delete/", {"name": "maple"}, follow=True)
    assert "Nothing was deleted" in answer.text
    assert client.post(f"{SETTINGS}delete/", {"name": "Maple"}).headers["Location"] == "/"
    assert client.get(SETTINGS).status_code == 404
    assert "Maple" not in client.get("/").text.split("<main", 1)[1]
    assert not Job.objects.in_project(project).exists()
