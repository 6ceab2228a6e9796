"""Images: lifted out of messages at the door, checked, and kept once by the hash of their bytes."""

import base64
import binascii
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from adaptive_site.lib.errors import Invalid, NotFound, TooLarge
from interactions.models import Image
from interactions.services.decoding import (
    MAX_PIXELS_TOGETHER,
    THUMBNAIL_PIXELS,
    Facts,
    examine,
    shrink,
)
from projects.models import Project

MAX_BYTES = 20 * 1024 * 1024
MAX_IMAGES = 1000  # of one interaction; their positions are 16-bit
OURS = "image:"  # in stored messages: `image:<sha256>`

_DATA_URI = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w-]+=[^;,]*)*;base64,", re.ASCII)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lifted:
    """An image taken out of a message, with its bytes as they came."""

    facts: Facts
    data: bytes


def lift_images(
    messages: Sequence[dict[str, Any]], *, field: str = "messages"
) -> tuple[list[dict[str, Any]], list[Lifted]]:
    """The messages with every data URI replaced by `image:<sha256>`, and the images in order.

    Image parts come out as `{"type": "image_url", "image_url": {"url": …}}` whichever way they
    came in. An http(s) address is kept as it is and never fetched. Raises Invalid or TooLarge
    naming the part at fault.
    """
    if not any(isinstance(message.get("content"), list) for message in messages):
        return list(messages), []
    _check_number(messages, field)
    lifted: list[Lifted] = []
    known: dict[str, Lifted] = {}
    out = []
    for m, message in enumerate(messages):
        content = message.get("content")
        if isinstance(content, list):
            parts = []
            for p, part in enumerate(content):
                if part["type"] == "image_url":
                    at = f"{field}.{m}.content.{p}.image_url"
                    part = _lift_part(part, lifted, known, at)
                parts.append(part)
            message = {**message, "content": parts}
        out.append(message)
    return out, lifted


def _check_number(messages: Sequence[dict[str, Any]], field: str) -> None:
    """Raise TooLarge for too many images, before the first is decoded."""
    contents = [message.get("content") for message in messages]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    if sum(part["type"] == "image_url" and _is_data(_address(part)) for part in parts) > MAX_IMAGES:
        raise TooLarge(f"expected at most {MAX_IMAGES} images", field=field)


def _is_data(url: str) -> bool:
    return url[:5].lower() == "data:"


def _address(part: dict[str, Any]) -> str:
    given = part["image_url"]
    url: str = given if isinstance(given, str) else given["url"]
    return url


def _lift_part(
    part: dict[str, Any], lifted: list[Lifted], known: dict[str, Lifted], field: str
) -> dict[str, Any]:
    given = part["image_url"]
    link = {} if isinstance(given, str) else given
    url = _address(part)
    if _is_data(url):
        lifted.append(_decode_once(url, known, field))
        url = f"{OURS}{lifted[-1].facts.sha256}"
    elif not url.lower().startswith(("http://", "https://")):
        raise Invalid("expected a data: URI with base64 or an http(s) address", field=field)
    return {**part, "image_url": {**link, "url": url}}


def _decode_once(url: str, known: dict[str, Lifted], field: str) -> Lifted:
    """The image of a data URI, from `known` when it came before; together they have a limit."""
    if url not in known:
        room = MAX_PIXELS_TOGETHER - sum(image.facts.pixels for image in known.values())
        known[url] = decode_data_uri(url, field=field, room=room)
    return known[url]


def decode_data_uri(url: str, *, field: str, room: int = MAX_PIXELS_TOGETHER) -> Lifted:
    """The image in a `data:image/…;base64,…` URI, of at most `room` pixels.

    Raises Invalid or TooLarge.
    """
    head = _DATA_URI.match(url)
    if head is None:
        raise Invalid("expected data:image/<format>;base64,<data>", field=field)
    declared = (head["type"] or "").lower()
    if declared == "image/svg+xml":
        raise Invalid("SVG is not taken; send PNG, JPEG, WebP, GIF or AVIF", field=field)
    if len(url) > MAX_BYTES * 4 // 3 + 200:
        raise TooLarge(f"expected at most {MAX_BYTES >> 20} MB of image", field=field)
    try:
        data = binascii.a2b_base64(url[head.end() :].encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Invalid("the base64 of this image is broken", field=field) from error
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
        kept |= _lock(project, missing)  # without those that were being swept away
    for row in rows.values():
        if not _is_whole(row):
            _save(row.path, wanted[row.sha256].data)
    return kept


def _lock(project: Project, hashes: list[str]) -> dict[str, int]:
    """Ids by sha256, of rows that stay until the transaction ends; writers may share them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sha256, id FROM image WHERE project_id = %s AND sha256 = ANY(%s)"
            " ORDER BY sha256 FOR KEY SHARE",
            [project.id, hashes],
        )
        return dict(cursor.fetchall())


@transaction.atomic
def sweep(project: Project, *, at_most: int = 100) -> int:
    """Remove images that no interaction shows any more, with their files; returns how many.

    Those of interactions whose deletion can be undone stay, and a row that a writer has locked.
    Should this transaction fail after a file is gone, `keep` writes it again before anybody
    shows it.
    """
    with connection.cursor() as cursor:
        unused = (
            "NOT EXISTS (SELECT FROM interaction_image l WHERE l.image_id = i.id)"
            " AND NOT EXISTS (SELECT FROM act_image a WHERE a.image_id = i.id)"
        )
        cursor.execute(
            f"SELECT id FROM image i WHERE project_id = %s AND {unused}"
            " LIMIT %s FOR UPDATE SKIP LOCKED",
            [project.id, at_most],
        )
        locked = [id for (id,) in cursor.fetchall()]
        # Asked again: a writer may have committed between the look and the lock.
        cursor.execute(
            f"DELETE FROM image i WHERE id = ANY(%s) AND {unused} RETURNING sha256, format",
            [locked],
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


def _row(project: Project, facts: Facts) -> Image:
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
