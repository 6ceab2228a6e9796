"""`/api/v1/upload/…`: a file in parts, as the SDK sends one that is larger than 5 MB."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.api.request_body import text
from interactions.api.rest.methods import CallerRequest, by_key, by_method
from interactions.models import Upload
from interactions.services.recording.drafts import parse_json
from interactions.services.uploads import parts
from projects.services.access import EDIT_DATASETS

PART_PATH = "/api/v1/upload/part"
_PIECE = 256 * 1024


def _init(request: CallerRequest) -> HttpResponse:
    request.caller.check_may_somewhere(EDIT_DATASETS)
    payload = _payload(request)
    total = payload.get("total_parts_count")
    if not isinstance(total, int) or isinstance(total, bool):
        raise Invalid("expected a whole number", field="total_parts_count")
    content_type = payload.get("content_type")
    if not isinstance(content_type, str | None):
        raise Invalid("expected a string", field="content_type")
    upload = parts.begin(
        request.caller.user,
        total_parts=total,
        content_type=content_type or "",
        metadata=payload.get("metadata"),
        key=request.caller.narrowed_by,
    )
    return JsonResponse({"session_id": str(upload.id)})


def _part(request: CallerRequest) -> HttpResponse:
    upload = _known(request)
    number = _part_number(request.GET.get("part_number", ""))
    pieces = iter(lambda: request.read(_PIECE), b"")
    return JsonResponse(parts.status(parts.put(upload, number, pieces)))


def _status(request: CallerRequest) -> HttpResponse:
    return JsonResponse(parts.status(_known(request)))


def _abort(request: CallerRequest) -> HttpResponse:
    request.caller.check_may_somewhere(EDIT_DATASETS)
    id = _session(text(_payload(request), "session_id"))
    with suppress(NotFound):  # then it is given up already
        parts.abort(request.caller.user, parts.known_to_api(request.caller, id).id)
    return JsonResponse({"session_id": str(id)})


def _known(request: CallerRequest) -> Upload:
    """The upload that the address names, for who may still make a dataset of it."""
    request.caller.check_may_somewhere(EDIT_DATASETS)
    return parts.known_to_api(request.caller, _session(request.GET.get("session_id")))


def _part_number(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Invalid("expected the number of a part, from 1", field="part_number")
    return int(given)


def _payload(request: HttpRequest) -> dict[str, Any]:
    payload, _ = parse_json(request.body)
    if not isinstance(payload, dict):
        raise Invalid("expected a JSON object")
    return payload


def _session(given: str | None) -> UUID:
    """The id of an upload. Raises Invalid without one, NotFound for what is none."""
    if not given:
        raise Invalid("expected the session_id of an upload", field="session_id")
    try:
        return UUID(given)
    except ValueError as error:
        raise NotFound("there is no such upload of yours") from error


init = by_method(POST=by_key(_init))
part = by_method(POST=by_key(_part), PUT=by_key(_part))
status = by_method(GET=by_key(_status))
abort = by_method(DELETE=by_key(_abort))
