"""The door of images: to whom, what bytes, and under which headers."""

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image as Pillow

from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.usefixtures("empty_storage")
DATA = make.make_image("JPEG", (640, 400), quality=70)
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def address(project: Project, empty_storage: Path) -> str:
    uri = make.data_uri(DATA, "image/jpeg")
    make.make_interaction(project, messages=[make.image_message(uri)])
    return f"/api/v1/images/{project.uuid}/{SHA256}.jpg"


def test_the_bytes_come_back_as_they_came(client: Client, bob: User, address: str) -> None:
    client.force_login(bob)
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.content == DATA
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{SHA256}.jpg"'
    assert answer.headers["ETag"] == f'"{SHA256}"'
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = answer.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert "Content-Encoding" not in answer.headers


def test_an_api_key_opens_it_too(client: Client, bob_key: str, address: str) -> None:
    answer = client.get(address, headers={"Authorization": f"Bearer {bob_key}"})
    assert answer.content == DATA


def test_what_the_browser_has_is_not_sent_again(client: Client, bob: User, address: str) -> None:
    client.force_login(bob)
    answer = client.get(address, headers={"If-None-Match": f'"{SHA256}"'})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_stranger_finds_nothing_whatever_they_have(
    client: Client, charlie: User, charlie_key: str, address: str
) -> None:
    matching = {"If-None-Match": f'"{SHA256}"'}
    answer = client.get(address, headers={"Authorization": f"Bearer {charlie_key}", **matching})
    assert answer.status_code == 404
    client.force_login(charlie)
    assert client.get(address, headers=matching).status_code == 404


def test_nobody_gets_401(client: Client, address: str) -> None:
    assert client.get(address).status_code == 401
    assert client.get(address, headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_the_same_hash_under_another_project_is_not_there(
    client: Client, charlie: User, charlies_project: Project, address: str
) -> None:
    client.force_login(charlie)
    elsewhere = f"/api/v1/images/{charlies_project.uuid}/{SHA256}.jpg"
    assert client.get(elsewhere).status_code == 404


@pytest.mark.parametrize("name", ["{}.png", "{}.html", "{}.svg", "{}.thumb.png", "0{}.jpg"])
def test_another_name_is_not_there(client: Client, bob: User, address: str, name: str) -> None:
    client.force_login(bob)
    folder = address.rsplit("/", 1)[0]
    assert client.get(f"{folder}/{name.format(SHA256)}").status_code == 404


@pytest.mark.parametrize("size, pixels", [("thumb", (320, 200)), ("icon", (128, 80))])
def test_a_thumbnail_is_a_small_webp(
    client: Client, bob: User, address: str, size: str, pixels: tuple[int, int]
) -> None:
    client.force_login(bob)
    for _ in range(2):  # made, then kept
        answer = client.get(address.replace(".jpg", f".{size}.webp"))
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["ETag"] == f'"{SHA256}.{size}"'
        assert Pillow.open(BytesIO(answer.content)).size == pixels


def test_an_image_is_only_read(client: Client, bob: User, address: str) -> None:
    client.force_login(bob)
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200
