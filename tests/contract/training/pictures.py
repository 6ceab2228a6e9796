"""Pictures of every format that we show, no two pixels of which are alike by design."""

import hashlib
from io import BytesIO
from random import Random
from typing import Any

from PIL import Image, ImageOps

from tests.make import data_uri

_ORIENTATION = 0x0112


def _noise(mode: str, size: tuple[int, int], seed: int) -> Image.Image:
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, size, Random(seed).randbytes(size[0] * size[1] * bands))


def _saved(image: Image.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def _turned() -> bytes:
    """A photo that a camera held sideways has made: EXIF says how to turn it."""
    exif = Image.Exif()
    exif[_ORIENTATION] = 6
    return _saved(_noise("RGB", (24, 16), 2), "JPEG", exif=exif, quality=90)


def _moving() -> bytes:
    frames = [_noise("P", (10, 10), seed) for seed in (5, 6, 7)]
    return _saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)


PICTURES: dict[str, bytes] = {
    "png": _saved(_noise("RGBA", (19, 13), 1), "PNG"),
    "palette": _saved(_noise("P", (9, 9), 11), "PNG"),
    "grey": _saved(_noise("L", (14, 7), 12), "PNG"),
    "jpeg": _saved(_noise("RGB", (32, 24), 3), "JPEG", quality=85),
    "turned": _turned(),
    "webp": _saved(_noise("RGB", (20, 20), 4), "WEBP", lossless=True),
    "gif": _moving(),
    "avif": _saved(_noise("RGB", (16, 16), 8), "AVIF"),
}
TYPES = {"jpeg": "image/jpeg", "turned": "image/jpeg", "webp": "image/webp", "gif": "image/gif"}


def uri(name: str) -> str:
    """A picture as clients send it."""
    return data_uri(PICTURES[name], TYPES.get(name, f"image/{'avif' if name == 'avif' else 'png'}"))


def pixels(data: bytes) -> str:
    """What `drivers/opening.py` says of the same picture: turned as its EXIF says, first frame."""
    image = ImageOps.exif_transpose(Image.open(BytesIO(data)))
    width, height = image.size
    return f"{width}x{height} {hashlib.sha256(image.convert('RGBA').tobytes()).hexdigest()}"
