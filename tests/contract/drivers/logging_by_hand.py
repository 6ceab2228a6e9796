"""Checks of interactions that are logged by hand, and of reading all interactions."""

import base64
from uuid import UUID, uuid4

import httpx

from tests.contract.drivers.calling import API_KEY, BASE_URL, World
from tests.contract.drivers.checks import check, refusal

UTC = "2024-02-21T09:51:03Z"
UTC_IN_MS = 1708509063000


def data_uri(picture: bytes) -> str:
    """A picture as the client sends it."""
    return "data:image/png;base64," + base64.b64encode(picture).decode()


@check("interactions.create")
def everything_that_is_logged_by_hand_is_stored(world: World) -> None:
    session = str(uuid4())
    made = world.call(
        "interactions.create",
        messages=[
            {"role": "system", "content": "You are a helpful assistant."},
            {"role": "user", "content": "Hello from the SDK"},
        ],
        completion="Hello! How can I help you today?",
        model="echo",
        session_id=session,
        labels={"origin": "sdk", "a.b": "ü “quoted” 100%"},
        user=str(uuid4()),
        **({"created_at": UTC} if world.client.has("interactions.create", "created_at") else {}),
    )
    assert str(made.session_id) == session
    assert made.feedback_ids == []
    stored = world.stored(str(made.completion_id))
    assert stored["source"] == "OFFLINE"
    assert stored["completion"] == "Hello! How can I help you today?"
    assert [m["role"] for m in stored["chatMessages"]] == ["system", "user"]
    assert stored["session"] == {"id": session}
    assert stored["model"] == {"key": "echo"}
    labels = {label["key"]: label["value"] for label in stored["labels"]}
    assert labels == {"origin": "sdk", "a.b": "ü “quoted” 100%"}
    if world.client.has("interactions.create", "created_at"):
        assert stored["createdAt"] == UTC_IN_MS
    world.session, world.kept["by hand"] = session, str(made.completion_id)


@check("interactions.create")
def a_session_is_made_when_none_is_given(world: World) -> None:
    made = world.call(
        "interactions.create",
        messages=[{"role": "user", "content": ""}],
        completion="",
        labels={},
    )
    assert isinstance(made.session_id, UUID)
    said = refusal(world, "interactions.create", messages=[], completion="")
    assert "Client error 400" in said, said
    assert "messages: expected a list of at least one message" in said, said


@check("interactions.create")
def a_picture_is_stored_byte_for_byte(world: World) -> None:
    messages = [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is in this picture?"},
                {"type": "image_url", "image_url": {"url": data_uri(world.picture)}},
            ],
        }
    ]
    if world.kept["version"] < (0, 14):
        said = refusal(world, "interactions.create", messages=messages, completion="One colour.")
        assert "ValidationError" in said or "TypeError" in said, said
        return
    made = world.call("interactions.create", messages=messages, completion="One colour.")
    message = world.stored(str(made.completion_id))["chatMessages"][0]
    assert message["content"] == "What is in this picture?"
    text, image = message["contentParts"]
    assert text == {"text": "What is in this picture?"}
    url = image["url"]
    assert url.startswith("/api/v1/images/"), url
    got = httpx.get(BASE_URL + url, headers={"Authorization": f"Bearer {API_KEY}"})
    assert got.content == world.picture


@check("interactions.create")
def what_is_not_known_is_refused_with_its_reason_and_nothing_is_stored(world: World) -> None:
    before = world.call("interactions.list").total_count
    logged = {"messages": [{"role": "user", "content": "x"}], "completion": "y"}
    said = refusal(world, "interactions.create", **logged, model="no-such-model")
    assert said.startswith("Exception: Client error 404"), said
    assert "EntityNotFound: model not found or not attached" in said, said
    said = refusal(world, "interactions.create", **logged, project="no-such-project")
    assert "Client error 404" in said, said
    assert "EntityNotFound: project not found" in said, said
    feedback = [{"feedback_key": "no-such-key", "value": 1}]
    said = refusal(world, "interactions.create", **logged, feedbacks=feedback)
    assert "EntityNotFound: metric not found" in said, said
    assert world.call("interactions.list").total_count == before


@check("interactions.get")
def one_interaction_is_read_back(world: World) -> None:
    found = world.call("interactions.get", completion_id=world.kept["by hand"])
    assert str(found.id) == world.kept["by hand"]
    assert found.completion == "Hello! How can I help you today?"
    assert [(m.role, m.content) for m in found.chat_messages][1] == ("user", "Hello from the SDK")
    assert found.model is not None
    assert found.model.key == "echo"
    assert {label.key for label in found.labels} == {"origin", "a.b"}
    assert found.source.value == "OFFLINE"
    assert found.metadata is not None


@check("interactions.get")
def an_unknown_interaction_is_none_and_no_id_is_no_crash(world: World) -> None:
    assert world.call("interactions.get", completion_id=str(uuid4())) is None
    assert (
        world.call("interactions.get", completion_id=world.kept["by hand"], project="demo") is None
    )
    try:
        assert world.call("interactions.get", completion_id="not-a-uuid") is None
    except Exception as error:
        assert "HTTP status code" not in str(error), error


@check("interactions.list")
def pages_hold_every_interaction_once(world: World) -> None:
    session = str(uuid4())
    logged = {world.log(f"Question {n}", session_id=session) for n in range(7)}
    seen: list[str] = []
    page: dict[str, object] = {"first": 3}
    while True:
        listed = world.call("interactions.list", page=page)
        seen += [str(node.id) for node in listed.nodes]
        if not listed.page_info.has_next_page:
            break
        page = {"first": 3, "after": listed.page_info.end_cursor}
    assert len(seen) == len(set(seen)) == listed.total_count
    assert logged <= set(seen)
    world.kept["session of seven"] = session


@check("interactions.list")
def the_order_is_what_was_asked_for(world: World) -> None:
    up = world.call("interactions.list", order=[{"field": "created_at", "order": "ASC"}])
    down = world.call("interactions.list", order=[{"field": "created_at", "order": "DESC"}])
    assert [node.id for node in up.nodes] == [node.id for node in reversed(down.nodes)]
    plain = world.call("interactions.list")
    assert [node.id for node in plain.nodes] == [node.id for node in down.nodes]


@check("interactions.list")
def filters_narrow_where_the_client_sends_them(world: World) -> None:
    if world.kept["version"] < (0, 13):
        # These clients drop every filter before they ask.
        everything = world.call("interactions.list").total_count
        filters = {"session_id": str(uuid4())}
        assert world.call("interactions.list", filters=filters).total_count == everything
        return
    by_hand = world.kept["by hand"]

    def ids(**filters: object) -> set[str]:
        found = world.call("interactions.list", filters=filters, page={"first": 100})
        assert found.total_count == len(found.nodes)
        return {str(node.id) for node in found.nodes}

    assert len(ids(session_id=world.kept["session of seven"])) == 7
    assert ids(session_id=world.session) == {by_hand}
    assert ids(models=["echo"], session_id=world.session) == {by_hand}
    assert ids(models=["echo"], session_id=world.kept["session of seven"]) == set()
    assert by_hand in ids(labels=[{"key": "origin"}])
    assert by_hand in ids(labels=[{"key": "origin", "value": ["sdk", "other"]}])
    assert by_hand not in ids(labels=[{"key": "origin", "value": ["other"]}])
    assert ids(completion_id=by_hand) == {by_hand}
    assert ids(prompt_hash=world.stored(by_hand)["promptHash"]) == {by_hand}
    assert by_hand in ids(source=["OFFLINE"])
    assert by_hand not in ids(source=["LIVE"])
    if world.client.has("interactions.create", "created_at"):
        second = {"from_": UTC_IN_MS, "to": UTC_IN_MS + 1000}
        assert ids(timerange=second) == {by_hand}
        assert ids(timerange={"from_": UTC, "to": "2024-02-21T10:51:04+01:00"}) == {by_hand}
        assert ids(timerange={"from_": UTC_IN_MS + 1000, "to": UTC_IN_MS + 2000}) == set()


@check("interactions.list")
def groups_are_listed_by_model_and_by_prompt(world: World) -> None:
    by_model = world.call("interactions.list", group_by="model", page={"first": 50})
    groups = {group.key: group for group in by_model.nodes}
    assert {"echo", None} <= set(groups)
    everything = world.call("interactions.list").total_count
    assert sum(group.count for group in by_model.nodes) == everything
    assert world.kept["by hand"] in {str(one.id) for one in groups["echo"].completions.nodes}
    by_prompt = world.call("interactions.list", group_by="prompt", page={"first": 2})
    assert len(by_prompt.nodes) == 2
    assert by_prompt.page_info.has_next_page
    seen = [group.key for group in by_prompt.nodes]
    after = {"first": 2, "after": by_prompt.page_info.end_cursor}
    rest = world.call("interactions.list", group_by="prompt", page=after)
    assert not set(seen) & {group.key for group in rest.nodes}
    assert all(group.completions.nodes for group in rest.nodes)


@check("interactions.list")
def a_cursor_that_is_none_of_ours_and_an_unknown_project_are_refused(world: World) -> None:
    said = refusal(world, "interactions.list", page={"first": 3, "after": "garbage"})
    assert "HTTP status code" not in said, said
    said = refusal(world, "interactions.list", project="no-such-project")
    assert said.startswith("AdaptiveEntityNotFoundError"), said
    assert "key does not exist" in said, said
