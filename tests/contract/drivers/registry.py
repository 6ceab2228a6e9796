"""Checks of models: registered, attached to a project, made its default, taken away."""

import os
from typing import Any

from tests.contract.drivers.calling import API_KEY, ASYNC, BASE_URL, World
from tests.contract.drivers.checks import check, refusal
from tests.contract.drivers.talking import HELLO, text_of

UPSTREAM = os.environ["UPSTREAM_URL"]
SECRET = "sk-a-secret-of-the-upstream"


def services(world: World) -> dict[str, Any]:
    """The models attached to the project, by key."""
    return {one.key: one for one in world.call("projects.get").model_services}


def add_external(world: World, key: str) -> Any:
    """Register a model of the upstream, with its address where the version can send one."""
    extra: dict[str, Any] = {}
    if world.client.has("models.add_external", "extra_params"):
        extra = {"extra_params": {"base_url": UPSTREAM}}
    return world.call(
        "models.add_external",
        name=key,
        external_model_id="mirror",
        api_key=SECRET,
        provider="open_ai",
        **extra,
    )


@check("models.add_external")
def an_external_model_is_registered_and_its_secret_is_not_shown(world: World) -> None:
    key = world.named("external")
    made = add_external(world, key)
    assert (made.key, made.name, made.is_external) == (key, key, True)
    assert made.provider_name.value == "OPEN_AI"
    assert SECRET not in made.model_dump_json()
    google = world.call(
        "models.add_external",
        name=world.named("google"),
        external_model_id="gemini",
        api_key=SECRET,
        provider="google",
    )
    assert google.provider_name.value == "GOOGLE"
    said = refusal(
        world,
        "models.add_external",
        name=world.named("azure"),
        external_model_id="x",
        api_key=SECRET,
        provider="azure",
    )
    assert said.startswith("KeyError"), said


@check("models.list")
def models_are_listed(world: World) -> None:
    listed = {model.key: model for model in world.call("models.list")}
    assert {"echo", world.named("external"), world.named("google")} <= set(listed)
    online = world.call("models.list", filter={"in_storage": True, "view_all": True})
    assert isinstance(online, list)


@check("models.get")
def a_model_is_described_and_an_unknown_one_is_none(world: World) -> None:
    assert world.call("models.get", model=world.named("external")).key == world.named("external")
    assert world.call("models.get", model="no-such-model") is None


@check("models.add_to_project")
def a_model_is_usable_once_it_is_added(world: World) -> None:
    key = world.named("external")
    said = refusal(world, "chat.create", messages=HELLO, model=key)
    assert "EntityNotFound: model not found or not attached" in said, said
    assert world.call("models.add_to_project", model=key) is True
    assert world.call("models.add_to_project", model=key) is True
    assert key in services(world)


@check("models.deploy")
def deploying_answers_with_the_model_s_place_in_the_project(world: World) -> None:
    key = world.named("external")
    made = world.call("models.deploy", model=key, wait=True)
    assert (made.key, made.is_default) == (key, False)


@check("models.attach")
def attaching_makes_a_model_usable_and_the_default_if_asked(world: World) -> None:
    key = world.named("google")
    made = world.call("models.attach", model=key)
    assert (made.key, made.is_default) == (key, False)
    made = world.call("models.attach", model=key, make_default=True)
    assert made.is_default is True
    assert [one.key for one in services(world).values() if one.is_default] == [key]


@check("models.update")
def the_default_is_switched(world: World) -> None:
    made = world.call("models.update", model="echo", is_default=True)
    assert made.is_default is True
    assert [one.key for one in services(world).values() if one.is_default] == ["echo"]
    made = world.call("models.update", model="echo", desired_online=False)
    assert (made.is_default, made.desired_online) == (True, False)
    assert world.call("models.update", model="echo", desired_online=True).desired_online is True
    said = refusal(world, "models.update", model="no-such-model", is_default=True)
    assert said.startswith("AdaptiveEntityNotFoundError: Model key"), said


@check("chat.create")
def an_external_model_answers_through_us(world: World) -> None:
    """The upstream repeats the last message; it saw the secret, the caller does not."""
    world.attach("model_key")
    answer = world.call("chat.create", messages=HELLO, model="model_key")
    assert answer.choices[0].message.content == "Hello from SDK"
    chunks = world.call("chat.create", messages=HELLO, model="model_key", stream=True)
    assert text_of(chunks) == "Hello from SDK"
    for why, status in (("fail 401", "4"), ("fail 429", "429")):
        said = refusal(
            world, "chat.create", messages=[{"role": "user", "content": why}], model="model_key"
        )
        assert f"Client error {status}" in said or "502" in said, said
        assert "sk-" not in said, said


@check("models.add_external")
def this_server_is_an_upstream_like_any_other(world: World) -> None:
    if not world.client.has("models.add_external", "extra_params"):
        return
    key = world.named("ourselves")
    world.call(
        "models.add_external",
        name=key,
        external_model_id="demo/echo",
        api_key=API_KEY,
        provider="open_ai",
        extra_params={"base_url": f"{BASE_URL}/api/v1"},
    )
    world.attach(key)
    direct = world.call("chat.create", messages=HELLO, model="echo")
    through = world.call("chat.create", messages=HELLO, model=key)
    assert through.choices[0].message.content == direct.choices[0].message.content
    chunks = world.call("chat.create", messages=HELLO, model=key, stream=True)
    assert text_of(chunks) == direct.choices[0].message.content


@check("models.detach")
def a_detached_model_can_no_longer_be_used(world: World) -> None:
    key = world.named("google")
    if world.client.kind == ASYNC:
        # The async client only sends an update without changes: it cannot detach.
        world.attach(key)
        assert world.call("models.detach", model=key, project=world.project).key == key
        assert key in services(world)
        return
    assert world.call("models.detach", model=key, project=world.project) is True
    assert key not in services(world)
    said = refusal(world, "chat.create", messages=HELLO, model=key)
    assert "EntityNotFound: model not found or not attached" in said, said


@check("models.update_compute_config")
def a_compute_configuration_means_nothing_here(world: World) -> None:
    try:
        made = world.call("models.update_compute_config", model="echo", compute_config={"tp": 1})
    except Exception as error:
        assert "HTTP status code" not in str(error), error
    else:
        assert made.key == "echo"


@check("models.terminate")
def terminating_means_nothing_here(world: World) -> None:
    try:
        made = world.call("models.terminate", model=world.named("external"))
    except Exception as error:
        assert "HTTP status code" not in str(error), error
    else:
        assert isinstance(made, str)
