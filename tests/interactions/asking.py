"""Asking models through Django's test client, with a provider on loopback."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from django.test import Client

from adaptive_site.lib import exact_json
from interactions.models import Interaction
from interactions.services.browsing import rows
from projects.models import Llm, Project
from projects.services import llm_registration, llms
from tests.upstream import KEY

CHAT = "/api/v1/chat/completions"
QUESTION = {"role": "user", "content": "What is a maple?"}


class HasUrl(Protocol):
    """A provider of the tests."""

    url: str


def make_external(project: Project, upstream: HasUrl, name: str = "Big", **more: Any) -> Llm:
    """A model of the upstream's, attached to `project`."""
    known = {"provider": "OPEN_AI", "external_id": "big-1", "api_key": KEY}
    llm = llm_registration.register_external(
        name=name, **{**known, "base_url": upstream.url, **more}
    )
    llms.attach(project, llm)
    return llm


def ask(
    key: str,
    *,
    path: str = CHAT,
    accept: str = "*/*",
    headers: Mapping[str, str] | None = None,
    **payload: Any,
) -> Any:
    """The answer to a question; `payload` changes the body, None takes a member away."""
    body = {"model": "maple/big", "messages": [QUESTION], **payload}
    return Client(raise_request_exception=False).post(
        path,
        {name: value for name, value in body.items() if value is not None},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}", "Accept": accept, **(headers or {})},
    )


def post(key: str, **body: Any) -> Any:
    """The answer to this very body, nulls too."""
    return Client(raise_request_exception=False).post(
        CHAT,
        exact_json.dumps({"model": "maple/big", "messages": [QUESTION], **body}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )


def events_of(answer: Any) -> list[dict[str, Any]]:
    """The events of a stream that ended with `[DONE]`."""
    events = told(answer)
    assert events.pop() == "[DONE]"
    return events


def told(answer: Any) -> list[Any]:
    """The events of a stream, whichever way it ended."""
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    lines = [event.removeprefix("data: ") for event in answer.text.split("\n\n") if event]
    return [line if line == "[DONE]" else exact_json.read(line) for line in lines]


def text_of(events: list[dict[str, Any]]) -> str:
    """What the deltas say together."""
    deltas = [event["choices"][0]["delta"] for event in events if event.get("choices")]
    return "".join(delta.get("content") or "" for delta in deltas)


def logged(project: Project) -> rows.Whole:
    """The one interaction there is."""
    return rows.whole(project, Interaction.objects.in_project(project).get().id)


def notes(project: Project) -> dict[str, Any]:
    """What the server noted of the one interaction there is."""
    system = logged(project).interaction.body.system
    assert isinstance(system, dict)
    return system


def is_empty(project: Project) -> bool:
    """Whether nothing was logged."""
    return not Interaction.objects.in_project(project).exists()


def completion_id(body: dict[str, Any]) -> UUID:
    """The id in the first choice."""
    return UUID(body["choices"][0]["completion_id"])
