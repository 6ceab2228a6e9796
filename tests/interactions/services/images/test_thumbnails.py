"""Thumbnails look like their pictures: as transparent, upright, and of the same colours."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image as Pillow

from interactions.services.images import decoding


def saved(picture: Pillow.Image, format: str = "PNG", **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def halves(mode: str, left: Any, right: Any) -> Pillow.Image:
    """A picture of two halves, twice as wide as high."""
    picture = Pillow.new(mode, (400, 200), right)
    picture.paste(left, (0, 0, 200, 200))
    if mode == "P":
        picture.putpalette([0, 0, 0, 200, 30, 30] + [0] * 762)
    return picture


CLEAR, RED = (0, 0, 0, 0), (200, 30, 30, 255)
SIDEWAYS = Pillow.Exif()
SIDEWAYS[0x0112] = 6
TURNED = halves("RGBA", RED, CLEAR)
HALF_CLEAR = {
    "palette with a transparent number": saved(halves("P", 0, 1), transparency=0),
    "palette with an alpha for each": saved(halves("P", 0, 1), transparency=b"\0\xff"),
    "RGBA reduced to a palette": saved(halves("RGBA", CLEAR, RED).quantize(16)),
    "palette turned by EXIF": saved(halves("P", 0, 1), transparency=0, exif=SIDEWAYS),
    "GIF": saved(halves("RGBA", CLEAR, RED), "GIF"),
    "WebP": saved(halves("RGBA", CLEAR, RED), "WEBP", lossless=True),
    "RGB with a clear colour": saved(halves("RGB", (1, 2, 3), RED[:3]), transparency=(1, 2, 3)),
    "grey with alpha": saved(halves("LA", (0, 0), (200, 255))),
    "grey with a transparent one": saved(halves("L", 0, 200), transparency=0),
    "black and white with a transparent one": saved(halves("1", 0, 1), transparency=0),
    "animated GIF": saved(halves("RGBA", CLEAR, RED), "GIF", save_all=True, append_images=[TURNED]),
    "animated PNG": saved(halves("RGBA", CLEAR, RED), save_all=True, append_images=[TURNED]),
}


@pytest.mark.parametrize("kind", HALF_CLEAR)
@pytest.mark.parametrize("size", decoding.THUMBNAIL_PIXELS)
def test_a_thumbnail_is_as_transparent_as_its_picture(kind: str, size: str) -> None:
    made = Pillow.open(BytesIO(decoding.shrink(HALF_CLEAR[kind], decoding.THUMBNAIL_PIXELS[size])))
    assert made.mode == "RGBA"
    alpha = made.getchannel("A")
    assert alpha.getpixel((4, 4)) == 0
    assert alpha.getpixel((made.width - 5, made.height - 5)) == 255
    assert (made.width < made.height) == ("EXIF" in kind)


OPAQUE = {
    "16 bits of grey": (saved(halves("I;16", 0, 32896)), [(0, 0, 0), (128, 128, 128)]),
    "CMYK": (
        saved(halves("CMYK", (0, 255, 255, 0), (255, 0, 255, 0)), "JPEG", quality=95),
        [(254, 0, 0), (0, 255, 1)],
    ),
    "palette": (saved(halves("P", 0, 1)), [(0, 0, 0), (200, 30, 30)]),
    "grey": (saved(halves("L", 10, 200), "JPEG", quality=95), [(10, 10, 10), (200, 200, 200)]),
}


@pytest.mark.parametrize("kind", OPAQUE)
def test_a_thumbnail_of_what_is_opaque_has_its_colours(kind: str) -> None:
    picture, colours = OPAQUE[kind]
    made = Pillow.open(BytesIO(decoding.shrink(picture, 128)))
    assert made.mode == "RGB"
    for at, colour in zip((8, made.width - 9), colours, strict=True):
        found = made.getpixel((at, made.height // 2))
        assert isinstance(found, tuple)
        assert all(abs(a - b) <= 4 for a, b in zip(found, colour, strict=True)), found
