"""The images that people of the demo send: SVG files of few shapes, painted with Pillow."""

from base64 import b64encode
from functools import cache
from io import BytesIO
from itertools import cycle
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image, ImageDraw, ImageFont

_FOLDER = Path(__file__).parent / "data" / "images"
_SCALE = 2  # everything is painted at twice its size and reduced, for smooth edges
_ANCHORS = {"start": "lm", "middle": "mm", "end": "rm"}


@cache
def image_uri(name: str) -> str:
    """The image in the SVG file of this name, as a data URI of a PNG, JPEG or WEBP file."""
    root = ElementTree.parse(_FOLDER / f"{name}.svg").getroot()
    width, height = _numbers(root, "width height")
    image = Image.new("RGB", (int(width), int(height)), "white")
    brush = ImageDraw.Draw(image)
    for shape in root:
        _paint(brush, shape)
    file, kind = BytesIO(), root.attrib["data-format"]
    image.reduce(_SCALE).save(file, kind, quality=86, method=2, compress_level=4)
    return f"data:image/{kind};base64,{b64encode(file.getvalue()).decode()}"


def _numbers(shape: ElementTree.Element, names: str, *, missing: str = "0") -> list[float]:
    """All numbers of the attributes with these names, at the scale of painting."""
    texts = (shape.get(name, missing) for name in names.split())
    return [float(number) * _SCALE for text in texts for number in text.split()]


@cache
def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)  # it has only ASCII


def _paint(brush: ImageDraw.ImageDraw, shape: ElementTree.Element) -> None:
    fill, stroke = shape.get("fill"), shape.get("stroke")
    thick = round(float(shape.get("stroke-width", 1)) * _SCALE)
    match shape.tag.rpartition("}")[2]:
        case "text":
            x, y, size = _numbers(shape, "x y font-size")
            anchor = _ANCHORS[shape.get("text-anchor", "start")]
            bold = max(1, int(size) // 44) if "font-weight" in shape.attrib else 0
            brush.text((x, y), shape.text or "", fill, _font(size), anchor, stroke_width=bold)
        case "rect":
            x, y, width, height, radius = _numbers(shape, "x y width height rx")
            brush.rounded_rectangle((x, y, x + width, y + height), radius, fill, stroke, thick)
        case "circle":
            x, y, r = _numbers(shape, "cx cy r")
            brush.ellipse((x - r, y - r, x + r, y + r), fill, stroke, thick)
        case "polygon":
            brush.polygon(_numbers(shape, "points"), fill, stroke, thick)
        case "polyline":
            brush.line(_numbers(shape, "points"), stroke, thick, joint="curve")
        case "line":  # a level one
            x, y, end = _numbers(shape, "x1 y1 x2")
            lengths = cycle(_numbers(shape, "stroke-dasharray", missing="inf"))
            while x < end:
                dash = min(next(lengths), end - x)
                brush.line((x, y, x + dash, y), stroke, thick)
                x += dash + next(lengths)
        case other:
            raise ValueError(f"{other} is no shape that can be painted")
