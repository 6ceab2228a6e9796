"""Interactions and models in the shapes of OpenAI's client."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from interactions.api.answers import AskableModel
from interactions.models import Image
from interactions.models.content_parts import at_address, image_address, parts_of, texts_of
from interactions.services.browsing.across_projects import StoredInteraction
from interactions.services.images.store import STORED_IMAGE_SCHEME
from projects.models import Llm, Project

Json = dict[str, Any]
# What OpenAI repeats of a request in the stored completion.
REPEATED = (
    "temperature", "top_p", "max_tokens", "max_completion_tokens", "presence_penalty",
    "frequency_penalty", "seed", "stop", "response_format", "tools", "tool_choice",
)  # fmt: skip


def model_id(project: Project, llm: Llm | None) -> str:
    """What a client passes as `model` to ask it: `project/model`, or `project` alone."""
    return project.key if llm is None else f"{project.key}/{llm.key}"


def model(project: Project, llm: Llm) -> AskableModel:
    """A model that may be asked in `project`."""
    return {
        "id": model_id(project, llm),
        "object": "model",
        "created": int(llm.created_at.timestamp()),
        "owned_by": llm.provider.lower(),
    }


def completion(one: StoredInteraction) -> Json:
    """A stored completion; its metadata are the interaction's labels."""
    row, body = one.interaction, one.body
    parameters = body.parameters or {}
    notes = body.system or {}
    response = dict(_object(notes.get("response")))
    first, others = _choices(response.pop("choices", None))
    repeated = {name: parameters[name] for name in REPEATED if name in parameters}
    return (
        response
        | repeated
        | {
            "id": str(row.id),
            "object": "chat.completion",
            "created": int(row.created_at.timestamp()),
            "model": model_id(one.project, row.llm),
            "choices": [
                {
                    "logprobs": None,
                    **first,
                    "index": 0,
                    "message": _answer(one),
                    "finish_reason": _finish_reason(notes),
                    **_cut_short(notes),
                    "completion_id": str(row.id),
                },
                *others,
            ],
            "usage": _usage(one),
            "metadata": {label.key: label.value for label in one.row.labels},
            "session_id": str(row.session_id) if row.session_id else None,
        }
    )


def _choices(kept: Any) -> tuple[Json, list[Json]]:
    """What stood beside the message of the answer, and the answers after it, if any.

    An import keeps whatever its lines call `choices`.
    """
    given = kept if isinstance(kept, list) else []
    choices = [one for one in given if isinstance(one, dict)]
    first = next((one for one in choices if "message" not in one), {})
    return first, [one for one in choices if one is not first]


def _answer(one: StoredInteraction) -> Json:
    """The text, and what came beside it, such as tool calls."""
    said: Json = {"role": "assistant", "content": one.body.completion, "refusal": None}
    return said | (one.body.completion_parts or {})


def _finish_reason(notes: Json) -> str:
    """Why an answer ended, as the provider said; `length` of an answer that broke off before."""
    given = notes.get("finish_reason")
    if isinstance(given, str) and given:
        return given
    return "length" if notes.get("cut_short") else "stop"


def _cut_short(notes: Json) -> Json:
    """Why an answer is not whole, if something is missing; OpenAI has no member for this."""
    why = notes.get("cut_short")
    return {"cut_short": why} if why else {}


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _usage(one: StoredInteraction) -> Json | None:
    row = one.interaction
    if row.prompt_tokens is None and row.completion_tokens is None:
        return None
    prompt, said = row.prompt_tokens or 0, row.completion_tokens or 0
    known = {"prompt_tokens": prompt, "completion_tokens": said, "total_tokens": prompt + said}
    return known | (one.body.usage or {})


def messages(one: StoredInteraction, request: HttpRequest) -> list[Json]:
    """What the model was sent, message by message; images by their address here."""
    pictures = {f"{STORED_IMAGE_SCHEME}{image.sha256}": image for image in one.row.images}
    return [
        _message(f"{one.interaction.id}-{n}", message, one.project, pictures, request)
        for n, message in enumerate(one.body.messages)
    ]


def _message(
    id: str, said: Json, project: Project, pictures: dict[str, Image], request: HttpRequest
) -> Json:
    if isinstance(said.get("content"), str | None):
        return {**said, "id": id, "content_parts": None}
    parts = [_part(part, project, pictures, request) for part in parts_of(said)]
    return {**said, "id": id, "content": "\n".join(texts_of(said)), "content_parts": parts}


def _part(part: Any, project: Project, pictures: dict[str, Image], request: HttpRequest) -> Any:
    picture = pictures.get(image_address(part) or "")
    if picture is None:
        return part
    path = reverse(
        "image",
        kwargs={"project": project.uuid, "sha256": picture.sha256, "extension": picture.format},
    )
    return at_address(part, request.build_absolute_uri(path))


def listed(items: list[Json], *, has_more: bool) -> Json:
    """One page of a list."""
    return {
        "object": "list",
        "data": items,
        "first_id": items[0]["id"] if items else None,
        "last_id": items[-1]["id"] if items else None,
        "has_more": has_more,
    }
