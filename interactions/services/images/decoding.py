"""Images decoded: read whole at the door, and made small for the pages."""

import hashlib
import re
import struct
import warnings
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from io import BytesIO

from PIL import Image as Pillow
from PIL import ImageOps

from adaptive_site.lib.errors import Invalid, NotFound, TooLarge
from interactions.models import Image
from interactions.models.image import AnyFormat

MAX_PIXELS = 40_000_000  # of one image
MAX_PIXELS_TOGETHER = 100_000_000  # of one interaction's images, every frame of an animation
MAX_FRAMES = 1000
# Of the longer side. A list's rows show icons of 46 × 46, on sharp screens of 92 × 92.
THUMBNAIL_PIXELS = {"thumb": 320, "icon": 128}

_FORMATS = {
    "PNG": Image.Format.PNG,
    "JPEG": Image.Format.JPEG,
    "WEBP": Image.Format.WEBP,
    "GIF": Image.Format.GIF,
    "AVIF": Image.Format.AVIF,
}
# Pillow refuses what is larger than twice this, by the sizes in headers: a WebP's or a GIF
# frame's before the memory for it is taken. From once this on it warns.
Pillow.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
warnings.filterwarnings("ignore", category=Pillow.DecompressionBombWarning)
# What Pillow's decoders raise over bytes that are not as they should be.
_DAMAGE = (
    *(ArithmeticError, EOFError, LookupError, OSError, RuntimeError, SyntaxError),
    *(TypeError, ValueError, struct.error, zlib.error),
)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """The format, size and hashes of an image that decoded; `pixels` counts all frames.

    Of one that did not, as `unread` says, `format` is what it begins as and the sizes are 0.
    """

    sha256: str
    format: AnyFormat
    width: int
    height: int
    size: int
    dhash: int
    pixels: int


# The same image is often sent many times (one prompt to many models); decoding is the dear part.
_examined: OrderedDict[str, ImageFacts] = OrderedDict()
_REMEMBERED = 2048


def examine(data: bytes, *, field: str, room: int = MAX_PIXELS_TOGETHER) -> ImageFacts:
    """Decode an image whole and say what it is. Raises Invalid or TooLarge.

    `room` is how many pixels it may have, in all its frames.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    facts = _examined.pop(sha256, None)
    if facts is None:
        facts = _examine(data, sha256, field, room)
    _examined[sha256] = facts
    if len(_examined) > _REMEMBERED:
        _examined.popitem(last=False)
    if facts.pixels > room:
        raise _too_many_pixels(field)
    return facts


def unread(data: bytes) -> ImageFacts:
    """What can be said of an image that is not decoded: its format, by how it begins."""
    return ImageFacts(hashlib.sha256(data).hexdigest(), _format_in(data), 0, 0, len(data), 0, 0)


_Other = Image.OtherFormat
_BEGINNINGS: tuple[tuple[bytes, AnyFormat], ...] = (
    (b"\x89PNG\r\n\x1a\n", Image.Format.PNG),
    (b"\xff\xd8\xff", Image.Format.JPEG),
    (b"GIF87a", Image.Format.GIF),
    (b"GIF89a", Image.Format.GIF),
    (b"II*\0", _Other.TIFF),
    (b"MM\0*", _Other.TIFF),
    (b"II+\0", _Other.TIFF),  # of more than 4 GB, as some write small ones
    (b"MM\0+", _Other.TIFF),
    (b"BM", _Other.BMP),
    (b"\0\0\1\0", _Other.ICO),
    (b"\xff\x0a", _Other.JXL),
    (b"\0\0\0\x0cJXL \r\n\x87\n", _Other.JXL),
    (b"\0\0\0\x0cjP  \r\n\x87\n", _Other.JP2),
    (b"\xff\x4f\xff\x51", _Other.JP2),
    (b"%PDF-", _Other.PDF),
)
# Of files in ISO's container, which say what they are by four letters, several of them.
_AVIF = {b"avif", b"avis"}
_HEIC = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}


def _format_in(data: bytes) -> AnyFormat:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Image.Format.WEBP
    if data[4:8] == b"ftyp":
        end = min(int.from_bytes(data[:4]), 256)
        brands = {data[8:12]} | {data[at : at + 4] for at in range(16, end, 4)}
        if brands & _AVIF:
            return Image.Format.AVIF
        return _Other.HEIC if brands & _HEIC else _Other.MP4
    for beginning, file_format in _BEGINNINGS:
        if data.startswith(beginning):
            return file_format
    return _Other.SVG if _SVG.match(data) else _Other.UNKNOWN


# After what XML may begin with; `data` may be long, so only its first part is looked at.
_SVG = re.compile(rb"(?=.{0,4096}?<svg[\s>/])(?:\xef\xbb\xbf)?\s*<[?!s]", re.DOTALL | re.IGNORECASE)


def _examine(data: bytes, sha256: str, field: str, room: int) -> ImageFacts:
    names = "PNG, JPEG, WebP, GIF or AVIF"
    try:
        image = Pillow.open(file := BytesIO(data), formats=list(_FORMATS))
    except Pillow.DecompressionBombError as error:
        raise _too_large(field) from error
    except _DAMAGE as error:
        raise Invalid(f"the data is not an image we take ({names})", field=field) from error
    with image:
        width, height = image.size
        # A JPEG of several images, as phones make them, calls itself MPO.
        file_format = _FORMATS["JPEG" if image.format == "MPO" else image.format or ""]
        if width * height > room:
            raise _too_many_pixels(field)
        try:
            # A JPEG decodes many times faster at an eighth of its size, and is read to its end.
            image.draft("L", (64, 64))
            small = image.convert("L").resize((9, 8), Pillow.Resampling.BOX)
            pixels = width * height
            if file_format != Image.Format.JPEG:
                pixels += _decode_other_frames(image, room - pixels, field)
            # Read past its last frame, a GIF ends with its mark, or else was cut between frames.
            if file_format == Image.Format.GIF and data[file.tell() - 1] != ord(";"):
                raise EOFError("this GIF has no end")
        except Pillow.DecompressionBombError as error:  # a later frame may enlarge a GIF
            raise _too_large(field) from error
        except _DAMAGE as error:
            raise Invalid("the image is cut short or damaged", field=field) from error
    return ImageFacts(sha256, file_format, width, height, len(data), _dhash(small), pixels)


def _decode_other_frames(image: Pillow.Image, room: int, field: str) -> int:
    """Decode what follows the first frame, one by one, and return its pixels.

    GIF does not say how many frames there are; the others do, and EOFError means damage if
    fewer come.
    """
    pixels = 0
    promised = None if image.format == "GIF" else getattr(image, "n_frames", 1)
    for frame in range(1, MAX_FRAMES + 1):
        if frame == promised:
            return pixels
        try:
            image.seek(frame)
        except EOFError:
            if promised is None:
                return pixels
            raise
        pixels += image.width * image.height
        if pixels > room:
            raise _too_many_pixels(field)
        image.load()
    raise TooLarge(f"expected an animation of at most {MAX_FRAMES} frames", field=field)


def _too_large(field: str) -> TooLarge:
    return TooLarge(f"expected at most {MAX_PIXELS // 10**6} megapixels an image", field=field)


def _too_many_pixels(field: str) -> TooLarge:
    return TooLarge(
        f"expected at most {MAX_PIXELS_TOGETHER // 10**6} megapixels of images together, "
        "every frame counted",
        field=field,
    )


def _dhash(small: Pillow.Image) -> int:
    """64 bits, signed: whether each of 8 × 8 pixels is darker than its right neighbour."""
    pixels = small.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (pixels[at] < pixels[at + 1])
    return bits - (1 << 64) if bits >> 63 else bits


def shrink(data: bytes, pixels: int) -> bytes:
    """The first frame, upright, as a WebP of at most `pixels` × `pixels`.

    Raises NotFound when it cannot be made: a decoder of another version took the image.
    """
    try:
        with Pillow.open(BytesIO(data), formats=list(_FORMATS)) as image:
            image.draft("RGB", (pixels * 2, pixels * 2))
            upright = _in_colour(_upright(image))
            upright.thumbnail((pixels, pixels))  # reducing a palette would mix its numbers
            made = BytesIO()
            upright.save(made, "WEBP", quality=80)
    except (Pillow.DecompressionBombError, *_DAMAGE) as error:
        raise NotFound("no thumbnail can be made of this image") from error
    return made.getvalue()


def _upright(image: Pillow.Image) -> Pillow.Image:
    """The image turned as its EXIF data says; as it is, where those are broken."""
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except _DAMAGE:
        return image


def _in_colour(image: Pillow.Image) -> Pillow.Image:
    """The image as RGB, or RGBA where any of its pixels may be transparent.

    A palette or a single colour may be transparent without an alpha band; 16 bits of grey are
    brought to 8, which Pillow itself would cut off at 255.
    """
    if image.mode.startswith("I"):
        grey = image.convert("I").point(lambda value: value / 257)
        return grey.convert("L").convert("RGB")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")
