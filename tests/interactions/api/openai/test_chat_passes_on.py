"""What a model may understand reaches it as it was sent, and is logged; nothing is refused."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from interactions.models import Image, Interaction
from interactions.services.images import store
from projects.models import Project
from tests import make
from tests.interactions.asking import QUESTION, ask, events_of, logged, make_external, post
from tests.interactions.odd_messages import IMAGES, MESSAGES, PARTS, PNG, SOUND, of_part
from tests.upstream import TOLD, Upstream, streams

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_storage")]


@pytest.mark.parametrize("odd", MESSAGES)
def test_odd_messages_reach_the_model_and_the_log_as_they_came(
    alice_key: str, project: Project, provider: Upstream, odd: str
) -> None:
    make_external(project, provider)
    messages = [MESSAGES[odd], QUESTION, MESSAGES[odd]]
    answer = post(alice_key, messages=messages)
    assert answer.status_code == 200, answer.text
    assert provider.seen[0].body["messages"] == messages
    assert logged(project).interaction.body.messages == messages


@pytest.mark.parametrize("odd", PARTS)
def test_odd_parts_reach_the_model_and_the_log_as_they_came(
    alice_key: str, project: Project, provider: Upstream, odd: str
) -> None:
    make_external(project, provider)
    provider.answer = streams(*TOLD)
    roles = ("system", "assistant", "tool", "user")
    messages = [{**of_part(PARTS[odd]), "role": role} for role in roles]
    events_of(post(alice_key, messages=messages, stream=True))
    assert provider.seen[0].body["messages"] == messages
    assert logged(project).interaction.body.messages == messages


@pytest.mark.parametrize("odd", IMAGES)
def test_odd_images_go_on_unchanged_and_are_kept_under_their_true_type(
    alice_key: str, project: Project, provider: Upstream, odd: str
) -> None:
    make_external(project, provider)
    url, data, file_format, is_shown = IMAGES[odd]
    messages = [make.image_message(url)]
    answer = post(alice_key, messages=messages)
    assert answer.status_code == 200, answer.text
    assert provider.seen[0].body["messages"] == messages
    sha256 = hashlib.sha256(data).hexdigest()
    one = logged(project)
    part = one.interaction.body.messages[0]["content"][1]
    assert part == {"type": "image_url", "image_url": {"url": f"image:{sha256}"}}
    (image,) = one.images
    assert (image.format, image.is_shown, image.size) == (file_format, is_shown, len(data))
    assert store.read(image) == data


def test_an_image_in_a_tool_s_answer_is_kept_as_any_other(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    shown = {**make.image_message(make.data_uri(PNG)), "role": "tool", "tool_call_id": "1"}
    assert post(alice_key, messages=[QUESTION, shown]).status_code == 200
    assert provider.seen[0].body["messages"] == [QUESTION, shown]
    assert [store.read(image) for image in logged(project).images] == [PNG]


def test_an_image_that_was_one_too_many_is_shown_once_it_comes_alone(
    alice_key: str, project: Project, provider: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interactions.services.images.store.MAX_PIXELS_TOGETHER", 1500)
    make_external(project, provider)
    other = make.data_uri(make.make_image("PNG", (20, 40)))
    assert (
        post(alice_key, messages=[make.image_message(other, make.data_uri(PNG))]).status_code == 200
    )
    found = {image.height: image for image in logged(project).images}
    assert (found[40].is_shown, found[0].is_shown) == (True, False)
    assert post(alice_key, messages=[make.image_message(make.data_uri(PNG))]).status_code == 200
    again = Image.objects.in_project(project).get(id=found[0].id)
    assert (again.width, again.height, again.is_shown) == (40, 30, True)
    assert store.thumbnail(again)


def test_images_beyond_a_thousand_stay_in_their_message(
    alice_key: str, project: Project, provider: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interactions.services.images.store.MAX_IMAGES", 2)
    make_external(project, provider)
    url = make.data_uri(PNG)
    assert post(alice_key, messages=[make.image_message(url, url, url)]).status_code == 200
    one = logged(project)
    assert len(one.images) == 2
    assert one.interaction.body.messages[0]["content"][3]["image_url"]["url"] == url


@pytest.mark.parametrize(
    ("agent", "is_object"),
    [
        ("adaptive_sdk/0.14.2", False),
        ("curl/8.5.0", False),
        ("python-httpx/0.28.1", False),
        ("", False),
        ("node", True),  # of Node's fetch, with which ai 4 says nothing of itself
        ("ai/7.0.173 ai-sdk-provider-utils/5.0.81 node.js/24", True),
        ("ai-sdk/openai/3.0.141 ai-sdk/provider-utils/4.0.66 runtime/node.js/24", True),
        ("OpenAI/v1 PythonBindings/0.28.1", True),
        ("Go-http-client/1.1", True),
        ("Mozilla/5.0", True),
    ],
)
def test_a_reason_is_told_in_the_shape_that_the_client_shows(
    alice_key: str, project: Project, agent: str, is_object: bool
) -> None:
    headers = {"User-Agent": agent} if agent else {}
    said = "EntityNotFound: model not found or not attached"
    embeddings = "/api/v1/embeddings"
    for more in ({}, {"stream": True}, {"path": embeddings, "input": "x"}):
        error = ask(alice_key, model="maple/nothing", headers=headers, **more).json()["error"]
        assert (error["message"] if is_object else error) == said
    client = Client()
    answer = client.post("/api/v1/responses", {}, "application/json", headers=headers)
    error = answer.json()["error"]
    assert answer.status_code == 404
    assert "openai.chat(model)" in (error["message"] if is_object else error)


def test_what_is_logged_by_hand_is_checked_and_named(alice_key: str, project: Project) -> None:
    def log(message: dict[str, Any]) -> Any:
        return Client().post(
            "/api/v1/interactions",
            {"project": "maple", "messages": [message], "completion": "x"},
            content_type="application/json",
            headers={"Authorization": f"Bearer {alice_key}"},
        )

    wrong: list[tuple[dict[str, Any], str]] = [
        ({"role": "user"}, "messages.0.content"),
        ({"role": "user", "content": ["x"]}, "messages.0.content.0"),
        (of_part({"type": "text"}), "messages.0.content.1.text"),
        (of_part(PARTS["an image null"]), "messages.0.content.1.image_url"),
        (make.image_message(IMAGES["truncated"][0]), "messages.0.content.1.image_url"),
        (make.image_message(IMAGES["heic"][0]), "messages.0.content.1.image_url"),
    ]
    for message, field in wrong:
        answer = log(message)
        assert (answer.status_code, answer.json().get("field")) == (400, field), answer.text
    assert not Interaction.objects.in_project(project).exists()
    for message in (MESSAGES["refusal"], of_part({"type": "input_audio", "data": SOUND})):
        assert log(message).status_code == 201


def test_files_are_written_once_and_named_by_their_type(
    alice_key: str, project: Project, provider: Upstream, empty_storage: Path
) -> None:
    make_external(project, provider)
    for _ in range(2):
        ask(alice_key, messages=[make.image_message(IMAGES["tiff"][0])])
    (file,) = empty_storage.rglob("*.*")
    assert file.name == f"{hashlib.sha256(IMAGES['tiff'][1]).hexdigest()}.tiff"
