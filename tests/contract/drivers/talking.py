"""Checks of chat and embeddings."""

from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel

from tests.contract.drivers.calling import World
from tests.contract.drivers.checks import check, refusal
from tests.contract.drivers.logging_by_hand import data_uri

HELLO = [{"role": "user", "content": "Hello from SDK"}]


class Person(BaseModel):
    """What a model is asked to answer with."""

    name: str
    age: int


def text_of(chunks: list[Any]) -> str:
    """The answer that a stream spelt out."""
    return "".join(chunk.choices[0].delta.content for chunk in chunks if chunk.choices)


@check("chat.create")
def an_answer_is_logged_before_it_is_there(world: World) -> None:
    session = str(uuid4())
    answer = world.call(
        "chat.create",
        messages=[{"role": "system", "content": "Be brief."}, *HELLO],
        model="echo",
        temperature=0.2,
        top_p=0.9,
        max_tokens=200,
        session_id=session,
        labels={"origin": "chat"},
        user=str(uuid4()),
    )
    (choice,) = answer.choices
    stored = world.stored(choice.completion_id)
    assert stored["completion"] == choice.message.content
    assert choice.message.content
    assert stored["source"] == "LIVE"
    assert stored["model"] == {"key": "echo"}
    assert stored["session"] == {"id": session} == {"id": str(answer.session_id)}
    assert stored["labels"] == [{"key": "origin", "value": "chat"}]
    assert [m["content"] for m in stored["chatMessages"]] == ["Be brief.", "Hello from SDK"]
    usage = stored["metadata"]["usage"]
    assert usage["totalTokens"] == answer.usage.total_tokens > 0
    assert usage["promptTokens"] == answer.usage.prompt_tokens
    assert stored["metadata"]["parameters"]["temperature"] == 0.2
    assert stored["metadata"]["timings"]


@check("chat.create")
def feedback_by_the_answer_s_id_works_the_next_instant(world: World) -> None:
    answer = world.call("chat.create", messages=HELLO, model="echo")
    completion = answer.choices[0].completion_id
    world.call(
        "feedback.log_metric",
        value=True,
        completion_id=completion,
        feedback_key=world.named("liked"),
    )
    (score,) = world.stored(completion)["directScores"]
    assert score["value"] == 1.0


@check("chat.create")
def the_default_model_answers_when_none_is_named(world: World) -> None:
    answer = world.call("chat.create", messages=HELLO)
    assert world.stored(answer.choices[0].completion_id)["model"] is not None
    assert UUID(str(answer.session_id))


@check("chat.create")
def a_stream_is_the_answer_in_pieces(world: World) -> None:
    whole = world.call("chat.create", messages=HELLO, model="echo").choices[0].message.content
    chunks = world.call("chat.create", messages=HELLO, model="echo", stream=True)
    assert text_of(chunks) == whole
    assert len(chunks) > 2
    (completion,) = {chunk.choices[0].completion_id for chunk in chunks if chunk.choices}
    assert len({chunk.id for chunk in chunks}) == 1
    assert len({str(chunk.session_id) for chunk in chunks}) == 1
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert not any(chunk.usage for chunk in chunks)
    stored = world.stored(completion)
    assert stored["completion"] == whole
    timings = stored["metadata"]["timings"]
    assert 0 <= timings["ttft_ms"] <= timings["latency_ms"]


@check("chat.create")
def a_stream_ends_with_its_usage_when_asked_to(world: World) -> None:
    chunks = world.call(
        "chat.create", messages=HELLO, model="echo", stream=True, stream_include_usage=True
    )
    last = chunks[-1]
    assert last.choices == []
    usage = last.usage
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens > 0


@check("chat.create")
def what_is_not_to_be_stored_is_not(world: World) -> None:
    before = world.call("interactions.list").total_count
    answer = world.call("chat.create", messages=HELLO, model="echo", store=False)
    assert answer.choices[0].message.content
    chunks = world.call("chat.create", messages=HELLO, model="echo", store=False, stream=True)
    assert text_of(chunks)
    assert world.call("interactions.list").total_count == before


@check("chat.create")
def pictures_reach_the_model_and_are_stored(world: World) -> None:
    messages = [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is in this image?"},
                {"type": "image_url", "image_url": {"url": data_uri(world.picture)}},
            ],
        }
    ]
    if world.kept["version"] < (0, 14):
        said = refusal(world, "chat.create", messages=messages, model="echo")
        assert "ValidationError" in said or "TypeError" in said, said
        return
    answer = world.call("chat.create", messages=messages, model="echo")
    assert "64" in answer.choices[0].message.content
    assert "48" in answer.choices[0].message.content
    parts = world.stored(answer.choices[0].completion_id)["chatMessages"][0]["contentParts"]
    assert parts[1]["url"].startswith("/api/v1/images/")


@check("chat.create")
def an_answer_can_be_cut_short(world: World) -> None:
    answer = world.call("chat.create", messages=HELLO, model="echo", max_tokens=1)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 1


@check("chat.create")
def a_form_of_the_answer_may_be_asked_for(world: World) -> None:
    if not world.client.has("chat.create", "response_format"):
        return
    world.attach("model_key")
    answer = world.call("chat.create", messages=HELLO, model="model_key", response_format=Person)
    assert answer.choices[0].message.content


@check("chat.create")
def a_chat_that_cannot_be_is_refused_with_its_reason(world: World) -> None:
    said = refusal(world, "chat.create", messages=HELLO, model="no-such-model")
    assert "Client error 404" in said, said
    assert "EntityNotFound: model not found or not attached" in said, said
    said = refusal(world, "chat.create", messages=HELLO, project="no-such-project")
    assert "EntityNotFound: project not found" in said, said
    said = refusal(world, "chat.create", messages=[], model="echo")
    assert "Client error 4" in said, said
    said = refusal(world, "chat.create", messages=HELLO, model="no-such-model", stream=True)
    assert "EntityNotFound" in said, said


@check("chat.create")
def how_many_answers_there_are_is_the_models_to_say(world: World) -> None:
    if not world.client.has("chat.create", "n"):
        return
    answer = world.call("chat.create", messages=HELLO, model="echo", n=1)
    assert len(answer.choices) == 1
    # It is passed on; `echo` answers once, however often it is asked to.
    answer = world.call("chat.create", messages=HELLO, model="echo", n=2)
    assert [choice.index for choice in answer.choices] == [0]


@check("embeddings.create")
def embeddings_say_that_the_model_makes_none(world: World) -> None:
    said = refusal(world, "embeddings.create", input="Hello", model="echo")
    assert "Client error 4" in said, said
    assert "embedding" in said, said
    said = refusal(world, "embeddings.create", input="Hello", model="no-such-model")
    assert "EntityNotFound: model not found or not attached" in said, said


@check("embeddings.create")
def embeddings_come_from_a_model_that_makes_them(world: World) -> None:
    world.attach("embedder")
    made = world.call("embeddings.create", input="Hello", model="embedder")
    assert made.data[0].embedding
    assert made.data[0].index == 0
