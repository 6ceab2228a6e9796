"""What `POST /api/graphql` takes and answers; the rest is in its own schema."""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.openapi.members import Kind, Member, OptionalMember, RequestShape
from adaptive_site.lib.openapi.operations import DescribedAnswer, json, operation


def _document(value: object, *, field: str) -> str:
    if not isinstance(value, str):
        # It names no field: a client that sent no object at all is told so, too.
        raise Invalid("expected a JSON object with the text of a document in query")
    return value


def _variables(value: object, *, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Invalid("expected an object", field=field)
    return value


def _operation_name(value: object, *, field: str) -> str:
    if not isinstance(value, str):
        raise Invalid("expected a string", field=field)
    return value


class GraphQLBody(RequestShape):
    """An operation of GraphQL."""

    query = Member(Kind({"type": "string"}, _document), "The text of a document.")
    variables = OptionalMember(Kind({"type": "object"}, _variables), "Values by name.")
    operationName = OptionalMember(Kind({"type": "string"}, _operation_name), "Of several, which.")
    example = {"query": "{ me { email } }"}


class GraphQLForm(RequestShape):
    """An operation with files, as GraphQL's multipart request specification says it."""

    operations = Member(Kind({"type": "string"}, _document), "The body, as JSON.")
    map = Member(Kind({"type": "string"}, _document), "For each file where it goes, as JSON.")


class GraphQLError(TypedDict):
    """What is wrong; `extensions` has the status and field that REST would answer."""

    message: str
    locations: NotRequired[list[dict[str, int]]]
    path: NotRequired[list[str | int]]
    extensions: NotRequired[dict[str, Any]]


class GraphQLAnswer(TypedDict):
    """`data`, `errors`, or both."""

    data: dict[str, Any] | None
    errors: NotRequired[list[GraphQLError]]


described = operation(
    "GraphQL",
    title="Everything that the SDK does beside logging and chat",
    about="Every fault but that of the key is answered with 200 and stands in `errors`.",
    body={**json(GraphQLBody), "multipart/form-data": GraphQLForm},
    answers={"200": DescribedAnswer("What was asked, and what went wrong.", json(GraphQLAnswer))},
)
