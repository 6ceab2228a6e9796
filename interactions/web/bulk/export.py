"""A selection as a file, streamed while it is read."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET, require_safe

from adaptive_site.lib.concurrency.database_threads import in_database
from adaptive_site.lib.errors import Invalid, NotFound
from interactions.filters.notation import parse_time
from interactions.models import Image, Selection
from interactions.services import selections
from interactions.services.export import downloads
from interactions.services.export.formats import FORMATS, ExportFormat
from interactions.services.export.options import ExportIds, ExportOptions
from interactions.services.images import store
from interactions.web.bulk.selections import COUNT_LIMIT_MS, Selected
from interactions.web.images.files import image_url
from projects.models import User
from projects.web.requests import ProjectRequest, in_project, project_page

IMAGE_CHOICES = ("addresses", "inline")
LINES_HEADER = "X-Lines"

logger = logging.getLogger(__name__)


@require_GET
@in_project()
def export(request: ProjectRequest, uuid: UUID) -> HttpResponse:
    """What to choose before the download."""
    selection = selections.known(request.project, uuid)
    selected = Selected(request.caller, selection, is_exact=True, exact_ms=COUNT_LIMIT_MS)
    context = {"selected": selected, "formats": FORMATS}
    return project_page(request, "selections/export.html", context)


@require_safe
@in_project()
def download(request: ProjectRequest, uuid: UUID, format: str) -> StreamingHttpResponse:
    """The file. `images` are `addresses` or `inline`; `as_of` leaves out later feedback."""
    wanted = FORMATS.get(format)
    if wanted is None:
        raise NotFound(f"there is no format {format}; expected one of {', '.join(FORMATS)}")
    asked = _asked(request, selections.known(request.project, uuid))
    promised = ExportIds(asked.selection)
    made = _Made(wanted, asked, promised, request.caller.user)
    response = StreamingHttpResponse(
        _nothing() if request.method == "HEAD" else made.stream(), content_type=wanted.media_type
    )
    name = f"{request.project.key}-{str(uuid)[:8]}-{len(promised)}.{wanted.extension}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response[LINES_HEADER] = str(len(promised))
    return response


def _asked(request: ProjectRequest, selection: Selection) -> ExportOptions:
    def address(image: Image) -> str:
        return request.build_absolute_uri(image_url(request.project, image))

    are_inline = _pictures(request) == "inline"
    return ExportOptions(selection, _as_of(request), store.as_data_uri if are_inline else address)


def _as_of(request: ProjectRequest) -> datetime:
    given = request.GET.get("as_of", "").strip()
    try:
        return parse_time(given) if given else datetime.now(UTC)
    except ValueError as error:
        raise Invalid(str(error), field="as_of") from error


def _pictures(request: ProjectRequest) -> str:
    given = request.GET.get("images", "addresses")
    if given not in IMAGE_CHOICES:
        raise Invalid(f"expected one of {', '.join(IMAGE_CHOICES)}", field="images")
    return given


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


class _Made:
    """A file while its parts are written."""

    def __init__(
        self, format: ExportFormat, asked: ExportOptions, promised: ExportIds, by: User
    ) -> None:
        self._format, self._asked, self._promised, self._by = format, asked, promised, by

    async def stream(self) -> AsyncIterator[bytes]:
        """The parts, each read in a thread that it keeps no longer than that.

        How it ends stands on the selection's page. One that fails raises, which ends the
        connection short: the client sees that something is missing.
        """
        parts = self._format.parts(self._asked, self._promised)
        lines = 0
        ended = downloads.BROKEN_OFF
        try:
            while part := await in_database(next, parts, None):
                yield part.data
                lines += part.lines
            ended = downloads.SENT
        except Exception:
            ended = downloads.FAILED
            logger.exception("a download of %s failed", self._asked.selection)
            raise
        finally:
            # Whoever hangs up cancels us; this is written all the same.
            await asyncio.shield(self._note(lines, ended))

    async def _note(self, lines: int, ended: str) -> None:
        await in_database(
            downloads.note,
            downloads.selected(self._asked.selection),
            by=self._by,
            format=self._format.extension,
            lines=lines,
            promised=len(self._promised),
            ended=ended,
        )
