"""Charts, drawn the way a reporting tool of a shop would draw them."""

import math
from collections.abc import Sequence

from .canvas import FAINT, INK, PALETTE, PAPER, SOFT, Canvas

Named = Sequence[tuple[str, float]]

_LEFT, _TOP, _RIGHT, _BOTTOM = 84, 118, 40, 70


def _nice_top(highest: float) -> tuple[float, float]:
    """The top of an axis that holds `highest`, and the step of its four to six ticks."""
    rough = highest / 4.5
    magnitude = 10 ** math.floor(math.log10(rough))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= rough)
    return math.ceil(highest * 1.04 / step) * step, step


def said(value: float) -> str:
    """A number as a chart prints it: `1,240`, `12.5`."""
    return f"{value:,.0f}" if abs(value - round(value)) < 1e-9 else f"{value:,.1f}"


def _framed(title: str, subtitle: str, width: int, height: int) -> Canvas:
    canvas = Canvas(width, height)
    canvas.text(40, 44, title, size=26, bold=True)
    canvas.text(40, 78, subtitle, size=17, fill=SOFT)
    return canvas


def _axis(canvas: Canvas, highest: float, unit: str) -> float:
    """Draw the level grid lines; returns pixels for each unit of value."""
    top, step = _nice_top(highest)
    floor = canvas.height - _BOTTOM
    pixels = (floor - _TOP) / top
    for n in range(round(top / step) + 1):
        y = floor - n * step * pixels
        canvas.line([(_LEFT, y), (canvas.width - _RIGHT, y)], fill=FAINT if n else SOFT)
        canvas.text(_LEFT - 12, y, said(n * step) + unit, size=15, fill=SOFT, anchor="rm")
    return pixels


def _legend(canvas: Canvas, names: Sequence[str]) -> None:
    x: float = canvas.width - _RIGHT
    for n, name in reversed(list(enumerate(names))):
        x -= 9 * len(name) + 8
        canvas.text(x, 78, name, size=16)
        canvas.box(x - 22, 71, x - 8, 85, fill=PALETTE[n], radius=3)
        x -= 46


def bars(title: str, subtitle: str, columns: Named, *, unit: str = "", accent: str = "") -> Canvas:
    """Upright bars with their values above; the one named `accent` in another colour."""
    canvas = _framed(title, subtitle, 960, 600)
    pixels = _axis(canvas, max(value for _, value in columns), unit)
    floor = canvas.height - _BOTTOM
    slot = (canvas.width - _LEFT - _RIGHT) / len(columns)
    for n, (name, value) in enumerate(columns):
        x = _LEFT + slot * (n + 0.5)
        top = floor - value * pixels
        canvas.box(
            x - slot * 0.31, top, x + slot * 0.31, floor, fill=PALETTE[name == accent], radius=4
        )
        canvas.box(
            x - slot * 0.31, max(top, floor - 6), x + slot * 0.31, floor,
            fill=PALETTE[name == accent],
        )  # fmt: skip
        canvas.text(x, top - 14, said(value) + unit, size=16, anchor="mm", bold=True)
        canvas.text(x, floor + 24, name, size=16, anchor="mm")
    return canvas


def ranking(title: str, subtitle: str, rows: Named, *, unit: str = "") -> Canvas:
    """Level bars, the longest first."""
    canvas = _framed(title, subtitle, 960, 140 + 62 * len(rows))
    highest = max(value for _, value in rows)
    for n, (name, value) in enumerate(rows):
        y = 138 + 62 * n
        length = (canvas.width - 260 - 120) * value / highest
        canvas.text(244, y, name, size=18, anchor="rm")
        canvas.box(260, y - 18, 260 + max(length, 6), y + 18, fill=PALETTE[0], radius=4)
        canvas.text(272 + length, y, said(value) + unit, size=17, bold=True)
    return canvas


def lines(
    title: str,
    subtitle: str,
    names: Sequence[str],
    series: Sequence[Named],
    *,
    unit: str = "",
    threshold: tuple[str, float] | None = None,
) -> Canvas:
    """One to three lines over the same steps; a threshold is dashed."""
    canvas = _framed(title, subtitle, 1040, 600)
    pixels = _axis(canvas, max(value for line in series for _, value in line), unit)
    floor = canvas.height - _BOTTOM
    step = (canvas.width - _LEFT - _RIGHT - 40) / (len(series[0]) - 1)
    every = math.ceil(len(series[0]) / 12)
    for n, (name, _) in enumerate(series[0]):
        if n % every == 0:
            canvas.text(_LEFT + 20 + n * step, floor + 24, name, size=15, fill=SOFT, anchor="mm")
    for n, line in enumerate(series):
        points = [(_LEFT + 20 + i * step, floor - v * pixels) for i, (_, v) in enumerate(line)]
        if len(series) == 1:
            ends = [(points[-1][0], floor - 1), (points[0][0], floor - 1)]
            canvas.area([*points, *ends], fill="#e6eef8")
        canvas.line(points, fill=PALETTE[n], width=3.5)
        for x, y in points:
            canvas.dot(x, y, 5.5, fill=PALETTE[n])
    if threshold is not None:
        y = floor - threshold[1] * pixels
        canvas.dashes(_LEFT, canvas.width - _RIGHT, y, fill=PALETTE[3], width=2)
        right = canvas.width - _RIGHT - 4
        canvas.text(right, y - 14, threshold[0], size=15, fill=PALETTE[3], anchor="rm")
    if len(series) > 1:
        _legend(canvas, names)
    return canvas


def pairs(
    title: str, subtitle: str, names: tuple[str, str], groups: Sequence[tuple[str, float, float]]
) -> Canvas:
    """Two bars beside each other for every group."""
    canvas = _framed(title, subtitle, 960, 600)
    pixels = _axis(canvas, max(max(a, b) for _, a, b in groups), "")
    floor = canvas.height - _BOTTOM
    slot = (canvas.width - _LEFT - _RIGHT) / len(groups)
    for n, (name, *values) in enumerate(groups):
        middle = _LEFT + slot * (n + 0.5)
        canvas.text(middle, floor + 24, name, size=17, anchor="mm")
        for k, value in enumerate(values):
            x = middle + slot * (-0.2 if k == 0 else 0.2)
            half = slot * 0.18
            canvas.box(x - half, floor - value * pixels, x + half, floor, fill=PALETTE[k], radius=3)
            canvas.text(x, floor - value * pixels - 13, said(value), size=15, anchor="mm")
    _legend(canvas, names)
    return canvas


def ring(title: str, subtitle: str, shares: Named) -> Canvas:
    """A ring of shares in percent, with its legend beside it."""
    canvas = _framed(title, subtitle, 880, 540)
    x, y, start = 250.0, 320.0, -90.0
    for n, (name, share) in enumerate(shares):
        end = start + 3.6 * share
        canvas.slice(x, y, 180, start, end, fill=PALETTE[n])
        row = 190 + 52 * n
        canvas.box(500, row - 11, 522, row + 11, fill=PALETTE[n], radius=5)
        canvas.text(538, row, name, size=19)
        canvas.text(820, row, f"{said(share)} %", size=19, anchor="rm", bold=True)
        start = end
    canvas.dot(x, y, 102, fill=PAPER)
    canvas.text(x, y - 12, "100 %", size=30, anchor="mm", bold=True)
    canvas.text(x, y + 22, "of all tickets", size=16, fill=SOFT, anchor="mm")
    canvas.line([(500, 128), (820, 128)], fill=FAINT, width=2)
    canvas.text(500, 150, "Topic", size=15, fill=SOFT)
    canvas.text(820, 150, "Share", size=15, fill=SOFT, anchor="rm")
    canvas.line([(500, 190 + 52 * len(shares) - 22), (820, 190 + 52 * len(shares) - 22)], fill=INK)
    return canvas
