"""Images and their thumbnails, by content hash, to whoever may read their project."""

from functools import lru_cache
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix, reverse
from django.utils.cache import get_conditional_response

from adaptive_site.lib.errors import NotFound
from adaptive_site.lib.http.methods import by_method
from adaptive_site.lib.openapi.operations import DescribedAnswer, operation
from interactions.models import Image
from interactions.services.images import store
from interactions.web.images.callers import caller_of
from projects.models import Project, User
from projects.services import audit
from projects.services.access import project_for
from projects.services.auditing.reads import IMAGE_READ_VERB

IMAGE_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    # Whatever the bytes are, a browser that opens them by themselves runs nothing in them. The
    # style is its own: it centres the image, and would report that as a fault.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

BYTES = {"type": "string", "format": "binary"}
ANSWERS = {"304": DescribedAnswer("You have it already.")}


@operation(
    "Images",
    answers=ANSWERS | {"200": DescribedAnswer("The bytes as they came.", {"image/*": BYTES})},
    refuses=(403, 404),
    takes_session=True,
)
def show(request: HttpRequest, project: UUID, sha256: str, extension: str) -> HttpResponse:
    """The bytes of an image, as they were logged."""
    found = _find(request, project, sha256)
    if found.format != extension:
        raise NotFound("image not found")
    person = request.user if isinstance(request.user, User) else None
    audit.note(found.project, actor=person, verb=IMAGE_READ_VERB, subject=sha256)
    return _answer(request, found)


@operation(
    "Images",
    answers=ANSWERS | {"200": DescribedAnswer("A thumbnail.", {"image/webp": BYTES})},
    refuses=(403, 404),
    takes_session=True,
)
def show_thumbnail(request: HttpRequest, project: UUID, sha256: str, size: str) -> HttpResponse:
    """A WebP of an image, at most 320 × 320 pixels as `thumb`, 128 × 128 as `icon`."""
    return _answer(request, _find(request, project, sha256), size)


image = by_method(GET=show)
thumbnail = by_method(GET=show_thumbnail)


def image_url(project: Project, image: Image) -> str:
    """The address of the bytes of `image`, without a host."""
    return reverse(
        "image",
        kwargs={"project": project.uuid, "sha256": image.sha256, "extension": image.format},
    )


def thumbnail_url(project: Project, image: Image, size: str) -> str:
    """The address of the thumbnail of `image` in that size, without a host."""
    return _thumbnails(get_script_prefix(), project.uuid, size) % image.sha256


# A page shows a hundred, and resolving each address takes 0.05 ms.
@lru_cache(1024)
def _thumbnails(prefix: str, project: UUID, size: str) -> str:
    """The addresses of a project's thumbnails of that size, with `%s` for the hash."""
    address = reverse(size, kwargs={"project": project, "sha256": "0"})
    return address.replace("%", "%%").replace("/0.", "/%s.")


def _find(request: HttpRequest, project_uuid: UUID, sha256: str) -> Image:
    project = project_for(caller_of(request), str(project_uuid))
    found = Image.objects.in_project(project).filter(sha256=sha256).first()
    if found is None:
        raise NotFound("image not found")
    found.project = project
    return found


def _answer(request: HttpRequest, image: Image, size: str = "") -> HttpResponse:
    name = f"{image.sha256}.{size}" if size else image.sha256
    etag = f'"{name}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(
            store.thumbnail(image, size) if size else store.read(image),
            content_type="image/webp" if size else image.media_type,
        )
        extension = "webp" if size else image.format
        # What a browser would open in its own way, or run, is for saving.
        how = "inline" if image.is_shown else "attachment"
        response["Content-Disposition"] = f'{how}; filename="{name}.{extension}"'
    response["ETag"] = etag
    for header, value in IMAGE_HEADERS.items():
        response[header] = value
    return response
