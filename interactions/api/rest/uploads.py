"""`/api/v1/upload/…`: a file in parts, as the SDK sends one that is larger than 5 MB."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse

from adaptive_site.lib.errors import Invalid, NotFound
from adaptive_site.lib.http.methods import by_method
from adaptive_site.lib.openapi.members import ANYTHING, Kind, Member, OptionalMember, RequestShape
from adaptive_site.lib.openapi.operations import DescribedAnswer, json, operation
from interactions.api.answers import UploadAnswer
from interactions.api.kinds import NAME, TEXT
from interactions.api.rest.methods import CallerRequest, by_key
from interactions.models import Upload
from interactions.services.recording.drafts import parse_json
from interactions.services.uploads import parts
from interactions.services.uploads.parts import UploadStatus
from projects.services.access import EDIT_DATASETS

PART_PATH = "/api/v1/upload/part"
_PIECE = 256 * 1024
STATUS = {"200": DescribedAnswer("What is here.", json(UploadStatus))}


def _count(value: object, *, field: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid("expected a whole number", field=field)
    return value


def _part_number(value: object, *, field: str) -> int:
    given = str(value or "")
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Invalid("expected the number of a part, from 1", field=field)
    return int(given)


def _session(value: object, *, field: str = "session_id") -> UUID:
    """The id of an upload. Raises Invalid without one, NotFound for what is none."""
    if not value:
        raise Invalid("expected the session_id of an upload", field=field)
    try:
        return UUID(str(value))
    except ValueError as error:
        raise NotFound("there is no such upload of yours") from error


PARTS = Kind({"type": "integer", "minimum": 1, "maximum": parts.MAX_PARTS}, _count)
PART_NUMBER = Kind({"type": "integer", "minimum": 1, "maximum": parts.MAX_PARTS}, _part_number)
SESSION = Kind({"type": "string", "format": "uuid"}, _session)


class UploadBody(RequestShape):
    """An upload that begins."""

    total_parts_count = Member(PARTS, "How many parts will come.")
    content_type = OptionalMember(TEXT, "The file's media type.")
    metadata = OptionalMember(ANYTHING, "Kept with it.")
    example = {"total_parts_count": 3}


class SessionQuery(RequestShape):
    """Which upload."""

    session_id = Member(SESSION, "The id that `init` gave.")


class PartQuery(SessionQuery):
    """Which part of which upload."""

    part_number = Member(PART_NUMBER, "From 1.")


class SessionBody(RequestShape):
    """Which upload."""

    session_id = Member(NAME, "The id that `init` gave.")


@operation(
    "Uploads",
    body=json(UploadBody),
    answers={"200": DescribedAnswer("It has begun.", json(UploadAnswer))},
    refuses=(403,),
)
@by_key
def _init(request: CallerRequest) -> HttpResponse:
    """Begin an upload in parts."""
    request.caller.check_may_somewhere(EDIT_DATASETS)
    payload = _payload(request)
    upload = parts.begin(
        request.caller.user,
        total_parts=UploadBody.total_parts_count.of(payload),
        content_type=UploadBody.content_type.of(payload) or "",
        metadata=UploadBody.metadata.of(payload),
        key=request.caller.narrowed_by,
    )
    return _answer(upload.id)


@operation(
    "Uploads",
    body={"application/octet-stream": {"type": "string", "format": "binary"}},
    query=PartQuery,
    answers=STATUS,
    refuses=(403, 404),
)
@by_key
def _part(request: CallerRequest) -> HttpResponse:
    """Send a part; one that is there already is replaced."""
    upload = _known(request)
    number = PartQuery.part_number.of(request.GET)
    pieces = iter(lambda: request.read(_PIECE), b"")
    return JsonResponse(parts.status(parts.put(upload, number, pieces)))


@operation("Uploads", query=SessionQuery, answers=STATUS, refuses=(403, 404))
@by_key
def _status(request: CallerRequest) -> HttpResponse:
    """What is here of an upload."""
    return JsonResponse(parts.status(_known(request)))


@operation(
    "Uploads",
    body=json(SessionBody),
    answers={"200": DescribedAnswer("It is given up.", json(UploadAnswer))},
    refuses=(403, 404),
)
@by_key
def _abort(request: CallerRequest) -> HttpResponse:
    """Give an upload up."""
    request.caller.check_may_somewhere(EDIT_DATASETS)
    id = _session(SessionBody.session_id.of(_payload(request)))
    with suppress(NotFound):  # then it is given up already
        parts.abort(request.caller.user, parts.known_to_api(request.caller, id).id)
    return _answer(id)


def _answer(id: UUID) -> HttpResponse:
    answer: UploadAnswer = {"session_id": str(id)}
    return JsonResponse(answer)


def _known(request: CallerRequest) -> Upload:
    """The upload that the address names, for who may still make a dataset of it."""
    request.caller.check_may_somewhere(EDIT_DATASETS)
    return parts.known_to_api(request.caller, SessionQuery.session_id.of(request.GET))


def _payload(request: HttpRequest) -> dict[str, Any]:
    payload, _ = parse_json(request.body)
    if not isinstance(payload, dict):
        raise Invalid("expected a JSON object")
    return payload


init = by_method(POST=_init)
part = by_method(POST=_part, PUT=_part)
status = by_method(GET=_status)
abort = by_method(DELETE=_abort)
