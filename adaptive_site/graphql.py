"""`POST /api/graphql`: everything of the SDK that is not REST.

Only authentication answers with another status than 200: the SDK shows nothing of such an
answer but its number. Every other fault stands in `errors`.
"""

import logging
from pathlib import Path
from typing import Any

from ariadne import combine_multipart_data, load_schema_from_path, make_executable_schema
from ariadne.exceptions import HttpBadRequestError
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from graphql import GraphQLError, execute_sync

from adaptive_site.lib import exact_json
from adaptive_site.lib.answer_size import one_answer
from adaptive_site.lib.database.nul import is_about_nul
from adaptive_site.lib.errors import DomainError, Invalid, TooLarge
from adaptive_site.lib.graphql.documents import Documents, Faulty, Root
from adaptive_site.lib.graphql.plain_executor import PlainExecutor
from adaptive_site.lib.graphql.scalars import SCALARS
from adaptive_site.lib.http.request_bodies import too_large_text
from interactions.api.graphql import (
    building,
    datasets,
    editing,
    feedback,
    groups,
    interactions,
    options,
    unsupported,
)
from interactions.api.graphql.operation import GraphQLBody
from interactions.services.recording.drafts import parse_json
from projects.api import llms, metrics, people, projects
from projects.api.roots import mutation, query
from projects.services.access import Caller, authenticate

logger = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parent.parent
# Importing them is what binds their resolvers to the roots.
RESOLVERS = [
    projects,
    metrics,
    llms,
    people,
    interactions,
    groups,
    feedback,
    datasets,
    building,
    editing,
    options,
    unsupported,
]
SCHEMA = make_executable_schema(
    [
        load_schema_from_path(str(_ROOT / name))
        for name in (
            "projects/api/schema.graphql",
            "interactions/api/graphql/schema.graphql",
            "interactions/api/graphql/datasets.graphql",
        )
    ],
    [query, mutation, *SCALARS],
)
DOCUMENTS = Documents(SCHEMA)
OPERATION_MEMBERS = (GraphQLBody.query, GraphQLBody.variables, GraphQLBody.operationName)

# Root fields of the SDK that belong to training and automation, which are not done here.
# Reading them finds nothing; every other root field we do not know is refused by name.
_EMPTY_PAGE = {
    "totalCount": 0,
    "pageInfo": {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    },
    "nodes": [],
}
EMPTY_ANSWERS: dict[str, Any] = {
    "jobs": _EMPTY_PAGE,
    **dict.fromkeys(
        (
            "computePools",
            "customRecipes",
            "graders",
            "harmonyGroups",
            "integrations",
            "judgeVersions",
            "judges",
            "providers",
            "remoteEnvs",
        ),
        [],
    ),
    **dict.fromkeys(("customRecipe", "integration", "job", "provider")),
}
# Null as well, and said why: the SDK, which takes no null for one of these, shows the reason.
NULL_WITH_REASON = ("grader", "judge")


def graphql(request: HttpRequest) -> HttpResponse:
    """Execute the operation of the body, as the user whose key is in the header."""
    caller = authenticate(request.headers.get("Authorization", ""))
    try:
        answer = _answer(caller, _operation(request))
    except DomainError as error:
        answer = {"data": None, "errors": [{"message": str(error)}]}
    except Faulty as error:
        answer = {"data": None, "errors": [one.formatted for one in error.errors]}
    return HttpResponse(exact_json.dumps(answer), content_type="application/json")


def _operation(request: HttpRequest) -> dict[str, Any]:
    """The body: JSON, or a form that holds JSON and files. Raises Invalid or TooLarge."""
    try:
        if request.content_type == "multipart/form-data":
            payload = _with_files(request)
        else:
            payload, _ = parse_json(request.body)
    except RequestDataTooBig as error:
        raise TooLarge(too_large_text()) from error
    if not isinstance(payload, dict):
        raise Invalid("expected a JSON object with the text of a document in query")
    return {member.name: member.of(payload) for member in OPERATION_MEMBERS}


def _with_files(request: HttpRequest) -> Any:
    """The `operations` of a multipart request, with the files where its `map` wants them."""
    try:
        form = request.POST
    except RequestDataTooBig:
        raise
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise Invalid(f"the form cannot be read: {error}") from error
    payload, _ = parse_json(form.get("operations", "").encode())
    if not isinstance(payload, dict):
        raise Invalid("expected a JSON object", field="operations")
    places, _ = parse_json(form.get("map", "").encode())
    try:
        return combine_multipart_data(payload, places, request.FILES)
    except HttpBadRequestError as error:
        raise Invalid(error.message or "the form cannot be read", field="map") from error


def _answer(caller: Caller, operation: dict[str, Any]) -> dict[str, Any]:
    text, name = operation["query"], operation.get("operationName") or None
    if roots := DOCUMENTS.unknown_roots(text, name):
        return _not_here(roots)
    with one_answer():
        result = execute_sync(
            SCHEMA,
            DOCUMENTS.read(text),
            context_value=caller,
            variable_values=operation.get("variables") or {},
            operation_name=name,
            executor_class=PlainExecutor,
        )
    if not result.errors:
        return {"data": result.data}
    return {"data": result.data, "errors": [_told(error) for error in result.errors]}


def _not_here(roots: list[Root]) -> dict[str, Any]:
    """What is said of root fields that the schema does not have."""
    refused = [root.name for root in roots if root.name not in EMPTY_ANSWERS]
    if refused:
        errors = [{"message": f"Not supported by this server: {name}"} for name in refused]
        is_null = all(name in NULL_WITH_REASON for name in refused)
        data = {root.key: EMPTY_ANSWERS.get(root.name) for root in roots} if is_null else None
        return {"data": data, "errors": errors}
    return {"data": {root.key: EMPTY_ANSWERS[root.name] for root in roots}}


def _told(error: GraphQLError) -> dict[str, Any]:
    """An error as the caller sees it: ours with its status, a bug without its details."""
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    told: dict[str, Any] = {**error.formatted}
    if cause is not None and is_about_nul(cause):
        cause = Invalid("expected a text without NUL characters")
    if isinstance(cause, DomainError):
        told["message"] = str(cause)
        told["extensions"] = {"status": cause.status, "field": cause.field}
    elif cause is not None and not isinstance(cause, GraphQLError):
        logger.error("GraphQL: %s", error.message, exc_info=cause)
        told["message"] = "the server failed on this; its log says why"
    return told
