"""Images: taken out of messages, checked, and stored once by the hash of their bytes."""

import base64
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from adaptive_site.lib.errors import DomainError, Invalid, NotFound, TooLarge
from adaptive_site.lib.files import data_uri
from interactions.models import Image
from interactions.models.content_parts import at_address, image_address, parts_of
from interactions.services.images.decoding import (
    MAX_PIXELS_TOGETHER,
    THUMBNAIL_PIXELS,
    ImageFacts,
    examine,
    shrink,
    unread,
)
from projects.models import Project

MAX_IMAGE_BYTES = 20 * 1024 * 1024
MAX_IMAGES = 1000  # of one interaction; their positions are 16-bit
STORED_IMAGE_SCHEME = "image:"  # in stored messages: `image:<sha256>`

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lifted:
    """An image taken out of a message, with its bytes as they came; `facts` may say only that."""

    facts: ImageFacts
    data: bytes


def lift_images(
    messages: Sequence[dict[str, Any]], *, field: str = "messages", is_strict: bool = True
) -> tuple[list[dict[str, Any]], list[Lifted]]:
    """The messages with every data URI replaced by `image:<sha256>`, and the images in order.

    Image parts come out as `{"type": "image_url", "image_url": {"url": …}}` whichever way they
    came in. An http(s) address is kept as it is and never fetched. Raises Invalid or TooLarge
    naming the part at fault; unless `is_strict`, keeps the bytes of what does not decode, and
    leaves in the message what has none.
    """
    number = sum(_is_data(image_address(part)) for m in messages for part in parts_of(m))
    if is_strict and number > MAX_IMAGES:  # said before the first is decoded
        raise TooLarge(f"expected at most {MAX_IMAGES} images", field=field)
    lifting = _Lifting(is_strict)
    out = []
    for m, message in enumerate(messages):
        content = message.get("content")
        if isinstance(content, list):
            at = f"{field}.{m}.content"
            parts = [lifting.part(part, f"{at}.{p}.image_url") for p, part in enumerate(content)]
            message = {**message, "content": parts}
        out.append(message)
    return out, lifting.lifted


def _is_data(url: str | None) -> bool:
    return url is not None and url[:5].lower() == "data:"


class _Lifting:
    """The images of one conversation as they are lifted; each is decoded once."""

    def __init__(self, is_strict: bool) -> None:
        self.lifted: list[Lifted] = []
        self._known: dict[str, Lifted | None] = {}
        self._room = MAX_PIXELS_TOGETHER
        self._is_strict = is_strict

    def part(self, part: Any, field: str) -> Any:
        """The part, with our reference in the place of a data URI."""
        url = image_address(part)
        if url is None:
            return part
        if not _is_data(url):
            if self._is_strict and not url.lower().startswith(("http://", "https://")):
                raise Invalid("expected a data: URI with base64 or an http(s) address", field=field)
            return at_address(part, url)
        image = self._decoded(url, field) if len(self.lifted) < MAX_IMAGES else None
        if image is None:
            return at_address(part, url)
        self.lifted.append(image)
        return at_address(part, f"{STORED_IMAGE_SCHEME}{image.facts.sha256}")

    def _decoded(self, url: str, field: str) -> Lifted | None:
        """The image of a data URI; together they have a limit. None when it has no bytes, or
        comes after so many others.
        """
        if url not in self._known:
            if len(self._known) >= MAX_IMAGES:
                return None  # also of those without bytes, which cost as much to look at
            decode = decode_data_uri if self._is_strict else _decode_or_keep
            image = self._known[url] = decode(url, field=field, room=self._room)
            self._room -= image.facts.pixels if image else 0
        return self._known[url]


def _decode_or_keep(url: str, *, field: str, room: int) -> Lifted | None:
    """The image of a data URI, whatever it is; None when there are no bytes in it."""
    try:
        data = data_uri.parse(url)[1]
    except ValueError:
        return None
    try:
        if len(data) > MAX_IMAGE_BYTES:
            return Lifted(unread(data), data)
        return Lifted(examine(data, field=field, room=room), data)
    except DomainError:
        return Lifted(unread(data), data) if data else None


def decode_data_uri(url: str, *, field: str, room: int = MAX_PIXELS_TOGETHER) -> Lifted:
    """The image in a `data:image/…;base64,…` URI, of at most `room` pixels.

    Raises Invalid or TooLarge.
    """
    if len(url) > MAX_IMAGE_BYTES * 4 // 3 + 200:
        raise TooLarge(f"expected at most {MAX_IMAGE_BYTES >> 20} MB of image", field=field)
    try:
        declared, data = data_uri.parse(url)
    except ValueError as error:
        raise Invalid("the base64 of this image is broken", field=field) from error
    if declared == "image/svg+xml":
        raise Invalid("SVG is not taken; send PNG, JPEG, WebP, GIF or AVIF", field=field)
    facts = examine(data, field=field, room=room)
    media_type = "image/jpeg" if facts.format == Image.Format.JPEG else f"image/{facts.format}"
    if declared not in {
        media_type,
        "image/jpg" if media_type == "image/jpeg" else media_type,
    }:
        raise Invalid(
            f"declared {declared or 'no type'}, but the data is {media_type}",
            field=field,
        )
    return Lifted(facts, data)


def keep(project: Project, lifted: Iterable[Lifted]) -> dict[str, int]:
    """Store images not yet there, and return all their row ids by sha256.

    Called in the transaction that makes the interactions. The rows come first, locked until
    it ends, so that `sweep` takes no file away that was found to be there.
    """
    wanted = {image.facts.sha256: image for image in lifted}
    if not wanted:
        return {}
    rows = {row.sha256: row for row in (_row(project, image.facts) for image in wanted.values())}
    kept: dict[str, int] = {}
    while missing := sorted(rows.keys() - kept.keys()):
        Image.objects.bulk_create([rows[sha256] for sha256 in missing], ignore_conflicts=True)
        for sha256, id, width in _lock(project, missing):  # without those being swept away
            kept[sha256] = id
            if not width and rows[sha256].is_shown:
                _tell(id, rows[sha256])
    for row in rows.values():
        if not _is_whole(row):
            _save(row.path, wanted[row.sha256].data)
    return kept


def _lock(project: Project, hashes: list[str]) -> list[tuple[str, int, int]]:
    """Hash, id and width of rows that stay until the transaction ends; writers may share them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sha256, id, width FROM image WHERE project_id = %s AND sha256 = ANY(%s)"
            " ORDER BY sha256 FOR KEY SHARE",
            [project.id, hashes],
        )
        return list(cursor.fetchall())


def _tell(id: int, row: Image) -> None:
    """Say of an image what was not known when it came first, among too many to be decoded."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE image SET format = %s, width = %s, height = %s, dhash = %s"
            " WHERE project_id = %s AND id = %s",
            [row.format, row.width, row.height, row.dhash, row.project_id, id],
        )


@transaction.atomic
def sweep(project: Project, *, at_most: int = 100) -> int:
    """Remove images that nothing holds any more, with their files; returns how many.

    Those of interactions whose deletion can be undone stay, those of records in datasets, and a row
    that a writer has locked.
    Should this transaction fail after a file is gone, `keep` writes it again before anybody
    shows it.
    """
    with connection.cursor() as cursor:
        unused = (
            "NOT EXISTS (SELECT FROM interaction_image l WHERE l.image_id = i.id)"
            " AND NOT EXISTS (SELECT FROM bulk_action_image a WHERE a.image_id = i.id)"
            " AND NOT EXISTS (SELECT FROM dataset_image d WHERE d.image_id = i.id)"
        )
        cursor.execute(
            f"SELECT id FROM image i WHERE project_id = %s AND {unused}"
            " LIMIT %s FOR UPDATE SKIP LOCKED",
            [project.id, at_most],
        )
        locked = [id for (id,) in cursor.fetchall()]
        # Asked again: a writer may have committed between the look and the lock.
        cursor.execute(
            f"DELETE FROM image i WHERE project_id = %s AND id = ANY(%s) AND {unused}"
            " RETURNING sha256, format",
            [project.id, locked],
        )
        gone = [Image(project=project, sha256=name, format=ext) for name, ext in cursor.fetchall()]
    for image in gone:
        default_storage.delete(image.path)
        for size in THUMBNAIL_PIXELS:
            default_storage.delete(thumbnail_path(image, size))
    return len(gone)


def _is_whole(row: Image) -> bool:
    """Whether the file is there; one of another size, as a crash may leave it, is taken away."""
    if not default_storage.exists(row.path):
        return False
    if default_storage.size(row.path) == row.size:
        return True
    logger.warning("%s has not the size it should have; writing it again", row.path)
    default_storage.delete(row.path)
    return False


def _save(path: str, data: bytes) -> None:
    saved = default_storage.save(path, ContentFile(data))
    if saved != path:  # another request saved the same bytes in between
        default_storage.delete(saved)


def _row(project: Project, facts: ImageFacts) -> Image:
    return Image(
        project=project,
        sha256=facts.sha256,
        format=facts.format,
        width=facts.width,
        height=facts.height,
        size=facts.size,
        dhash=facts.dhash,
    )


def read(image: Image) -> bytes:
    """The bytes of an image, as they came. Raises NotFound when the storage has lost them."""
    try:
        with default_storage.open(image.path) as file:
            return bytes(file.read())
    except FileNotFoundError as error:
        logger.error("%s is missing from the storage", image.path)
        raise NotFound("the bytes of this image are lost") from error


def thumbnail(image: Image, size: str = "thumb") -> bytes:
    """A WebP of a size in `THUMBNAIL_PIXELS`, made when first asked for and kept.

    Raises NotFound when none can be made.
    """
    if not image.is_shown:
        raise NotFound("this image was only kept: it did not decode when it came")
    path = thumbnail_path(image, size)
    if default_storage.exists(path):
        with default_storage.open(path) as file:
            return bytes(file.read())
    made = shrink(read(image), THUMBNAIL_PIXELS[size])
    _save(path, made)
    return made


def thumbnail_path(image: Image, size: str = "thumb") -> str:
    """Where the storage keeps it, once it is made."""
    end = "webp" if size == "thumb" else f"{size}.webp"
    return f"thumbnails/{image.project_id}/{image.sha256[:2]}/{image.sha256}.{end}"


def as_data_uri(image: Image) -> str:
    """The image as the model's client sent it: a base64 data URI of the very bytes."""
    return f"data:{image.media_type};base64,{base64.b64encode(read(image)).decode()}"
