"""Three hundred images that are none, or not what they say, or far too much; always the same."""

import random
import struct
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image as Pillow

from tests.make import data_uri, make_image

SEED = 20261201
FORMATS = {"PNG": "png", "JPEG": "jpeg", "WEBP": "webp", "GIF": "gif", "AVIF": "avif"}
HTML = b"<html><script>window.__evil=1</script><svg onload=alert(1)>"
_EDGES = (0, 1, 7, 255, 4096, 65_535, 2**24 - 1, 2**31 - 1, 2**32 - 1)


def images() -> dict[str, str]:
    """The data URI of each, by what is wrong with it."""
    made: dict[str, str] = {}
    for several in (_whole, _cut, _damaged, _disguised, _pngs, _gifs, _jpegs, _others, _spelt):
        for name, url in several():
            made[f"{several.__name__[1:]}: {name}"] = url
    return made


def chunk(name: bytes, data: bytes, crc: int | None = None) -> bytes:
    """A chunk of PNG."""
    sum = zlib.crc32(name + data) if crc is None else crc
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", sum)


def png(*chunks: bytes, size: tuple[int, int] = (4, 4), kind: bytes = b"\x08\x02\0\0\0") -> bytes:
    """A PNG of this header; with its pixels, unless chunks are given."""
    head = chunk(b"IHDR", struct.pack(">II", *size) + kind)
    body = b"".join(chunks) or _pixels()
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


def _pixels(n: int = 52) -> bytes:
    return chunk(b"IDAT", zlib.compress(b"\0" * n))


def _saved(image: Pillow.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def _whole() -> Iterator[tuple[str, str]]:
    """Right, but odd."""
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        yield f"PNG {mode}", data_uri(_saved(Pillow.new(mode, (9, 7)), "PNG"))
    yield "CMYK", data_uri(_saved(Pillow.new("CMYK", (9, 7)), "JPEG"), "image/jpeg")
    palette = Pillow.new("P", (9, 7))
    for transparency in (0, 255, b"\0", b"\x7f" * 256):
        yield (
            f"transparent {transparency!r:.9}",
            data_uri(_saved(palette, "PNG", transparency=transparency)),
        )
    for name, kind in FORMATS.items():
        data = make_image(name)
        yield f"{name} and HTML behind", data_uri(data + HTML, f"image/{kind}")
        yield f"{name} and a zip behind", data_uri(data + b"PK\3\4" + HTML, f"image/{kind}")
        yield f"{name} and a PDF behind", data_uri(data + b"%PDF-1.7\n%%EOF", f"image/{kind}")
    frames = [Pillow.new("L", (2, 2), n % 256) for n in range(1100)]
    for n in (2, 1000, 1100):
        many = _saved(frames[0], "GIF", save_all=True, append_images=frames[1:n])
        yield f"{n} frames", data_uri(many, "image/gif")
    yield "36 megapixels", data_uri(_saved(Pillow.new("1", (6000, 6000)), "PNG"))
    yield "a line of 100,000", data_uri(_saved(Pillow.new("1", (100_000, 1)), "PNG"))


def _cut() -> Iterator[tuple[str, str]]:
    """Ending too early."""
    for name, kind in FORMATS.items():
        data = make_image(name, (40, 30))
        for at in (1, 3, 8, 12, 20, len(data) // 3, len(data) // 2, len(data) - 1):
            yield f"{name} after {at}", data_uri(data[:at], f"image/{kind}")


def _damaged() -> Iterator[tuple[str, str]]:
    """With bytes of chance in them."""
    rng = random.Random(SEED)
    for name, kind in FORMATS.items():
        whole = make_image(name, (40, 30))
        for n in range(16):
            data = bytearray(whole)
            for _ in range(1 + n):
                at = rng.randrange(len(data) if n % 2 else min(len(data), 64))
                data[at] = rng.randrange(256)
            if n % 4 == 3:
                at = rng.randrange(len(data))
                data[at:at] = rng.randbytes(n)
            yield f"{name} {n}", data_uri(bytes(data), f"image/{kind}")


def _disguised() -> Iterator[tuple[str, str]]:
    """Of one kind, and said to be of another."""
    for name, data in {
        **{name: make_image(name) for name in (*FORMATS, "BMP", "TIFF", "ICO")},
        "HTML": HTML,
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" onload="window.__evil=1"/>',
        "PDF": b"%PDF-1.7\n" + HTML,
        "zip": b"PK\3\4" + bytes(40),
        "GIF of HTML": b"GIF89a/*" + HTML + b"*/=1;",
        "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(90),
        "zeros": bytes(5000),
    }.items():
        for kind in ("png", "jpeg", "svg+xml"):
            yield f"{name} as {kind}", data_uri(data, f"image/{kind}")


def _pngs() -> Iterator[tuple[str, str]]:
    """Chunks that are wrong, missing, twice, in another order, or enormous."""
    for wide in _EDGES[:1] + _EDGES[3:]:
        yield f"{wide} wide", data_uri(png(size=(wide, 4)))
        yield f"{wide} × {wide}", data_uri(png(size=(wide, wide)))
    for kind in (b"\0\2\0\0\0", b"\x10\3\0\0\0", b"\x08\7\0\0\0", b"\x03\2\0\0\0", b"\xff" * 5):
        yield f"kind {kind.hex()}", data_uri(png(kind=kind))
    text = zlib.compress(b"a" * 30_000_000)
    broken = {
        "no pixels": [chunk(b"tEXt", b"a\0b")],
        "pixels that are no zlib": [chunk(b"IDAT", b"\xff" * 40)],
        "too few pixels": [_pixels(5)],
        "too many pixels": [_pixels(9_000_000)],
        "wrong sum": [chunk(b"IDAT", zlib.compress(bytes(52)), 1)],
        "two headers": [chunk(b"IHDR", struct.pack(">II5s", 9, 9, b"\x08\2\0\0\0")), _pixels()],
        "an unknown chunk": [chunk(b"eVIL", HTML), _pixels()],
        "no name": [chunk(b"\0\0\0\0", b"x"), _pixels()],
        "huge text": [chunk(b"tEXt", b"a\0" + b"b" * 2_000_000), _pixels()],
        "text of a bomb": [chunk(b"zTXt", b"a\0\0" + text), _pixels()],
        "international bomb": [chunk(b"iTXt", b"a\0\1\0\0\0" + text), _pixels()],
        "profile of a bomb": [chunk(b"iCCP", b"a\0\0" + text), _pixels()],
        "broken profile": [chunk(b"iCCP", b"a\0\0xyz"), _pixels()],
        "broken EXIF": [chunk(b"eXIf", b"MM\0*\xff\xff\xff\xff"), _pixels()],
        "EXIF in a circle": [chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\1\x87\x69\0\4\0\0\0\1\0\0\0\x08")],
        "no gamma": [chunk(b"gAMA", bytes(4)), _pixels()],
        "short palette": [chunk(b"PLTE", b"\1"), _pixels()],
        "frames without end": [chunk(b"acTL", struct.pack(">II", 100_000, 0)), _pixels()],
        "2³² frames": [chunk(b"acTL", b"\xff" * 8), _pixels()],
        "a frame outside": [
            chunk(b"acTL", struct.pack(">II", 2, 0)), _pixels(),
            chunk(b"fcTL", struct.pack(">5I2H2B", 0, 9, 9, 2**31, 2**31, 1, 1, 0, 0)),
        ],
        "a length beyond": [b"\xff\xff\xff\xffIDAT"],
    }  # fmt: skip
    for name, chunks in broken.items():
        yield name, data_uri(png(*chunks))


def _gifs() -> Iterator[tuple[str, str]]:
    """Screens and frames of sizes that do not fit, and blocks without end."""
    for wide in (0, 1, 65_535):
        for frame in (0, 1, 65_535):
            screen = struct.pack("<2H3B", wide, wide, 0x80, 0, 0) + bytes(6)
            piece = b"," + struct.pack("<4HB", frame, frame, frame, frame, 0)
            data = b"GIF89a" + screen + piece + b"\2\2\x4c\1\0;"
            yield f"{frame} on {wide}", data_uri(data, "image/gif")
    screen = b"GIF89a" + struct.pack("<2H3B", 1, 1, 0x80, 0, 0) + bytes(6)
    whole = b"," + struct.pack("<4HB", 0, 0, 1, 1, 0)
    for bits in (0, 1, 12, 13, 255):
        yield (
            f"{bits} bits",
            data_uri(screen + whole + bytes((bits,)) + b"\2\x44\1\0;", "image/gif"),
        )
    yield "100,000 comments", data_uri(screen + b"!\xfe\1a\0" * 100_000 + b";", "image/gif")
    yield "100,000 frames", data_uri(screen + (whole + b"\2\2\x44\1\0") * 100_000, "image/gif")


def _jpegs() -> Iterator[tuple[str, str]]:
    """Segments that are wrong, or say sizes that are not."""
    whole = make_image("JPEG", (16, 16))
    at = whole.index(b"\xff\xc0") + 5
    for size in ((0, 0), (0, 16), (65_535, 65_535), (65_535, 1), (5000, 5000)):
        data = whole[:at] + struct.pack(">HH", *size) + whole[at + 4 :]
        yield f"{size}", data_uri(data, "image/jpeg")
    for name, marker, said in (
        ("EXIF in a circle", 0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\1\x87\x69\0\4\0\0\0\1\0\0\0\x08"),
        ("orientation 9", 0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\x09\0\0"),
        ("EXIF of nothing", 0xE1, b"Exif\0\0"),
        ("half a profile", 0xE2, b"ICC_PROFILE\0\1\xff" + bytes(64)),
        ("profile 0 of 0", 0xE2, b"ICC_PROFILE\0\0\0"),
        ("MPF of nothing", 0xE2, b"MPF\0II*\0\xff\xff\xff\x7f"),
        (
            "MPF of 65,535",
            0xE2,
            b"MPF\0MM\0*\0\0\0\x08\0\2\xb0\1\0\4\0\0\0\1\0\0\xff\xff\xb0\2\0\7",
        ),
        ("Adobe's", 0xEE, b"Adobe\0\x64\0\0\0\0\xff"),
        ("a comment of HTML", 0xFE, HTML),
        ("no tables", 0xDB, b""),
        ("tables of zeros", 0xC4, bytes(17)),
    ):
        segment = bytes((0xFF, marker)) + struct.pack(">H", len(said) + 2) + said
        yield name, data_uri(whole[:2] + segment + whole[2:], "image/jpeg")
    big = b"\xff\xe1\xff\xff" + bytes(65_533)
    yield "5 MB of segments", data_uri(whole[:2] + big * 80 + whole[2:], "image/jpeg")
    several = whole[:2] + b"\xff\xd8" * 5000 + whole[2:]
    yield "5000 beginnings", data_uri(several, "image/jpeg")


def _others() -> Iterator[tuple[str, str]]:
    """WebP and AVIF of sizes and lengths that are not."""
    webp, avif = make_image("WEBP"), make_image("AVIF")
    for size in _EDGES[:1] + _EDGES[4:]:
        size = min(size, 2**32 - 1)
        data = webp[:4] + struct.pack("<I", size) + webp[8:]
        yield f"WebP of {size} bytes", data_uri(data, "image/webp")
        flags = b"VP8X\x0a\0\0\0\x02\0\0\0" + struct.pack("<I", size)[:3] * 2
        yield f"WebP {size} wide", data_uri(b"RIFF\xff\0\0\0WEBP" + flags + webp[12:], "image/webp")
        for name in (b"meta", b"mdat", b"ispe", b"iloc"):
            at = avif.index(name) - 4
            data = avif[:at] + struct.pack(">I", size) + avif[at + 4 :]
            yield f"AVIF {name.decode()} {size}", data_uri(data, "image/avif")
    for high in (-1, -(2**31), 2**31 - 1):
        data = b"BM" + struct.pack("<3IIiiHH", 99, 0, 54, 40, 4, high, 1, 24) + bytes(72)
        yield f"BMP {high} high", data_uri(data, "image/bmp")


def _spelt() -> Iterator[tuple[str, str]]:
    """Of right bytes, in data URIs that are not as they should be."""
    data = make_image()
    right = b64encode(data).decode()
    yield "spaces", "data:image/png;base64, " + " ".join(right)
    yield "lines", "data:image/png;base64," + right[:70] + "\r\n" + right[70:]
    yield (
        "letters of addresses",
        "data:image/png;base64," + urlsafe_b64encode(b"\xff\xfe" * 40).decode(),
    )
    yield "no padding", "data:image/png;base64," + right.rstrip("=")[:-1]
    yield "much padding", f"data:image/png;base64,{right}===="
    yield "escaped", "data:image/png;base64," + right.replace("+", "%2B").replace("/", "%2F")
    yield "half", "data:image/png;base64," + right[: len(right) // 2] + "\0" + right[-9:]
    yield "upper case", "DATA:IMAGE/PNG;BASE64," + right
    yield "parameters", 'data:image/png;name="<svg onload>";charset=utf-8;base64,' + right
    yield "no comma", "data:image/png;base64" + right
    yield "two commas", "data:image/png,;base64," + right
    yield "not base64", "data:image/png," + right
    yield "no type", "data:;base64," + right
    yield "type of HTML", "data:text/html;base64," + b64encode(HTML).decode()
    yield "letters", "data:image/png;base64,é" + "ü" * 99
    yield "digits of others", "data:image/png;base64," + "١٢٣٤" * 9
    yield "nothing", "data:image/png;base64,"
    yield "only data", "data:"
    yield "zeros", "data:image/png;base64," + "A" * 100_000
    yield "half a pair", "data:image/png;base64,\ud83d"
