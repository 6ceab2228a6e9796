"""A file that a page's script sends in parts: begun, sent, asked after when it goes on, given up.

Answers are JSON, as those of the API are, but these doors want a session and its CSRF token.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from adaptive_site.lib.errors import DomainError, Invalid, NotFound, as_rest
from interactions.models import Upload
from interactions.services.uploads import parts
from projects.services.access import CREATE
from projects.web.requests import ProjectRequest, in_project

P = ParamSpec("P")
_PIECE = 256 * 1024
View = Callable[Concatenate[ProjectRequest, P], HttpResponse]


def _to_scripts(view: View[P]) -> Callable[..., HttpResponse]:
    """Tell a script in JSON what is wrong."""

    @wraps(view)
    def inner(request: ProjectRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DomainError as error:
            return as_rest(error)

    return inner


@require_POST
@in_project(CREATE)
@_to_scripts
def begin(request: ProjectRequest) -> HttpResponse:
    """A new upload of a file with `name` and `size`, in `total_parts_count` parts."""
    upload = parts.begin(
        request.caller.user,
        project=request.project,
        name=request.POST.get("name", ""),
        size=_number(request, "size"),
        total_parts=_number(request, "total_parts_count"),
        content_type=request.POST.get("content_type", ""),
    )
    return JsonResponse(parts.status(upload))


@require_POST
@in_project(CREATE)
@_to_scripts
def part(request: ProjectRequest, id: UUID, number: int) -> HttpResponse:
    """Store the body of the request, whatever it is, as one part."""
    pieces = iter(lambda: request.read(_PIECE), b"")
    return JsonResponse(parts.status(parts.put(_mine(request, id), number, pieces)))


@require_GET
@in_project(CREATE)
@_to_scripts
def status(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Which parts are here."""
    return JsonResponse(parts.status(_mine(request, id)))


@require_POST
@in_project(CREATE)
@_to_scripts
def abort(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Give it up."""
    parts.abort(request.caller.user, _mine(request, id).id)
    return HttpResponse(status=204)


def _mine(request: ProjectRequest, id: UUID) -> Upload:
    upload = parts.known(request.caller.user, id)
    if upload.project_id != request.project.id:
        raise NotFound("there is no such upload in this project")
    return upload


def _number(request: ProjectRequest, name: str) -> int:
    given = request.POST.get(name, "")
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        raise Invalid("expected a whole number", field=name)
    return int(given)
