"""A small drawing board: everything is drawn at twice its size and reduced, for smooth edges."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

INK = "#1f2937"
SOFT = "#6b7280"
FAINT = "#e5e7eb"
PAPER = "#ffffff"
PALETTE = ("#3b6fb6", "#e08a3c", "#4c9f70", "#b5526b", "#7b6bb3", "#c9a227", "#4aa3a8")

_SCALE = 2
_MEDIA = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size * _SCALE)


class Canvas:
    """A picture under work; all measures are in pixels of the finished picture."""

    def __init__(self, width: int, height: int, background: str = PAPER) -> None:
        self.width = width
        self.height = height
        self._image = Image.new("RGB", (width * _SCALE, height * _SCALE), background)
        self._draw = ImageDraw.Draw(self._image)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: int = 18,
        fill: str = INK,
        anchor: str = "lm",
        bold: bool = False,
    ) -> None:
        """Write `text` at a point; `anchor` is Pillow's (`lm`: left, middle)."""
        stroke = max(1, size // 22) if bold else 0
        self._draw.text(
            (x * _SCALE, y * _SCALE), text, fill, _font(size), anchor, stroke_width=stroke
        )

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        *,
        fill: str | None = None,
        outline: str | None = None,
        radius: float = 0,
        width: int = 1,
    ) -> None:
        """A rectangle, with round corners when `radius` is given."""
        self._draw.rounded_rectangle(
            (left * _SCALE, top * _SCALE, right * _SCALE, bottom * _SCALE),
            radius * _SCALE,
            fill,
            outline,
            width * _SCALE,
        )

    def line(self, points: Sequence[tuple[float, float]], *, fill: str, width: float = 1) -> None:
        """A line through `points`, with round joints."""
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self._draw.line(scaled, fill, round(width * _SCALE), joint="curve")

    def dashes(self, left: float, right: float, y: float, *, fill: str, width: float = 1) -> None:
        """A level dashed line."""
        x = left
        while x < right:
            self.line([(x, y), (min(x + 7, right), y)], fill=fill, width=width)
            x += 12

    def area(self, points: Sequence[tuple[float, float]], *, fill: str) -> None:
        """A filled polygon."""
        self._draw.polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill)

    def dot(self, x: float, y: float, radius: float, *, fill: str, outline: str = PAPER) -> None:
        """A filled circle with a rim."""
        x, y, radius = x * _SCALE, y * _SCALE, radius * _SCALE
        self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill, outline, 3)

    def slice(
        self, x: float, y: float, radius: float, start: float, end: float, *, fill: str
    ) -> None:
        """A slice of a pie, in degrees clockwise from the right."""
        x, y, radius = x * _SCALE, y * _SCALE, radius * _SCALE
        self._draw.pieslice(
            (x - radius, y - radius, x + radius, y + radius), start, end, fill, PAPER, 4
        )

    def encoded(self, file_format: str) -> tuple[str, bytes]:
        """The media type and bytes of the finished picture as PNG, JPEG or WEBP."""
        finished = self._image.reduce(_SCALE)
        file = BytesIO()
        if file_format == "PNG":
            finished.save(file, "PNG", compress_level=4)
        elif file_format == "JPEG":
            finished.save(file, "JPEG", quality=88)
        else:
            finished.save(file, "WEBP", quality=84, method=2)
        return _MEDIA[file_format], file.getvalue()
