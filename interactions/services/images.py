"""Images: lifted out of messages at the door, checked, and kept once by the hash of their bytes."""

import base64
import binascii
import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Pillow
from PIL import ImageOps

from adaptive_site.lib.errors import Invalid, TooLarge
from interactions.models import Image
from projects.models import Project

MAX_PIXELS = 40_000_000
MAX_BYTES = 20 * 1024 * 1024
MAX_IMAGES = 1000  # of one interaction; their positions are 16-bit
THUMBNAIL_PIXELS = 320
OURS = "image:"  # in stored messages: `image:<sha256>`

_FORMATS = {
    "PNG": Image.Format.PNG,
    "JPEG": Image.Format.JPEG,
    "WEBP": Image.Format.WEBP,
    "GIF": Image.Format.GIF,
    "AVIF": Image.Format.AVIF,
}
_DATA_URI = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w-]+=[^;,]*)*;base64,", re.ASCII)
# `_examine` refuses by the size in the header, before a pixel is decoded; Pillow's own check
# would only warn up to twice its limit.
Pillow.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read off an image that decoded whole."""

    sha256: str
    format: Image.Format
    width: int
    height: int
    size: int
    dhash: int


@dataclass(frozen=True, slots=True)
class Lifted:
    """An image taken out of a message, with its bytes as they came."""

    facts: Facts
    data: bytes


# The same picture is often sent many times (one prompt to many models); decoding is the dear part.
_examined: OrderedDict[str, Facts] = OrderedDict()
_REMEMBERED = 2048


def lift_images(
    messages: Sequence[dict[str, Any]], *, field: str = "messages"
) -> tuple[list[dict[str, Any]], list[Lifted]]:
    """The messages with every data URI replaced by `image:<sha256>`, and the images in order.

    Image parts come out as `{"type": "image_url", "image_url": {"url": …}}` whichever way they
    came in. An http(s) address is kept as it is and never fetched. Raises Invalid or TooLarge
    naming the part at fault.
    """
    lifted: list[Lifted] = []
    out = []
    for m, message in enumerate(messages):
        content = message.get("content")
        if isinstance(content, list):
            parts = []
            for p, part in enumerate(content):
                if part["type"] == "image_url":
                    part = _lift_part(part, lifted, f"{field}.{m}.content.{p}.image_url")
                parts.append(part)
            message = {**message, "content": parts}
        out.append(message)
    if len(lifted) > MAX_IMAGES:
        raise TooLarge(f"expected at most {MAX_IMAGES} images", field=field)
    return out, lifted


def _lift_part(part: dict[str, Any], lifted: list[Lifted], field: str) -> dict[str, Any]:
    given = part["image_url"]
    link = {"url": given} if isinstance(given, str) else dict(given)
    url = link["url"]
    if url[:5].lower() == "data:":
        image = decode_data_uri(url, field=field)
        lifted.append(image)
        link["url"] = f"{OURS}{image.facts.sha256}"
    elif not url.lower().startswith(("http://", "https://")):
        raise Invalid("expected a data: URI with base64 or an http(s) address", field=field)
    return {**part, "image_url": link}


def decode_data_uri(url: str, *, field: str) -> Lifted:
    """The image in a `data:image/…;base64,…` URI. Raises Invalid or TooLarge."""
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
    facts = examine(data, field=field)
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


def examine(data: bytes, *, field: str) -> Facts:
    """Decode an image whole and say what it is. Raises Invalid or TooLarge."""
    sha256 = hashlib.sha256(data).hexdigest()
    if known := _examined.get(sha256):
        _examined.move_to_end(sha256)
        return known
    facts = _examine(data, sha256, field)
    _examined[sha256] = facts
    if len(_examined) > _REMEMBERED:
        _examined.popitem(last=False)
    return facts


def _examine(data: bytes, sha256: str, field: str) -> Facts:
    names = "PNG, JPEG, WebP, GIF or AVIF"
    try:
        image = Pillow.open(BytesIO(data), formats=list(_FORMATS))
    except (OSError, SyntaxError, ValueError) as error:
        raise Invalid(f"the data is not an image we take ({names})", field=field) from error
    with image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise TooLarge(
                f"expected at most {MAX_PIXELS // 10**6} megapixels, this has {width} × {height}",
                field=field,
            )
        # A JPEG of several pictures, as phones make them, calls itself MPO.
        file_format = _FORMATS["JPEG" if image.format == "MPO" else image.format or ""]
        try:
            # A JPEG decodes many times faster at an eighth of its size, and is read to its end.
            image.draft("L", (64, 64))
            small = image.convert("L").resize((9, 8), Pillow.Resampling.BOX)
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise Invalid("the image is cut short or damaged", field=field) from error
    return Facts(sha256, file_format, width, height, len(data), _dhash(small))


def _dhash(small: Pillow.Image) -> int:
    """64 bits, signed: whether each of 8 × 8 pixels is darker than its right neighbour."""
    pixels = small.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (pixels[at] < pixels[at + 1])
    return bits - (1 << 64) if bits >> 63 else bits


def keep(project: Project, lifted: Iterable[Lifted]) -> dict[str, int]:
    """Store images not yet there, bytes first, and return all their row ids by sha256."""
    wanted = {image.facts.sha256: image for image in lifted}
    if not wanted:
        return {}
    rows = [_row(project, image.facts) for image in wanted.values()]
    for row in rows:
        if not default_storage.exists(row.path):
            saved = default_storage.save(row.path, ContentFile(wanted[row.sha256].data))
            if saved != row.path:  # another request saved the same bytes in between
                default_storage.delete(saved)
    Image.objects.bulk_create(sorted(rows, key=lambda row: row.sha256), ignore_conflicts=True)
    found = Image.objects.in_project(project).filter(sha256__in=wanted)
    return dict(found.values_list("sha256", "id"))


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
    """The bytes of an image, as they came."""
    with default_storage.open(image.path) as file:
        return bytes(file.read())


def thumbnail(image: Image) -> bytes:
    """A WebP of at most 320 × 320 pixels, made when first asked for and kept."""
    path = f"thumbnails/{image.project_id}/{image.sha256[:2]}/{image.sha256}.webp"
    if default_storage.exists(path):
        with default_storage.open(path) as file:
            return bytes(file.read())
    with Pillow.open(BytesIO(read(image)), formats=list(_FORMATS)) as picture:
        picture.draft("RGB", (THUMBNAIL_PIXELS * 2, THUMBNAIL_PIXELS * 2))
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
        made = BytesIO()
        upright.convert("RGBA" if "A" in upright.getbands() else "RGB").save(
            made, "WEBP", quality=80
        )
    saved = default_storage.save(path, ContentFile(made.getvalue()))
    if saved != path:
        default_storage.delete(saved)
    return made.getvalue()


def as_data_uri(image: Image) -> str:
    """The image as the model's client sent it: a base64 data URI of the very bytes."""
    return f"data:{image.media_type};base64,{base64.b64encode(read(image)).decode()}"
