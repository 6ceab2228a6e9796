"""The REST API as its callers meet it: what works, what a stranger sees."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from interactions.models import Comparison, Feedback, Image, Interaction, InteractionBody
from interactions.services.browsing import rows
from interactions.services.images import store
from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db


def post(key: str, path: str, body: Any, **headers: str) -> Any:
    """POST JSON with a key."""
    return Client(raise_request_exception=False).post(
        f"/api/v1/{path}",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}", **headers},
    )


def hello(**more: Any) -> dict[str, Any]:
    """A body of POST /interactions."""
    message = {"role": "user", "content": "What is a maple?"}
    return {"project": "maple", "messages": [message], "completion": "A tree.", **more}


def test_an_interaction_is_logged_whole(alice_key: str, alice: User, project: Project) -> None:
    llm = make.make_llm(project, "gpt-4o")
    make.make_metric(project, "helpful")
    session = str(uuid4())
    answer = post(
        alice_key,
        "interactions",
        hello(
            model_service="gpt-4o",
            labels={"env": "prod"},
            feedbacks=[{"metric": "helpful", "value": True, "details": "thanks"}],
            session_id=session,
            created_at="2024-02-21T09:51:03.123456+02:00",
        ),
    )
    assert answer.status_code == 201
    body = answer.json()
    assert body["session_id"] == session
    one = rows.whole(project, UUID(body["completion_id"]))
    assert one.interaction.llm == llm
    assert one.interaction.created_at.isoformat() == "2024-02-21T07:51:03.123000+00:00"
    assert one.interaction.source == "OFFLINE"
    assert one.interaction.created_by == alice
    assert [(label.key, label.value) for label in one.labels] == [("env", "prod")]
    (feedback,) = one.feedback
    assert str(feedback.id) == body["feedback_ids"][0]
    assert (feedback.value, feedback.details) == (1.0, "thanks")
    assert one.interaction.body.completion == "A tree."


def test_older_spellings_work(alice_key: str, project: Project) -> None:
    body = hello()
    del body["project"], body["messages"]
    answer = post(
        alice_key, "interactions", {**body, "use_case": str(project.uuid), "prompt": "Hi"}
    )
    assert answer.status_code == 201
    stored = InteractionBody.objects.get(interaction_id=answer.json()["completion_id"])
    assert stored.messages == [{"role": "user", "content": "Hi"}]
    assert UUID(answer.json()["session_id"])
    assert answer.json()["feedback_ids"] == []


@pytest.mark.parametrize("as_object", [True, False])
def test_an_image_is_lifted_out_and_kept_byte_for_byte(
    alice_key: str, project: Project, empty_storage: object, as_object: bool
) -> None:
    data = make.make_image("JPEG", (40, 30))
    uri = make.data_uri(data, "image/jpeg")
    part = {"type": "image_url", "image_url": {"url": uri, "detail": "low"} if as_object else uri}
    content = [{"type": "text", "text": "What is this?"}, part]
    answer = post(alice_key, "interactions", hello(messages=[{"role": "user", "content": content}]))
    assert answer.status_code == 201
    (image,) = Image.objects.in_project(project)
    assert store.read(image) == data
    assert (image.width, image.height, image.format) == (40, 30, "jpg")
    stored = InteractionBody.objects.get(interaction_id=answer.json()["completion_id"])
    kept = stored.messages[0]["content"][1]["image_url"]
    assert kept == {"url": f"image:{image.sha256}"} | ({"detail": "low"} if as_object else {})


def test_a_remote_image_stays_a_link(alice_key: str, project: Project) -> None:
    url = "https://images.example.org/cat.png"
    content = [{"type": "image_url", "image_url": url}]
    answer = post(alice_key, "interactions", hello(messages=[{"role": "user", "content": content}]))
    assert answer.status_code == 201
    stored = InteractionBody.objects.get(interaction_id=answer.json()["completion_id"])
    assert stored.messages[0]["content"][0]["image_url"] == {"url": url}
    assert not Image.objects.in_project(project).exists()


def test_a_repeated_request_is_stored_once(alice_key: str, project: Project) -> None:
    first = post(alice_key, "interactions", hello(external_id="order-7"))
    again = post(alice_key, "interactions", hello(external_id="order-7"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["completion_id"] == again.json()["completion_id"]
    assert first.json()["session_id"] == again.json()["session_id"]
    assert Interaction.objects.in_project(project).count() == 1


def test_a_nul_becomes_visible_and_is_marked(alice_key: str, project: Project) -> None:
    answer = post(alice_key, "interactions", hello(completion="a\0b", labels={"k": "\0"}))
    assert answer.status_code == 201
    one = rows.whole(project, UUID(answer.json()["completion_id"]))
    assert one.interaction.body.completion == "a\ufffdb"
    assert one.interaction.body.user_metadata == {"nul_replaced": True}
    assert one.labels[0].value == "\ufffd"


def test_a_megabyte_of_any_text_is_taken(alice_key: str, project: Project) -> None:
    answer = post(alice_key, "interactions", hello(completion="返金" * 500_000))
    assert answer.status_code == 201


def test_feedback_finds_its_project_by_the_completion(
    bob_key: str, bob: User, project: Project
) -> None:
    make.make_metric(project, "csat", "SCALAR")
    it = make.make_interaction(project)
    answer = post(
        bob_key,
        "feedback",
        {"completion_id": str(it.id), "metric": "csat", "value": 4, "reason": "quick"},
    )
    assert answer.status_code == 201
    (feedback,) = Feedback.objects.in_project(project)
    assert str(feedback.id) == answer.json()["feedback_id"]
    assert (feedback.value, feedback.reason, feedback.created_by) == (4.0, "quick", bob)


def test_a_preference_between_two_ids(alice_key: str, project: Project) -> None:
    make.make_metric(project, "better")
    one, two = make.make_interactions(project, 2)
    answer = post(
        alice_key,
        "comparison",
        {
            "use_case": "maple",
            "metric": "better",
            "preferred_completion": str(two),
            "other_completion": str(one),
            "tied": "good",
        },
    )
    assert answer.status_code == 201
    (made,) = Comparison.objects.in_project(project)
    assert (str(made.id), made.preferred_id, made.other_id, made.tied) == (
        answer.json()["comparison_id"],
        two,
        one,
        "good",
    )


def test_a_preference_between_two_texts_logs_both(alice_key: str, project: Project) -> None:
    make.make_metric(project, "better")
    make.make_llm(project, "a")
    make.make_llm(project, "b")
    answer = post(
        alice_key,
        "comparison",
        {
            "project": "maple",
            "metric": "better",
            "messages": hello()["messages"],
            "preferred_completion": {"text": "A tree.", "model": "a"},
            "other_completion": {"text": "A leaf.", "model": "b"},
        },
    )
    assert answer.status_code == 201
    (made,) = Comparison.objects.in_project(project).select_related("preferred__llm")
    assert made.preferred.llm is not None
    assert made.preferred.llm.key == "a"
    assert Interaction.objects.in_project(project).count() == 2


def test_a_stranger_sees_nothing_and_a_viewer_writes_nothing(
    charlie_key: str, project: Project
) -> None:
    make.make_metric(project, "helpful")
    it = make.make_interaction(project)
    about = {"completion_id": str(it.id), "metric": "helpful", "value": 1}
    assert post(charlie_key, "interactions", hello()).status_code == 404
    stranger = post(charlie_key, "feedback", about)
    missing = post(charlie_key, "feedback", {**about, "completion_id": str(uuid4())})
    assert stranger.status_code == missing.status_code == 404
    assert stranger.json()["error"].split()[-2:] == missing.json()["error"].split()[-2:]
    viewer = make.make_user("vera")
    make.share(project, viewer, "viewer")
    key = make.make_key(viewer)
    assert post(key, "interactions", hello()).status_code == 403
    assert post(key, "feedback", about).status_code == 403
    assert Interaction.objects.in_project(project).count() == 1
    assert not Feedback.objects.in_project(project).exists()


def test_nobody_writes_in_the_name_of_a_stranger(
    bob_key: str, bob: User, charlie: User, project: Project
) -> None:
    answer = post(bob_key, "interactions", hello(user=str(charlie.uuid)))
    logged = rows.whole(project, UUID(answer.json()["completion_id"])).interaction
    assert (logged.created_by, logged.said_by) == (bob, str(charlie.uuid))
    assert logged.body.user_metadata == {"user": str(charlie.uuid)}


def test_a_turn_that_only_calls_tools_needs_no_content(alice_key: str, project: Project) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    turns = [{"role": "user", "content": "Look"}, {"role": "assistant", "tool_calls": [call]}]
    assert post(alice_key, "interactions", hello(messages=turns)).status_code == 201
    empty = [{"role": "assistant", "content": None, "name": "x"}]
    assert post(alice_key, "interactions", hello(messages=empty)).status_code == 400


def test_a_key_that_reads_as_a_uuid_is_found(alice_key: str, alice: User) -> None:
    odd = make.make_project("deadbeefdeadbeefdeadbeefdeadbeef", owner=alice)
    assert post(alice_key, "interactions", hello(project=odd.key)).status_code == 201


def test_without_a_good_key_nothing_is_possible(alice_key: str, alice: User) -> None:
    assert post("wrong", "interactions", hello()).status_code == 401
    bare = Client().post("/api/v1/interactions", hello(), content_type="application/json")
    assert bare.status_code == 401
    assert "Bearer" in bare.json()["error"]
    alice.is_active = False
    alice.save()
    assert post(alice_key, "interactions", hello()).status_code == 401


def test_other_addresses_and_methods_answer_in_json(alice_key: str) -> None:
    answer = Client().get("/api/v1/interactions")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "error" in answer.json()
    nowhere = post(alice_key, "nowhere/", {})
    assert nowhere.status_code == 404
    assert nowhere.json() == {"error": "there is no /api/v1/nowhere here"}
