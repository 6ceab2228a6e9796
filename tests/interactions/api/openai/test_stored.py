"""Models and stored completions as OpenAI's client asks for them."""

from typing import Any

import pytest
from django.test import Client

from interactions.models import Interaction, InteractionBody
from interactions.services.rollups import counts
from projects.models import Event, Llm, Project, Registration, User
from projects.services import llms
from tests import make
from tests.interactions.counting import label_uses

pytestmark = pytest.mark.django_db
COMPLETIONS = "chat/completions"


def call(key: str, path: str, method: str = "get", body: Any = None, **query: str) -> Any:
    """A request with a key; `query` goes into the address."""
    client = Client(raise_request_exception=False)
    send = {"get": client.get, "post": client.post, "delete": client.delete}[method]
    given = query if method == "get" else body
    more = {"content_type": "application/json"} if method == "post" else {}
    headers = {"Authorization": f"Bearer {key}"}
    return send(f"/api/v1/{path}", given, headers=headers, **more)  # type: ignore[operator]


def ids(answer: Any) -> list[str]:
    """The ids of a list's page."""
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["data"]]


def askable(project: Project, key: str) -> Llm:
    """A model with a provider, attached to `project`."""
    llm = make.make_llm(project, key)
    llm.registration = Registration.objects.create(llm=llm, name=key, provider="OPEN_AI")
    return llms.attach(project, llm).resolved


def test_models_are_those_one_may_ask_in_ones_projects(
    bob_key: str, project: Project, charlies_project: Project
) -> None:
    askable(project, "gpt-4o")
    askable(charlies_project, "secret")
    make.make_llm(project, "only-a-name")
    answer = call(bob_key, "models").json()
    (model,) = [one for one in answer["data"] if one["id"] == "maple/gpt-4o"]
    assert answer["object"] == "list"
    assert (model["object"], model["owned_by"]) == ("model", "open_ai")
    assert isinstance(model["created"], int)
    named = {one["id"] for one in answer["data"]}
    assert not named & {"cherry/secret", "maple/only-a-name"}


def test_one_model_is_found_by_its_id(bob_key: str, charlie_key: str, project: Project) -> None:
    askable(project, "meta/llama-3")
    assert call(bob_key, "models/maple/meta/llama-3").json()["id"] == "maple/meta/llama-3"
    assert call(bob_key, "models/maple/nothing").status_code == 404
    assert call(charlie_key, "models/maple/meta/llama-3").status_code == 404


def test_a_completion_is_read_back_in_openais_shape(alice_key: str, project: Project) -> None:
    one = make.make_interaction(
        project,
        llm=make.make_llm(project),
        labels={"env": "prod"},
        usage={"prompt_tokens": 5, "completion_tokens": 3},
        parameters={"temperature": 0.5, "ours": 1},
        system={"finish_reason": "length"},
    )
    got = call(alice_key, f"{COMPLETIONS}/{one.id}").json()
    assert (got["id"], got["object"], got["model"]) == (
        str(one.id), "chat.completion", "maple/gpt-4o",
    )  # fmt: skip
    assert got["created"] == int(make.NOON.timestamp())
    assert got["metadata"] == {"env": "prod"}
    assert got["usage"] == {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
    assert got["temperature"] == 0.5
    assert "ours" not in got
    (choice,) = got["choices"]
    assert (choice["index"], choice["finish_reason"]) == (0, "length")
    assert choice["message"] == {"role": "assistant", "content": "A tree.", "refusal": None}
    assert choice["completion_id"] == str(one.id)


def test_the_list_is_filtered_by_metadata_and_model(alice_key: str, project: Project) -> None:
    gpt, other = make.make_llm(project), make.make_llm(project, "other/model")
    prod = make.make_interaction(project, llm=gpt, labels={"env": "prod", "v[1]": "a.b c"})
    make.make_interaction(project, llm=gpt, labels={"env": "staging"})
    late = make.make_interaction(project, llm=other, labels={"env": "prod"})
    assert ids(call(alice_key, COMPLETIONS, **{"metadata[env]": "prod"})) == [
        str(prod.id), str(late.id),
    ]  # fmt: skip
    both = {"metadata[env]": "prod", "metadata[v[1]]": "a.b c"}
    assert ids(call(alice_key, COMPLETIONS, **both)) == [str(prod.id)]
    assert ids(call(alice_key, COMPLETIONS, model="maple/other/model")) == [str(late.id)]
    assert ids(call(alice_key, COMPLETIONS, model=f"maple/{other.uuid}")) == [str(late.id)]
    assert len(ids(call(alice_key, COMPLETIONS, model="maple"))) == 3
    assert ids(call(alice_key, COMPLETIONS, model="maple/nobody")) == []
    assert call(alice_key, COMPLETIONS, model="nowhere").status_code == 404


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_of_several_projects_meet_without_gap(
    alice_key: str, alice: User, project: Project, order: str
) -> None:
    second = make.make_project("birch", owner=alice)
    made = [*make.make_interactions(project, 7), *make.make_interactions(second, 6)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        answer = call(alice_key, COMPLETIONS, limit="4", order=order, **after)
        seen += ids(answer)
        page = answer.json()
        assert page["last_id"] == seen[-1]
        if not page["has_more"]:
            break
        after = {"after": page["last_id"]}
    assert seen == [str(id) for id in sorted(made, reverse=order == "desc")]
    assert call(alice_key, COMPLETIONS, limit="13").json()["has_more"] is False


def test_an_empty_list_has_no_ids(charlie_key: str, project: Project) -> None:
    make.make_interaction(project)
    assert call(charlie_key, COMPLETIONS).json() == {
        "object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False,
    }  # fmt: skip


def test_a_list_needs_the_same_number_of_queries_however_long(
    alice_key: str, project: Project, django_assert_max_num_queries: Any
) -> None:
    make.make_interactions(project, 60, labels={"env": "prod"})
    with django_assert_max_num_queries(18):
        assert len(ids(call(alice_key, COMPLETIONS, limit="50"))) == 50


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"order": "up"}, {"after": "garbage"}],
)
def test_what_cannot_be_read_is_said(
    alice_key: str, project: Project, query: dict[str, str]
) -> None:
    answer = call(alice_key, COMPLETIONS, **query)
    assert answer.status_code == 400
    assert answer.json()["field"] == next(iter(query))


def test_messages_are_what_the_model_was_sent(
    alice_key: str, project: Project, empty_storage: object
) -> None:
    data = make.make_image()
    said = [{"role": "system", "content": "Be brief."}, make.image_message(make.data_uri(data))]
    one = make.make_interaction(project, messages=said)
    page = call(alice_key, f"{COMPLETIONS}/{one.id}/messages").json()
    system, user = page["data"]
    assert (system["id"], system["content"]) == (f"{one.id}-0", "Be brief.")
    assert system["content_parts"] is None
    assert user["content"] == "What is this?"
    link = user["content_parts"][1]["image_url"]["url"]
    image = Client().get(link, headers={"Authorization": f"Bearer {alice_key}"})
    assert b"".join(image) == data
    newest = f"{COMPLETIONS}/{one.id}/messages"
    first = call(alice_key, newest, order="desc", limit="1").json()
    assert (first["first_id"], first["has_more"]) == (f"{one.id}-1", True)
    assert ids(call(alice_key, newest, order="desc", after=f"{one.id}-1")) == [f"{one.id}-0"]
    assert call(alice_key, newest, after="garbage").status_code == 400


def test_metadata_take_the_place_of_all_labels(alice_key: str, project: Project) -> None:
    one = make.make_interaction(project, labels={"env": "prod", "team": "a", "same": "x"})
    path = f"{COMPLETIONS}/{one.id}"
    given = {"env": "staging", "new": "", "same": "x"}
    answer = call(alice_key, path, "post", {"metadata": given})
    assert answer.status_code == 200
    assert answer.json()["metadata"] == given
    assert ids(call(alice_key, COMPLETIONS, **{"metadata[env]": "staging"})) == [str(one.id)]
    assert ids(call(alice_key, COMPLETIONS, **{"metadata[team]": "a"})) == []
    uses = label_uses(project, most=5)
    assert {key: [(use.value, use.n) for use in found] for key, (found, _) in uses.items()} == {
        "env": [("staging", 1)], "new": [("", 1)], "same": [("x", 1)],
    }  # fmt: skip
    assert call(alice_key, path, "post", {"metadata": None}).json()["metadata"] == {}
    assert label_uses(project, most=5) == {}


@pytest.mark.parametrize("given", [{}, {"metadata": 1}, {"metadata": {"a": "b", "c": 1}}, []])
def test_metadata_that_cannot_be_taken_change_nothing(
    alice_key: str, project: Project, given: object
) -> None:
    one = make.make_interaction(project)
    assert call(alice_key, f"{COMPLETIONS}/{one.id}", "post", given).status_code == 400
    assert call(alice_key, f"{COMPLETIONS}/{one.id}").json()["metadata"] == {}


def test_deleting_takes_everything_and_uncounts_it(
    alice_key: str, alice: User, project: Project, empty_storage: object
) -> None:
    metric = make.make_metric(project)
    stays = make.make_interaction(project, labels={"env": "prod"})
    one = make.make_interaction(
        project,
        messages=[make.image_message(make.data_uri(make.make_image()))],
        labels={"env": "prod", "team": "a"},
        feedback={metric: True},
    )
    answer = call(alice_key, f"{COMPLETIONS}/{one.id}", "delete")
    assert answer.json() == {
        "id": str(one.id),
        "object": "chat.completion.deleted",
        "deleted": True,
    }
    assert call(alice_key, f"{COMPLETIONS}/{one.id}").status_code == 404
    assert call(alice_key, f"{COMPLETIONS}/{one.id}", "delete").status_code == 404
    assert ids(call(alice_key, COMPLETIONS, **{"metadata[env]": "prod"})) == [str(stays.id)]
    assert not InteractionBody.objects.filter(project=project, interaction_id=one.id).exists()
    assert counts.count(project, 0) == 1
    uses = label_uses(project, most=5)
    assert [(use.value, use.n) for use in uses["env"][0]] == [("prod", 1)]
    assert "team" not in uses
    event = Event.objects.get(verb="interaction.deleted")
    assert (event.actor, event.subject, event.details["feedback"]) == (alice, str(one.id), 1)


def test_a_member_may_label_but_not_delete(bob_key: str, project: Project) -> None:
    one = make.make_interaction(project)
    path = f"{COMPLETIONS}/{one.id}"
    assert call(bob_key, path, "post", {"metadata": {"a": "b"}}).status_code == 200
    assert call(bob_key, path, "delete").status_code == 403
    assert Interaction.objects.in_project(project).count() == 1


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_a_stranger_finds_nothing(charlie_key: str, project: Project, method: str) -> None:
    one = make.make_interaction(project)
    body = {"metadata": {"a": "b"}}
    answer = call(charlie_key, f"{COMPLETIONS}/{one.id}", method, body)
    assert answer.status_code == 404
    assert answer.json() == {"error": f"EntityNotFound: completion {one.id} not found"}
    assert call(charlie_key, f"{COMPLETIONS}/{one.id}/messages").status_code == 404
    assert call(charlie_key, COMPLETIONS, model="maple").status_code == 404


def test_without_a_key_nothing_is_said(client: Client, project: Project, alice: User) -> None:
    client.force_login(alice)  # a cookie does not count
    for path in ("models", "models/maple/x", COMPLETIONS, f"{COMPLETIONS}/x"):
        assert client.get(f"/api/v1/{path}").status_code == 401


def test_another_method_is_refused_in_json(alice_key: str) -> None:
    answer = call(alice_key, "models", "delete")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert call(alice_key, f"{COMPLETIONS}/garbage").status_code == 404
