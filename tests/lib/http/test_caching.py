"""What browsers may keep: pages and answers of the API nothing, images and static files all."""

from hashlib import sha256
from pathlib import Path

import pytest
from django.test import Client

from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db


def test_pages_are_kept_by_nobody(client: Client, alice: User, project: Project) -> None:
    (id,) = make.make_interactions(project, 1)
    client.force_login(alice)
    for address in (
        *("/", "/keys/", "/account/password/", "/projects/maple/interactions/"),
        f"/projects/maple/interactions/{id}/",
        *("/projects/maple/settings/", "/projects/maple/connect/", "/nowhere/", "/admin/"),
    ):
        said = client.get(address)["Cache-Control"]
        assert "no-store" in said, address
        assert "private" in said, address
    beside = client.get(
        f"/projects/maple/interactions/{id}/",
        headers={"HX-Request": "true", "HX-Target": "open-interaction"},
    )
    assert beside["Cache-Control"] == "private, no-store"


def test_answers_of_the_api_are_kept_by_nobody(alice_key: str) -> None:
    known = {"Authorization": f"Bearer {alice_key}"}
    assert Client().get("/api/v1/models", headers=known)["Cache-Control"] == "no-store"
    assert Client().get("/api/v1/models")["Cache-Control"] == "no-store"
    body = {"query": "{ __typename }"}
    answer = Client().post("/api/graphql", body, content_type="application/json", headers=known)
    assert answer["Cache-Control"] == "no-store"


def test_images_are_kept_by_the_browser(
    client: Client, alice: User, project: Project, empty_storage: Path
) -> None:
    data = make.make_image()
    make.make_interaction(project, messages=[make.image_message(make.data_uri(data))])
    client.force_login(alice)
    answer = client.get(f"/api/v1/images/{project.uuid}/{sha256(data).hexdigest()}.png")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
