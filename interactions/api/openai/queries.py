"""The queries by which OpenAI's client pages through what is stored."""

from uuid import UUID

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.openapi.members import BracketedMember, Kind, OptionalMember, RequestShape
from interactions.api.kinds import TEXT

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


def _limit(value: object, *, field: str) -> int:
    given = str(value)
    if not given.isascii() or not given.isdigit() or not 0 < int(given[:9]) <= MAX_LIMIT:
        raise Invalid(f"expected a number from 1 to {MAX_LIMIT}", field=field)
    return int(given)


def _order(value: object, *, field: str) -> str:
    if value not in ("asc", "desc"):
        raise Invalid("expected asc or desc", field=field)
    return str(value)


def _after(value: object, *, field: str) -> UUID | None:
    if not value:  # as a client sends that has no last one yet
        return None
    try:
        return UUID(str(value))
    except ValueError as error:
        raise Invalid("expected the id of a completion", field=field) from error


PAGE_LIMIT = Kind(
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}, _limit
)
PAGE_ORDER = Kind({"enum": ["asc", "desc"], "default": "asc"}, _order)
AFTER = Kind({"anyOf": [{"type": "string", "format": "uuid"}, {"const": ""}]}, _after)


class PageQuery(RequestShape):
    """A page of a list."""

    limit = OptionalMember(PAGE_LIMIT, "How many.")
    order = OptionalMember(PAGE_ORDER, "By time: `desc` is the newest first.")


class CompletionsQuery(PageQuery):
    """Which stored completions."""

    after = OptionalMember(AFTER, "The last id of the page before.")
    model = OptionalMember(TEXT, "`project/model`, or `project`; without one, of all projects.")
    metadata = BracketedMember("Labels they must have, as `metadata[env]=prod`.")


class MessagesQuery(PageQuery):
    """Which messages of a completion."""

    after = OptionalMember(TEXT, "The id of the last message of the page before.")
