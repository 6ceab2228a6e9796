"""GraphQL's scalars that mean more than their JSON does."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ariadne import ScalarType, upload_scalar
from graphql import GraphQLError, ValueNode, value_from_ast_untyped

from adaptive_site.lib.ids import EPOCH

_MILLISECOND = timedelta(milliseconds=1)
_LAST = datetime.max.replace(tzinfo=UTC)

id_or_key = ScalarType("IdOrKey")
key = ScalarType("Key")
uuid = ScalarType("UUID")
timestamp = ScalarType("Timestamp")
input_datetime = ScalarType("InputDatetime")
json = ScalarType("JSON")
score_value = ScalarType("ScoreValue")
long = ScalarType("Long")

SCALARS = [id_or_key, key, uuid, timestamp, input_datetime, json, score_value, long, upload_scalar]


def milliseconds(at: datetime) -> int:
    """The milliseconds from 1970 to `at`, as every `createdAt` has them."""
    return (at - EPOCH) // _MILLISECOND


@id_or_key.value_parser
@key.value_parser
def parse_text(value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise GraphQLError("expected a string")
    return value


@uuid.value_parser
def parse_uuid(value: object) -> UUID:
    """A UUID from its text, in any case."""
    try:
        return UUID(parse_text(value))
    except ValueError as error:
        raise GraphQLError("expected a UUID") from error


@input_datetime.value_parser
def parse_datetime(value: object) -> datetime:
    """A time from milliseconds since 1970 (a number, or its digits), or from ISO-8601.

    It is UTC when it names no zone. Numbers beyond what a calendar holds stop at its end.
    """
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        value = int(value[:20])
    if isinstance(value, int | float) and not isinstance(value, bool):
        last = milliseconds(_LAST)
        return EPOCH + timedelta(milliseconds=min(max(value, 0), last))
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value.strip())
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            pass
    raise GraphQLError("expected milliseconds since 1970 or a time such as 2024-02-21T09:51:03Z")


@score_value.value_parser
def parse_score(value: object) -> bool | int | float | Decimal:
    """A boolean or a number; which ones, the metric decides."""
    if not isinstance(value, bool | int | float | Decimal):
        raise GraphQLError("expected a number or a boolean")
    return value


def _literal(scalar: ScalarType, parse: Any) -> None:
    """Let a value that stands in the document mean what it does in a variable."""

    @scalar.literal_parser
    def parse_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
        return parse(value_from_ast_untyped(node, variables))


for _scalar, _parse in (
    (id_or_key, parse_text),
    (key, parse_text),
    (uuid, parse_uuid),
    (input_datetime, parse_datetime),
    (score_value, parse_score),
):
    _literal(_scalar, _parse)
