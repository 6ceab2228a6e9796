"""Stored completions as OpenAI's client reads, labels and deletes them: our interactions."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse, QueryDict

from adaptive_site.lib import exact_json
from adaptive_site.lib.database.time_limits import time_limit
from adaptive_site.lib.errors import Invalid, NotFound
from adaptive_site.lib.http.methods import by_method
from adaptive_site.lib.openapi.operations import DescribedAnswer, json, operation
from interactions.api.answers import (
    A_COMPLETION,
    CompletionsAnswer,
    DeletedAnswer,
    MessagesAnswer,
)
from interactions.api.bodies import CompletionUpdateBody
from interactions.api.openai import shapes
from interactions.api.openai.queries import (
    DEFAULT_LIMIT,
    CompletionsQuery,
    MessagesQuery,
    PageQuery,
)
from interactions.api.rest.methods import CallerRequest, by_key
from interactions.filters.conditions import Condition, HasLabel, HasLlm
from interactions.filters.tree import And
from interactions.services import searches
from interactions.services.browsing import across_projects
from interactions.services.browsing.across_projects import StoredInteraction
from interactions.services.editing import labels as editing_labels
from interactions.services.editing.deletion import delete
from interactions.services.recording.drafts import parse_json
from projects.models import Project
from projects.services.access import DELETE, LABEL, MANAGE, READ, Caller, project_for

STORED_LIMIT_MS = 5_000


def _json(value: dict[str, Any]) -> HttpResponse:
    """Django's own makes texts of the numbers that no float holds."""
    return HttpResponse(exact_json.dumps(value), content_type="application/json")


def _limit(query: QueryDict) -> int:
    return PageQuery.limit.of(query) or DEFAULT_LIMIT


def _is_newest_first(query: QueryDict) -> bool:
    return PageQuery.order.of(query) == "desc"


def _stored(caller: Caller, id: str, permission: str = READ) -> StoredInteraction:
    try:
        return across_projects.of_caller(caller, UUID(id), permission)
    except ValueError as error:
        raise NotFound(f"EntityNotFound: completion {id} not found") from error


def _where(caller: Caller, query: QueryDict) -> tuple[list[Project], And]:
    """The projects to look in, and the filter.

    `model` is what one chats with: `project/model`, or `project` for whatever model. Without
    it all projects of the caller are looked through.
    """
    conditions: list[Condition] = [
        HasLabel(key, (value,)) for key, value in CompletionsQuery.metadata.of(query).items()
    ]
    if not (asked := CompletionsQuery.model.of(query)):
        return list(Project.objects.visible_to(caller)), And(tuple(conditions))
    key, _, name = asked.partition("/")
    if name:
        conditions.append(HasLlm((name,)))
    return [project_for(caller, key)], And(tuple(conditions))


@operation(
    "Stored completions",
    query=CompletionsQuery,
    answers={"200": DescribedAnswer("A page of them.", json(CompletionsAnswer))},
    refuses=(403, 404),
)
@by_key
def _list(request: CallerRequest) -> HttpResponse:
    """Interactions as OpenAI's client lists completions."""
    query = request.GET
    projects, tree = _where(request.caller, query)
    limit, is_newest_first = _limit(query), _is_newest_first(query)
    after = CompletionsQuery.after.of(query)
    for project in projects:
        searches.note(project, tree, by=request.caller.user, page="completions")
    with time_limit(STORED_LIMIT_MS):
        found, has_more = across_projects.page(
            projects, tree, limit=limit, after=after, is_newest_first=is_newest_first
        )
    return _json(shapes.listed([shapes.completion(one) for one in found], has_more=has_more))


@operation("Stored completions", answers={"200": A_COMPLETION}, refuses=(403, 404))
@by_key
def _retrieve(request: CallerRequest, id: str) -> HttpResponse:
    """One stored completion."""
    return _json(shapes.completion(_stored(request.caller, id)))


@operation(
    "Stored completions",
    query=MessagesQuery,
    answers={"200": DescribedAnswer("A page of them.", json(MessagesAnswer))},
    refuses=(403, 404),
)
@by_key
def _messages(request: CallerRequest, id: str) -> HttpResponse:
    """A page of the messages of a completion; `after` is a message's id."""
    query = request.GET
    limit, is_newest_first = _limit(query), _is_newest_first(query)
    said = shapes.messages(_stored(request.caller, id), request)
    if is_newest_first:
        said.reverse()
    if after := MessagesQuery.after.of(query):
        ids = [message["id"] for message in said]
        if after not in ids:
            raise Invalid("expected the id of a message of this completion", field="after")
        said = said[ids.index(after) + 1 :]
    return _json(shapes.listed(said[:limit], has_more=len(said) > limit))


@operation(
    "Stored completions",
    body=json(CompletionUpdateBody),
    answers={"200": A_COMPLETION},
    refuses=(403, 404),
)
@by_key
def _update(request: CallerRequest, id: str) -> HttpResponse:
    """Make `metadata` the labels, as OpenAI does: what is not in it goes, null takes all."""
    payload, _ = parse_json(request.body)
    if not isinstance(payload, dict) or "metadata" not in payload:
        raise Invalid("expected an object of strings, or null", field="metadata")
    labels = CompletionUpdateBody.metadata.of(payload) or {}
    one = _stored(request.caller, id, LABEL)
    editing_labels.replace(
        one.project,
        one.interaction.id,
        labels=labels,
        by=request.caller.user,
        may_lift=request.caller.may(MANAGE, one.project),
    )
    return _json(shapes.completion(_stored(request.caller, id)))


@operation(
    "Stored completions",
    answers={"200": DescribedAnswer("It is deleted.", json(DeletedAnswer))},
    refuses=(403, 404, 409),  # 409: a legal hold keeps it
)
@by_key
def _delete(request: CallerRequest, id: str) -> HttpResponse:
    """Delete a completion."""
    one = _stored(request.caller, id, DELETE)
    delete(one.project, one.interaction.id, by=request.caller.user)
    answer: DeletedAnswer = {
        "id": str(one.interaction.id),
        "object": "chat.completion.deleted",
        "deleted": True,
    }
    return JsonResponse(answer)


list_completions = _list
completion = by_method(GET=_retrieve, POST=_update, DELETE=_delete)
messages = by_method(GET=_messages)
