"""Chat through a running server: what only a real connection can show."""

import asyncio
import http.client
import json
import time
from collections.abc import Callable, Iterator
from threading import Semaphore
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests.served import KEY, Served
from tests.upstream import TOLD, Upstream, delta, silence, streams, upstream

SETUP = """
from projects.models import Project
from projects.services import llm_registration, llms, metrics, projects
project = Project.objects.filter(key="gateway").first()
project = project or projects.create(key="gateway", name="Gateway")
metrics.ensure(project, "helpful", kind="BOOL")
llms.attach(project, llm_registration.register_external(
    name="{name}", provider="OPEN_AI", external_id="big-1", api_key="sk-1", base_url="{url}"
))
"""
QUESTION = {"role": "user", "content": "What is a maple?"}
AUTHORIZED = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def gateway(site: Served) -> Iterator[tuple[Upstream, str]]:
    """A provider, and a model of its own in a project of the running site."""
    with upstream() as running:
        name = f"big-{time.time_ns()}"
        site.manage("shell", "-c", SETUP.format(name=name, url=running.url))
        yield running, f"gateway/{name}"


@pytest.fixture
def provider(gateway: tuple[Upstream, str]) -> Upstream:
    """The provider, as if nobody had asked it yet."""
    gateway[0].is_left.clear()
    return gateway[0]


@pytest.fixture
def model(gateway: tuple[Upstream, str]) -> str:
    """The model."""
    return gateway[1]


def ask(site: Served, **payload: Any) -> http.client.HTTPResponse:
    """The answer to a streamed question, its body still to be read."""
    connection = http.client.HTTPConnection("127.0.0.1", site.site.port, timeout=20)
    body = {"messages": [QUESTION], "stream": True, **payload}
    connection.request("POST", "/api/v1/chat/completions", json.dumps(body), AUTHORIZED)
    return connection.getresponse()


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_is_asked_at_its_own_route_ends_soon(
    site: Served, gateway: tuple[Upstream, str], stream: bool
) -> None:
    """Each pass logs nothing and holds one request; without an end they would hold them all."""
    name = f"loop-{time.time_ns()}"
    url = f"{site.url}/api/v1"
    site.manage(
        "shell",
        "-c",
        SETUP.format(name=name, url=url)
        .replace('"big-1"', f'"gateway/{name}"')
        .replace('"sk-1"', f'"{KEY}"'),
    )
    began = time.monotonic()
    answer = ask(site, model=f"gateway/{name}", stream=stream)
    said = answer.read().decode()
    assert answer.status == 508, said
    assert "leads back here" in said
    assert time.monotonic() - began < 20


def next_event(answer: http.client.HTTPResponse) -> Any:
    """The next event."""
    line = answer.readline().decode().strip()
    assert line.startswith("data: "), line
    answer.readline()
    return json.loads(line.removeprefix("data: ")) if "[DONE]" not in line else "[DONE]"


def stored(site: Served, id: str) -> dict[str, Any] | None:
    """The interaction's JSON, when it is there."""
    connection = http.client.HTTPConnection("127.0.0.1", site.site.port, timeout=20)
    connection.request("GET", f"/projects/gateway/interactions/{id}/raw/", None, AUTHORIZED)
    answer = connection.getresponse()
    raw = answer.read()
    assert answer.status in (200, 404)
    return json.loads(raw) if answer.status == 200 else None


def notes(site: Served, id: str) -> dict[str, Any]:
    """What the server noted of an interaction; the API does not say it."""
    code = f"""
from interactions.models import InteractionBody
from projects.models import Project
project = Project.objects.get(key="gateway")
import json
body = InteractionBody.objects.filter(project=project).get(interaction_id="{id}")
print("notes", json.dumps(body.system))
"""
    said: dict[str, Any] = json.loads(site.manage("shell", "-c", code).partition("notes ")[2])
    return said


def eventually(find: Callable[[], Any]) -> Any:
    """What `find` finds, within a minute."""
    deadline = time.monotonic() + 60
    while not (found := find()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_each_piece_is_passed_on_at_once(site: Served, provider: Upstream, model: str) -> None:
    words = [delta(content=f"{n} ") for n in range(5)]
    read = Semaphore(1)
    provider.answer = streams(*words, delta("stop"), "[DONE]", read=read)
    answer = ask(site, model=model)
    for n in range(5):  # of which each is sent when the one before has arrived
        assert next_event(answer)["choices"][0]["delta"]["content"] == f"{n} "
        read.release()
    read.release()
    assert answer.read().endswith(b"data: [DONE]\n\n")


def test_feedback_can_be_given_as_soon_as_the_ending_is_seen(
    site: Served, provider: Upstream, model: str
) -> None:
    provider.answer = streams(*TOLD)
    for _ in range(10):
        answer = ask(site, model=model)
        while (event := next_event(answer))["choices"][0]["finish_reason"] is None:
            pass
        id = event["choices"][0]["completion_id"]
        given = site.post("feedback", {"completion_id": id, "metric": "helpful", "value": True})
        assert given["feedback_id"]
        assert next_event(answer) == "[DONE]"


@pytest.mark.parametrize("store", [True, False])
def test_who_hangs_up_leaves_an_interaction_that_is_cut_short(
    site: Served, provider: Upstream, model: str, store: bool
) -> None:
    words = [delta(content=f"{n} ") for n in range(400)]
    provider.answer = streams(*words, delta("stop"), "[DONE]", pause=0.05)
    answer = ask(site, model=model, store=store)
    id = next_event(answer)["id"]
    assert next_event(answer)["id"] == id
    answer.close()
    assert provider.is_left.wait(60), "the provider goes on talking to nobody"
    if not store:
        time.sleep(0.3)
        assert stored(site, id) is None
        return
    line = eventually(lambda: stored(site, id))
    assert line["completion"].startswith("0 1 ")
    assert notes(site, id)["cut_short"] == "the client hung up"


def test_who_hangs_up_while_the_model_is_silent_is_noticed(
    site: Served, provider: Upstream, model: str
) -> None:
    provider.answer = silence
    asked = str(uuid4())
    began = time.monotonic()
    answer = ask(site, model=model, session_id=asked)
    # The headers, although the provider has none yet; then a comment.
    assert answer.status == 200
    assert answer.readline().startswith(b": ")
    assert time.monotonic() - began < 10
    assert not provider.is_left.is_set()
    answer.close()
    assert provider.is_left.wait(60), "the provider goes on thinking for nobody"
    found = eventually(lambda: [one for one in listed(site, model) if one["session_id"] == asked])
    assert found[0]["choices"][0]["message"]["content"] == ""
    assert notes(site, found[0]["id"])["cut_short"] == "the client hung up"


def listed(site: Served, model: str) -> list[dict[str, Any]]:
    """The latest interactions with the model."""
    connection = http.client.HTTPConnection("127.0.0.1", site.site.port, timeout=20)
    address = f"/api/v1/chat/completions?model={model}&order=desc"
    connection.request("GET", address, None, AUTHORIZED)
    found: list[dict[str, Any]] = json.loads(connection.getresponse().read())["data"]
    return found


def test_a_provider_that_dies_ends_the_stream_with_a_reason(
    site: Served, provider: Upstream, model: str
) -> None:
    provider.answer = streams(*TOLD[:3], pause=0.05, breaks=True)
    answer = ask(site, model=model)
    *chunks, last = [json.loads(part[6:]) for part in answer.read().split(b"\n\n") if part]
    assert "broke off" in last["error"]
    id = chunks[0]["id"]
    line = stored(site, id)
    assert line is not None
    assert line["completion"] == "A tree."
    assert "broke off" in notes(site, id)["cut_short"]


def test_many_streams_at_once_are_all_logged(site: Served, provider: Upstream, model: str) -> None:
    words = [delta(content=f"{n} ") for n in range(10)]
    provider.answer = streams(*words, delta("stop"), "[DONE]", pause=0.02)

    async def one(session: aiohttp.ClientSession) -> str:
        body = {"model": model, "messages": [QUESTION], "stream": True}
        url = f"{site.url}/api/v1/chat/completions"
        async with session.post(url, json=body, headers=AUTHORIZED) as answer:
            raw = await answer.read()
        assert raw.endswith(b"data: [DONE]\n\n")
        return str(json.loads(raw.split(b"\n\n")[0][6:])["id"])

    async def all_of_them() -> list[str]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            return await asyncio.gather(*(one(session) for _ in range(60)))

    ids = asyncio.run(all_of_them())
    assert len(set(ids)) == 60
    for id in ids:
        line = stored(site, id)
        assert line is not None
        assert line["completion"] == "0 1 2 3 4 5 6 7 8 9 "
