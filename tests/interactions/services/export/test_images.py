"""Images in training files: in the lines, beside them, or not taken."""

from pathlib import Path
from typing import Any

import pytest

from interactions.models import Dataset, Image
from interactions.services.images import store
from interactions.services.training.record import TrainingRecord
from projects.models import Project
from tests import make as making
from tests.interactions.services.export.records import SYSTEM, left_out, lines_of, said

pytestmark = pytest.mark.django_db
Kind = Dataset.Kind


@pytest.fixture
def picture(project: Project, empty_storage: Path) -> Image:
    uri = making.data_uri(making.make_image())
    making.make_interaction(project, messages=[making.image_message(uri)])
    return Image.objects.in_project(project).get()


def asking_of(*addresses: str) -> dict[str, Any]:
    """A user's message with images."""
    return making.image_message(*addresses)


def test_images_stand_in_chat_lines_and_beside_those_of_trl(
    project: Project, picture: Image
) -> None:
    asking = asking_of(f"image:{picture.sha256}")
    record, plain = said(SYSTEM, asking), said()
    (line,) = lines_of(project, Kind.COMPLETION, [record], format="chat")
    assert line["messages"][1]["content"][1] == {
        "type": "image_url",
        "image_url": {"url": store.as_data_uri(picture)},
    }
    assert all(isinstance(message["content"], list) for message in line["messages"])
    (line,) = lines_of(project, Kind.COMPLETION, [record], format="chat", images="addresses")
    url = line["messages"][1]["content"][1]["image_url"]["url"]
    assert url == f"https://here.example/{picture.sha256}.png"
    (line,) = lines_of(project, Kind.COMPLETION, [record], format="adaptive")
    assert line["messages"][1]["content"][1] == {
        "type": "image",
        "url": store.as_data_uri(picture),
    }
    assert "zip" in left_out(project, Kind.COMPLETION, record, format="trl-sft")
    assert "addresses" not in left_out(project, Kind.COMPLETION, plain, format="trl-sft")


def test_images_that_a_format_does_not_take_are_left_out(
    project: Project, empty_storage: Path
) -> None:
    gif = making.data_uri(making.make_image("GIF"), "image/gif")
    making.make_interaction(project, messages=[making.image_message(gif)])
    image = Image.objects.in_project(project).get()
    record = said(asking_of(f"image:{image.sha256}"))
    address = said(asking_of("https://elsewhere.example/x.png"))
    lost = said(asking_of(f"image:{'0' * 64}"))
    many = said(asking_of(*[f"image:{image.sha256}"] * 11))

    def why(one: TrainingRecord, format: str, **chosen: Any) -> str:
        return left_out(project, Kind.COMPLETION, one, format=format, **chosen)

    assert why(record, "chat") == "an image is not JPEG, PNG or WebP"
    assert why(many, "chat") == "it has more than 10 images"
    assert why(record, "adaptive") == ""
    assert why(address, "chat") == ""
    only = "an image is known by its address alone, without its bytes"
    assert why(address, "adaptive") == why(address, "trl-sft", container="zip") == only
    assert why(lost, "chat") == why(lost, "trl-sft", container="zip") == "an image is missing"
    said_so = said(SYSTEM, {"role": "user", "content": "<image>"})
    assert why(said_so, "sharegpt") == "a text says <image>, which would be taken for one"
