"""The echo, embeddings, and models with their keys."""

from typing import Any

import orjson
import pytest
from django.test import Client

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.services.chat.answer import StreamedAnswer
from projects.models import Llm, Project, ProjectLlm, Registration
from projects.services import encryption, llm_registration, llms
from tests import make
from tests.interactions.asking import ask, events_of, is_empty, logged, make_external, text_of
from tests.upstream import KEY, Upstream, delta, says

pytestmark = pytest.mark.django_db

EMBEDDINGS = "/api/v1/embeddings"
VECTORS = {"object": "list", "data": [{"index": 0, "embedding": [0.5]}], "usage": {}}


def echoed(key: str, content: object, **more: Any) -> Any:
    """The echo's answer."""
    message = {"role": "user", "content": content}
    return ask(key, **{"model": "maple/echo", "messages": [message], **more})


def test_the_echo_says_what_it_was_told_word_by_word(alice_key: str, project: Project) -> None:
    body = echoed(alice_key, "Hello  big\nworld").json()
    assert body["choices"][0]["message"]["content"] == "You said: Hello  big\nworld"
    assert body["usage"] == {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
    events = events_of(echoed(alice_key, "Hello  big\nworld", stream=True))
    assert text_of(events) == "You said: Hello  big\nworld"
    assert len(events) == 6
    assert events_of(echoed(alice_key, "", stream=True))


def test_the_echo_describes_images(alice_key: str, project: Project, empty_storage: object) -> None:
    png, jpeg = make.make_image(), make.make_image("JPEG", (40, 30))
    message = make.image_message(
        make.data_uri(png), make.data_uri(jpeg, "image/jpeg"), "https://a.example/b.png"
    )
    said = echoed(alice_key, message["content"]).json()["choices"][0]["message"]["content"]
    assert f"2 images: PNG, 12 × 8 pixels, {len(png)} bytes; JPEG, 40 × 30 pixels" in said
    assert "1 image by address" in said
    assert logged(project).interaction.image_count == 2


@pytest.mark.parametrize(
    ("options", "expected", "reason"),
    [
        ({"max_tokens": 3}, "You said: one ", "length"),
        ({"max_tokens": 0}, "", "length"),
        ({"max_tokens": 99}, "You said: one two three", "stop"),
        ({"stop": "two"}, "You said: one ", "stop"),
        ({"stop": ["three", "one"]}, "You said: ", "stop"),
    ],
)
def test_the_echo_knows_when_to_stop(
    alice_key: str, project: Project, options: dict[str, Any], expected: str, reason: str
) -> None:
    (choice,) = echoed(alice_key, "one two three", **options).json()["choices"]
    assert (choice["message"]["content"], choice["finish_reason"]) == (expected, reason)


def test_the_echo_fills_in_a_schema(alice_key: str, project: Project) -> None:
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "age": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "kind": {"enum": ["a", "b"]},
            "tags": {"type": "array", "minItems": 2, "items": {"type": ["boolean", "null"]}},
            "inner": {"type": "object", "properties": {"pi": {"type": "number"}}},
            "odd": {"type": {}, "enum": "x", "anyOf": {}, "properties": 7},
        },
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    answer = echoed(alice_key, "Ann", response_format=wanted).json()
    assert orjson.loads(answer["choices"][0]["message"]["content"]) == {
        "name": "Ann",
        "age": 0,
        "kind": "a",
        "tags": [False, False],
        "inner": {"pi": 0},
        "odd": None,
    }
    for odd in ({"type": "json_schema"}, {"type": "json_schema", "json_schema": 7}):
        assert echoed(alice_key, "Ann", response_format=odd).status_code == 200


def test_the_echo_gives_numbers_as_a_schema_has_them_and_few_items(
    alice_key: str, project: Project
) -> None:
    many: dict[str, Any] = {"const": 2**64}
    for _ in range(15):
        many = {"type": "array", "minItems": 10, "items": many}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": many}}
    body = echoed(alice_key, "Hello", response_format=wanted).json()
    said = body["choices"][0]["message"]["content"]
    assert said.count(str(2**64)) == 100


def test_a_long_text_is_repeated_only_in_part(alice_key: str, project: Project) -> None:
    answer = echoed(alice_key, "word " * 100_000).json()
    assert len(answer["choices"][0]["message"]["content"]) < 3000
    assert answer["usage"]["prompt_tokens"] == 100_000


@pytest.mark.parametrize("is_double_encoded", [False, True])
def test_embeddings_are_handed_on(
    alice_key: str, project: Project, provider: Upstream, is_double_encoded: bool
) -> None:
    make_external(project, provider)
    provider.answer = says(VECTORS)
    asked: dict[str, Any] = {
        "model": "maple/big",
        "input": "hello",
        "encoding_format": "Float",
        "user": "me",
        "dimensions": None,
        "input_type": "query",
        "truncate": True,
    }
    body: Any = orjson.dumps(orjson.dumps(asked).decode()) if is_double_encoded else asked
    answer = _embed(alice_key, body)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {**VECTORS, "model": "maple/big"}
    (seen,) = provider.seen
    assert seen.path == "/v1/embeddings"
    assert seen.body == {
        "model": "big-1",
        "input": "hello",
        "encoding_format": "float",
        "dimensions": None,
        "input_type": "query",
        "truncate": True,
    }
    assert is_empty(project)


def _embed(key: str, body: Any) -> Any:
    return Client().post(
        EMBEDDINGS,
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )


def test_embeddings_that_cannot_be_are_refused(
    alice_key: str, charlie_key: str, project: Project, provider: Upstream
) -> None:
    make_external(project, provider)
    good: dict[str, Any] = {"path": EMBEDDINGS, "messages": None, "input": "hello"}
    assert "no embeddings" in ask(alice_key, **{**good, "model": "maple"}).json()["error"]
    assert ask(charlie_key, **good).status_code == 404
    provider.answer = says({"ok": True})
    assert ask(alice_key, **good).status_code == 502
    asked = len(provider.seen)
    wrongs: list[dict[str, Any]] = [{"input": None}, {"input": ""}, {"input": []}]
    for wrong in wrongs:
        assert ask(alice_key, **{**good, **wrong}).status_code == 400, wrong
    assert len(provider.seen) == asked


def test_a_providers_key_is_kept_encrypted(project: Project, provider: Upstream) -> None:
    llm = make_external(project, provider)
    llm.refresh_from_db()
    assert KEY.encode() not in bytes(llm.encrypted_api_key)
    assert encryption.unseal(llm.encrypted_api_key) == KEY
    assert (
        llm_registration.register_external(
            name="Open", provider="OPEN_AI", external_id="m", api_key=""
        ).encrypted_api_key
        == b""
    )


def test_a_model_is_registered_by_a_name_that_becomes_its_key() -> None:
    known: dict[str, Any] = {"provider": "OPEN_AI", "external_id": "m", "api_key": "sk-1"}
    llm = llm_registration.register_external(
        name="GPT-4o (Mini)", extra_params={"base_url": "http://vllm:8000/v1/", "top_k": 1}, **known
    )
    assert (llm.key, llm.shown_name) == ("gpt-4o-mini", "GPT-4o (Mini)")
    assert (llm.base_url, llm.extra_params) == ("http://vllm:8000/v1", {"top_k": 1})
    assert llm_registration.register_external(name="my_model.v1", **known).key == "my_model.v1"
    with pytest.raises(Invalid, match="name: a model with the key gpt-4o-mini exists"):
        llm_registration.register_external(name="gpt-4o-mini", **known)


def test_a_logged_name_can_be_given_a_provider(project: Project) -> None:
    name = make.make_llm(project, "gpt-4o")
    assert llms.attached(project, "gpt-4o").provider == ""
    llm = llm_registration.register_external(
        name="GPT-4o", provider="OPEN_AI", external_id="gpt-4o", api_key="sk-1"
    )
    # To register it changes nothing in a project; to attach it does.
    assert llms.attached(project, "gpt-4o").provider == ""
    llms.attach(project, llm)
    llm = llms.attached(project, "gpt-4o")
    assert (llm.id, llm.shown_name, llm.provider) == (name.id, "GPT-4o", "OPEN_AI")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Echo"}, "name"),
        ({"name": "…"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"provider": "ECHO"}, "provider"),
        ({"provider": ""}, "provider"),
        ({"external_id": " "}, "external_id"),
        ({"api_key": "two words"}, "api_key"),
        ({"api_key": "line\nbreak"}, "api_key"),
        ({"base_url": "ftp://a.example"}, "base_url"),
        ({"base_url": "https://"}, "base_url"),
        ({"base_url": "https://user:pass@a.example"}, "base_url"),
        ({"base_url": "https://a.example/?key=x"}, "base_url"),
        ({"base_url": "https://[nowhere"}, "base_url"),
        ({"extra_params": {"base_url": 7}}, "base_url"),
    ],
)
def test_a_model_that_could_not_be_asked_is_not_registered(
    wrong: dict[str, Any], field: str
) -> None:
    right = {"name": "Big", "provider": "OPEN_AI", "external_id": "m", "api_key": "sk-1"}
    with pytest.raises(Invalid) as caught:
        llm_registration.register_external(**{**right, **wrong})
    assert caught.value.field == field
    assert not Registration.objects.filter(provider="OPEN_AI").exists()


def test_a_project_has_at_most_one_default(project: Project, provider: Upstream) -> None:
    big, small = make_external(project, provider), make_external(project, provider, "Small")
    llms.set_default(project, big)
    llms.set_default(project, small)
    (link,) = ProjectLlm.objects.filter(project=project, is_default=True)
    assert link.llm == small
    llms.set_default(project, small, is_default=False)
    assert not ProjectLlm.objects.filter(project=project, is_default=True).exists()
    llms.detach(project, big)
    for act in (llms.detach, llms.set_default):
        with pytest.raises(NotFound):
            act(project, big)


def test_a_detached_echo_stays_away(project: Project) -> None:
    echo = Llm.objects.get(key="echo")
    llms.detach(project, echo)
    llms.offer_echo(is_offered=True)
    assert not ProjectLlm.objects.filter(project=project, llm=echo).exists()


def test_tool_calls_without_an_index_are_each_whole() -> None:
    heard = StreamedAnswer()
    heard.start()
    calls = [{"function": {"name": name, "arguments": "{}"}} for name in "ab"]
    for call in calls:
        heard.take(delta(tool_calls=[call, "nonsense"]))
    assert heard.parts == {"tool_calls": calls}
