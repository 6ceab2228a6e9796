"""A selection as a file, streamed while it is read."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from adaptive_site.lib.errors import Invalid, NotFound
from adaptive_site.lib.threads import in_database
from interactions.filters.terms import parse_time
from interactions.models import Image
from interactions.services import images, selections
from interactions.services.export.asked import Asked
from interactions.services.export.formats import FORMATS
from projects.web.requests import ProjectRequest, in_project, project_page

from .images import image_url
from .selections import Selected

PICTURES = ("addresses", "inline")


@require_GET
@in_project()
def export(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """What to choose before the download."""
    selected = Selected(request.caller, selections.known(request.project, uuid))
    context = {"selected": selected, "formats": FORMATS}
    return project_page(request, "selections/export.html", context)


@require_GET
@in_project()
def download(request: ProjectRequest, uuid: UUID, format: str) -> StreamingHttpResponse:
    """The file. `images` are `addresses` or `inline`; `as_of` leaves out later feedback."""
    wanted = FORMATS.get(format)
    if wanted is None:
        raise NotFound(f"there is no format {format}; expected one of {', '.join(FORMATS)}")
    selection = selections.known(request.project, uuid)
    asked = Asked(selection, _as_of(request), images.as_data_uri)
    if _pictures(request) == "addresses":

        def address(image: Image) -> str:
            return request.build_absolute_uri(image_url(request.project, image))

        asked = Asked(selection, asked.as_of, address)
    response = StreamingHttpResponse(_stream(wanted.pages(asked)), content_type=wanted.media_type)
    name = f"{request.project.key}-{str(uuid)[:8]}.{wanted.extension}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _as_of(request: ProjectRequest) -> datetime:
    given = request.GET.get("as_of", "").strip()
    try:
        return parse_time(given) if given else datetime.now(UTC)
    except ValueError as error:
        raise Invalid(str(error), field="as_of") from error


def _pictures(request: ProjectRequest) -> str:
    given = request.GET.get("images", "addresses")
    if given not in PICTURES:
        raise Invalid(f"expected one of {', '.join(PICTURES)}", field="images")
    return given


async def _stream(pages: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The parts, each read in a thread that it keeps no longer than that."""
    while page := await in_database(next, pages, b""):
        yield page
