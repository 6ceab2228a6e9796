"""Zips of training files come back as they went: every split, images byte for byte."""

import io
from typing import Any
from zipfile import ZipFile

import pytest

from interactions.models import Comparison, Dataset, Image, InteractionBody, Job
from interactions.services.images import store
from interactions.services.training.record import ModelAnswer, TrainingRecord
from projects.models import Project, User
from tests import make
from tests.interactions import importing_files
from tests.interactions.services.export.records import SYSTEM, USER, made, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_storage")]
Kind = Dataset.Kind


@pytest.fixture
def pictures(project: Project) -> list[Image]:
    for colour in ((180, 60, 20), (20, 160, 60)):
        uri = make.data_uri(make.make_image(colour=colour))
        make.make_interaction(project, messages=[make.image_message(uri)])
    return list(Image.objects.in_project(project).order_by("id"))


@pytest.fixture
def elsewhere(alice: User) -> Project:
    return make.make_project("elsewhere", owner=alice)


def asking(*pictures: Image, **more: Any) -> TrainingRecord:
    """A record of a conversation with these images."""
    shown = make.image_message(*(f"image:{one.sha256}" for one in pictures))
    return said(SYSTEM, shown, {"role": "assistant", "content": "Yes."}, USER, **more)


def zipped(project: Project, kind: str, records: list[TrainingRecord], format: str) -> bytes:
    """A zip of them."""
    with made(project, kind, records, format=format, container="zip").file as file:
        return file.read()


def images_in(message: dict[str, object]) -> list[str]:
    """The addresses of a message's images."""
    content = message["content"]
    parts = content if isinstance(content, list) else []
    return [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]


@pytest.mark.parametrize("format", ["trl-sft", "trl-messages", "sharegpt", "alpaca"])
def test_conversations_come_back_with_their_images(
    project: Project, elsewhere: Project, alice: User, pictures: list[Image], format: str
) -> None:
    one, two = pictures
    records = [
        said(),
        asking(one, two),
        said(split="test", answer="Lost."),
        asking(two, split="validation"),
    ]
    data = zipped(project, Kind.COMPLETION, records, format)
    job = importing_files.imported(elsewhere, alice, data, name="training.zip")
    assert (job.state, importing_files.refused(job)) == (Job.State.DONE, [])
    bodies = list(InteractionBody.objects.in_project(elsewhere).order_by("interaction_id"))
    found = [
        ([url for message in body.messages for url in images_in(message)], body.completion)
        for body in bodies
    ]
    assert found == [
        ([], "Shipped."),
        ([f"image:{one.sha256}", f"image:{two.sha256}"], "Shipped."),
        ([f"image:{two.sha256}"], "Shipped."),
        ([], "Lost."),
    ]
    assert [message["role"] for message in bodies[1].messages] == [
        "system", "user", "assistant", "user",
    ]  # fmt: skip
    there = {image.sha256: store.read(image) for image in Image.objects.in_project(elsewhere)}
    assert there == {image.sha256: store.read(image) for image in pictures}


@pytest.mark.parametrize("format", ["trl-dpo", "trl-dpo-implicit", "sharegpt", "alpaca"])
def test_preferences_come_back_with_their_images(
    project: Project, elsewhere: Project, alice: User, pictures: list[Image], format: str
) -> None:
    pairs = [asking(one, other=ModelAnswer("No.")) for one in pictures]
    data = zipped(project, Kind.PREFERENCE, pairs, format)
    job = importing_files.imported(elsewhere, alice, data, name="training.zip")
    assert (job.state, importing_files.refused(job)) == (Job.State.DONE, [])
    compared = Comparison.objects.in_project(elsewhere).order_by("id")
    sides = [(one.preferred.body, one.other.body) for one in compared]
    assert [(a.completion, b.completion) for a, b in sides] == [("Shipped.", "No.")] * 2
    assert [images_in(a.messages[1]) for a, _ in sides] == [
        [f"image:{one.sha256}"] for one in pictures
    ]


def test_a_record_whose_image_is_not_in_the_zip_is_refused(
    project: Project, elsewhere: Project, alice: User, pictures: list[Image]
) -> None:
    data = zipped(project, Kind.COMPLETION, [asking(pictures[0]), said()], "trl-sft")
    without = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as whole, ZipFile(without, "w") as cut:
        for name in whole.namelist():
            if not name.endswith(".png"):
                cut.writestr(name, whole.read(name))
    job = importing_files.imported(elsewhere, alice, without.getvalue(), name="training.zip")
    ((number, reason),) = importing_files.refused(job)
    assert (number, f"the archive has no images/{pictures[0].sha256}.png" in reason) == (1, True)
    assert InteractionBody.objects.in_project(elsewhere).count() == 1
