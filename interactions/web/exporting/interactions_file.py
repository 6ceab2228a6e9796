"""The interactions of a selection as they were logged, streamed while they are read."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from django.http import StreamingHttpResponse

from adaptive_site.lib.concurrency.database_threads import in_database
from adaptive_site.lib.errors import Invalid
from interactions.models import Image, Selection
from interactions.services.export import downloads
from interactions.services.export.choices import ADDRESSES, INLINE
from interactions.services.export.formats import FORMATS, ExportFormat
from interactions.services.export.options import ExportIds, ExportOptions
from interactions.services.images import store
from interactions.web.exporting.asked import as_of_in
from interactions.web.exporting.sending import LINES_HEADER
from interactions.web.images.files import image_url
from projects.models import User
from projects.services.auditing import origin
from projects.web.requests import ProjectRequest

logger = logging.getLogger(__name__)


def send_interactions(
    request: ProjectRequest, selection: Selection, format: str
) -> StreamingHttpResponse:
    """The file. `images` are `addresses` or `inline`; `as_of` leaves out later feedback."""
    wanted = FORMATS[format]
    asked = _asked(request, selection)
    promised = ExportIds(asked.selection)
    made = _Made(wanted, asked, promised, request.caller.user)
    response = StreamingHttpResponse(
        _nothing() if request.method == "HEAD" else made.stream(), content_type=wanted.media_type
    )
    key, uuid = request.project.key, str(selection.uuid)
    name = f"{key}-{uuid[:8]}-{len(promised)}.{wanted.extension}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response[LINES_HEADER] = str(len(promised))
    return response


def _asked(request: ProjectRequest, selection: Selection) -> ExportOptions:
    def address(image: Image) -> str:
        return request.build_absolute_uri(image_url(request.project, image))

    are_inline = _pictures(request) == INLINE
    as_of = as_of_in(request.GET) or datetime.now(UTC)
    return ExportOptions(selection, as_of, store.as_data_uri if are_inline else address)


def _pictures(request: ProjectRequest) -> str:
    given = request.GET.get("images", ADDRESSES)
    if given not in (ADDRESSES, INLINE):
        raise Invalid(f"expected one of {ADDRESSES}, {INLINE}", field="images")
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
        self._origin = origin.current()

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
            origin=self._origin,
        )
