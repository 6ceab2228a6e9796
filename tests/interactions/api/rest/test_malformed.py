"""Malformed requests: a clear 4xx that names the member, nothing stored, never a 500."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from PIL import Image as Pillow

from interactions.models import Comparison, Feedback, Image, Interaction, Label
from interactions.services.recording.drafts import MAX_FEEDBACK
from projects.models import Llm, Project
from tests import make

pytestmark = pytest.mark.django_db

USER = {"role": "user", "content": "What is a maple?"}


def picture(uri: str) -> list[dict[str, Any]]:
    """Messages with one image."""
    return [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": uri}}]}]


def fifty_megapixels() -> str:
    """A small file of a large image."""
    file = BytesIO()
    Pillow.new("1", (10_000, 5_000)).save(file, "PNG")
    return make.data_uri(file.getvalue())


def truncated() -> str:
    """The first half of a PNG."""
    noise = Pillow.effect_noise((64, 64), 80)
    file = BytesIO()
    noise.save(file, "PNG")
    return make.data_uri(file.getvalue()[: len(file.getvalue()) // 2])


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

# Case, what is changed in a good body, and what the error must name.
INTERACTIONS: list[tuple[str, Callable[[], dict[str, Any]], str]] = [
    ("no project", lambda: {"project": None}, "project"),
    ("project is a number", lambda: {"project": 7}, "project"),
    ("unknown project", lambda: {"project": "oak"}, "project not found"),
    ("no messages", lambda: {"messages": None}, "messages"),
    ("empty messages", lambda: {"messages": []}, "messages"),
    ("messages is a string", lambda: {"messages": "hi"}, "messages"),
    ("a message is a string", lambda: {"messages": ["hi"]}, "messages.0"),
    ("no role", lambda: {"messages": [{"content": "hi"}]}, "messages.0.role"),
    ("content is a number", lambda: {"messages": [{**USER, "content": 3}]}, "messages.0.content"),
    ("content is null", lambda: {"messages": [{**USER, "content": None}]}, "messages.0.content"),
    ("unknown part", lambda: {"messages": [{**USER, "content": [{"type": "x"}]}]}, "content.0"),
    ("text part without text", lambda: {"messages": [{**USER, "content": [{"type": "text"}]}]},
     "messages.0.content.0.text"),
    ("no completion", lambda: {"completion": None}, "completion"),
    ("completion is a list", lambda: {"completion": ["A tree."]}, "completion"),
    ("too many feedbacks",
     lambda: {"feedbacks": [{"metric": "helpful", "value": 1}] * (MAX_FEEDBACK + 1)},
     "feedbacks"),
    ("created next year", lambda: {"created_at": "2999-01-01"}, "created_at"),
    ("unknown model", lambda: {"model_service": "gpt-9"}, "model"),
    ("model is a list", lambda: {"model_service": ["a"]}, "model_service"),
    ("labels is a list", lambda: {"labels": ["env"]}, "labels"),
    ("a label value is a list", lambda: {"labels": {"env": ["prod"]}}, "labels.env"),
    ("a label value is a number", lambda: {"labels": {"n": 3}}, "labels.n"),
    ("a label value is null", lambda: {"labels": {"n": None}}, "labels.n"),
    ("a label key is empty", lambda: {"labels": {"": "x"}}, "labels"),
    ("a label value is long", lambda: {"labels": {"k": "x" * 600}}, "labels.k"),
    ("session is no UUID", lambda: {"session_id": "<script>"}, "session_id"),
    ("user is no UUID", lambda: {"user": "me"}, "user"),
    ("created_at is a word", lambda: {"created_at": "yesterday"}, "created_at"),
    ("created_at is no date", lambda: {"created_at": "2024-02-31T00:00:00Z"}, "created_at"),
    ("created_at is a number", lambda: {"created_at": 1708509063}, "created_at"),
    ("created_at is before 1970", lambda: {"created_at": "1900-01-01T00:00:00Z"}, "created_at"),
    ("feedbacks is an object", lambda: {"feedbacks": {}}, "feedbacks"),
    ("unknown metric", lambda: {"feedbacks": [{"metric": "x", "value": 1}]}, "feedbacks.0.metric"),
    ("feedback without value", lambda: {"feedbacks": [{"metric": "ok"}]}, "feedbacks.0.value"),
    ("bool metric of 3", lambda: {"feedbacks": [{"metric": "ok", "value": 3}]},
     "feedbacks.0.value"),
    ("second feedback is wrong", lambda: {"feedbacks": [{"metric": "ok", "value": 1},
     {"metric": "csat", "value": "5"}]}, "feedbacks.1.value"),
    ("scalar metric of true", lambda: {"feedbacks": [{"metric": "csat", "value": True}]},
     "feedbacks.0.value"),
    ("a 50-megapixel image", lambda: {"messages": picture(fifty_megapixels())}, "megapixels"),
    ("a truncated PNG", lambda: {"messages": picture(truncated())}, "cut short"),
    ("HTML that says PNG", lambda: {"messages": picture(make.data_uri(b"<html>hi</html>"))},
     "not an image"),
    ("a JPEG that says PNG", lambda: {"messages": picture(make.data_uri(make.make_image("JPEG")))},
     "declared image/png"),
    ("SVG with a script", lambda: {"messages": picture(make.data_uri(SVG, "image/svg+xml"))},
     "SVG"),
    ("SVG that says PNG", lambda: {"messages": picture(make.data_uri(SVG))}, "not an image"),
    ("broken base64", lambda: {"messages": picture("data:image/png;base64,@@@@")}, "base64"),
    ("a script address", lambda: {"messages": picture("javascript:alert(1)")}, "image_url"),
    ("a file address", lambda: {"messages": picture("file:///etc/passwd")}, "image_url"),
    ("a long external id", lambda: {"external_id": "x" * 300}, "external_id"),
]  # fmt: skip


def send(key: str, path: str, body: Any) -> Any:
    """POST a body, or bytes as they are; a 500 comes back as an answer."""
    return Client(raise_request_exception=False).post(
        f"/api/v1/{path}",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )


@pytest.fixture
def ready(project: Project) -> Project:
    """A project with two metrics."""
    make.make_metric(project, "ok")
    make.make_metric(project, "csat", "SCALAR")
    return project


def assert_nothing_stored(project: Project) -> None:
    assert not Interaction.objects.in_project(project).exists()
    assert not Feedback.objects.in_project(project).exists()
    assert not Comparison.objects.in_project(project).exists()
    assert not Image.objects.in_project(project).exists()
    assert not Label.objects.in_project(project).exists()
    assert not Llm.objects.exclude(key="echo").exists()


@pytest.mark.parametrize(
    ("change", "named"), [case[1:] for case in INTERACTIONS], ids=[case[0] for case in INTERACTIONS]
)
def test_a_malformed_interaction_is_refused(
    alice_key: str, ready: Project, change: Callable[[], dict[str, Any]], named: str
) -> None:
    good = {"project": "maple", "messages": [USER], "completion": "A tree.", "labels": {"a": "b"}}
    answer = send(alice_key, "interactions", {**good, **change()})
    assert 400 <= answer.status_code < 500
    assert named in answer.json()["error"]
    assert_nothing_stored(ready)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b'{"project": "maple", "value": NaN}',
        b'{"project": "maple", "completion": "\xff"}',
        b'{"project": "maple", "completion": "\\ud800"}',
        b'{"feedbacks": [{"metric": "csat", "value": 1e999}]}',
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("path", ["interactions", "feedback", "comparison"])
def test_what_is_not_json_is_refused(alice_key: str, ready: Project, path: str, raw: bytes) -> None:
    answer = send(alice_key, path, raw)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]
    assert_nothing_stored(ready)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"completion_id": None}, "completion_id"),
        ({"completion_id": "x"}, "completion_id"),
        ({"metric": None}, "metric"),
        ({"metric": "unknown"}, "metric not found"),
        ({"value": "5"}, "value"),
        ({"value": None}, "value"),
        ({"value": [1]}, "value"),
        ({"details": {"a": 1}}, "details"),
        ({"user_id": "x"}, "user_id"),
    ],
)
def test_malformed_feedback_is_refused(
    alice_key: str, ready: Project, change: dict[str, Any], named: str
) -> None:
    it = make.make_interaction(ready)
    good = {"completion_id": str(it.id), "metric": "csat", "value": 3}
    answer = send(alice_key, "feedback", {**good, **change})
    assert 400 <= answer.status_code < 500
    assert named in answer.json()["error"]
    assert not Feedback.objects.in_project(ready).exists()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"preferred_completion": "x"}, "preferred_completion"),
        ({"preferred_completion": None}, "preferred_completion"),
        ({"preferred_completion": {"text": "a"}}, "preferred_completion.model"),
        ({"preferred_completion": {"text": 1, "model": "a"}}, "preferred_completion.text"),
        ({"preferred_completion": {"text": "a", "model": "unknown"}, "messages": [USER]}, "model"),
        ({"other_completion": {"text": "a", "model": "gpt-4o"}}, "messages"),
        ({"tied": "both"}, "tied"),
        ({"tied": True}, "tied"),
        ({"metric": "unknown"}, "metric not found"),
        ({"project": "cherry"}, "project not found"),
        ({"other_completion": "5b8ff3a5-8ef4-4f5d-8a6a-1d8a51d1d7a5"}, "not found"),
        ({"other_completion": "same"}, "other"),
    ],
)
def test_a_malformed_comparison_is_refused(
    alice_key: str, ready: Project, charlies_project: Project, change: dict[str, Any], named: str
) -> None:
    make.make_llm(ready)
    one, two = (str(id) for id in make.make_interactions(ready, 2))
    good = {
        "project": "maple",
        "metric": "ok",
        "preferred_completion": one,
        "other_completion": two,
    }
    body = {**good, **change}
    if body["other_completion"] == "same":
        body["other_completion"] = one
    answer = send(alice_key, "comparison", body)
    assert 400 <= answer.status_code < 500
    assert named in answer.json()["error"]
    assert not Comparison.objects.in_project(ready).exists()
    assert Interaction.objects.in_project(ready).count() == 2
