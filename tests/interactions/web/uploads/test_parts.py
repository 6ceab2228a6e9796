"""Uploads by a page's script: with the session, its token, and in one project."""

from typing import Any

import pytest
from django.test import Client

from interactions.models import Upload
from interactions.services.uploads.reader import open_upload
from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.usefixtures("empty_storage")
BASE = "/projects/maple/uploads/"
FORM = {"name": "chats.jsonl", "size": "4", "total_parts_count": "2"}


def send(client: Client, id: str, number: int, data: bytes, **more: Any) -> Any:
    """Send one part."""
    address = f"{BASE}{id}/parts/{number}/"
    return client.post(address, data, content_type="application/octet-stream", **more)


def test_begun_sent_and_asked_after(client: Client, alice: User, project: Project) -> None:
    client.force_login(alice)
    id = client.post(BASE, FORM).json()["session_id"]
    send(client, id, 2, b"cd")
    assert client.get(f"{BASE}{id}/").json()["completed_parts"] == [2]
    send(client, id, 1, b"ab")
    upload = Upload.objects.get(id=id)
    assert (upload.project, upload.name, upload.size) == (project, "chats.jsonl", 4)
    with open_upload(upload) as file:
        assert file.read() == b"abcd"
    assert client.post(f"{BASE}{id}/abort/").status_code == 204
    assert client.get(f"{BASE}{id}/").json() == {
        "error": "there is no such upload of yours; it may have been given up, or expired"
    }


def test_a_request_from_elsewhere_lacks_the_token(alice: User, project: Project) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(BASE, FORM).status_code == 403
    client.get("/projects/maple/interactions/")
    token = client.cookies["adaptive_site_csrf"].value
    answer = client.post(BASE, FORM, headers={"X-CSRFToken": token})
    id = answer.json()["session_id"]
    assert send(client, id, 1, b"ab").status_code == 403
    assert send(client, id, 1, b"ab", headers={"X-CSRFToken": token}).status_code == 200


def test_who_may(client: Client, alice: User, charlie: User, project: Project) -> None:
    other = make.make_project("oak", owner=alice)
    client.force_login(alice)
    id = client.post(BASE, FORM).json()["session_id"]
    assert client.get(f"/projects/{other.key}/uploads/{id}/").status_code == 404
    client.force_login(charlie)
    assert client.post(BASE, FORM).status_code == 404
    viewer = make.make_user("vera")
    make.share(project, viewer, "viewer")
    client.force_login(viewer)
    assert client.post(BASE, FORM).status_code == 403


@pytest.mark.parametrize("name", ["size", "total_parts_count"])
@pytest.mark.parametrize("value", ["", "-1", "x", "9" * 20])
def test_malformed(client: Client, alice: User, project: Project, name: str, value: str) -> None:
    client.force_login(alice)
    answer = client.post(BASE, FORM | {name: value})
    assert answer.status_code == 400
    assert answer.json()["field"] == name
