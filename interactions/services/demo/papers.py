"""Receipts, parcel labels and screens, as customers photograph and paste them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from .canvas import FAINT, INK, PALETTE, PAPER, SOFT, Canvas


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a receipt prints; prices in cents, `tax` in percent and contained in the total."""

    shop: str
    address: str
    number: str
    date: str
    items: tuple[tuple[str, int], ...]
    tax: int
    words: tuple[str, str, str, str]  # receipt, total, of which tax, thanks
    currency: str = "EUR"

    @property
    def total(self) -> int:
        """Of all items, in cents."""
        return sum(price for _, price in self.items)

    @property
    def tax_in_total(self) -> int:
        """In cents, rounded."""
        return round(self.total * self.tax / (100 + self.tax))

    def money(self, cents: int) -> str:
        """As this receipt prints money: a comma before the cents of a euro, else a point."""
        return f"{cents // 100}{',' if self.currency == 'EUR' else '.'}{cents % 100:02}"


def receipt(paper: Receipt) -> Canvas:
    """A till receipt on a table."""
    height = 500 + 40 * len(paper.items)
    canvas = Canvas(520, height, "#cfc6b8")
    canvas.box(46, 34, 482, height - 22, fill="#b9afa0", radius=3)
    canvas.box(40, 28, 476, height - 28, fill="#fdfcf8")
    teeth = [(40 + 12.11 * n, height - 28 + (9 if n % 2 else 0)) for n in range(37)]
    canvas.area([(40, height - 30), *teeth, (476, height - 30)], fill="#fdfcf8")
    # Pillow's own font has only ASCII; the words on a receipt are chosen to do without more.
    canvas.text(258, 74, paper.shop, size=30, anchor="mm", bold=True)
    canvas.text(258, 108, paper.address, size=16, fill=SOFT, anchor="mm")
    canvas.dashes(66, 450, 138, fill=SOFT)
    canvas.text(66, 162, f"{paper.words[0]} {paper.number}", size=17)
    canvas.text(450, 162, paper.date, size=17, anchor="rm")
    canvas.dashes(66, 450, 186, fill=SOFT)
    y = 216
    for name, price in paper.items:
        canvas.text(66, y, name, size=18)
        canvas.text(450, y, paper.money(price), size=18, anchor="rm")
        y += 40
    canvas.line([(66, y - 8), (450, y - 8)], fill=INK, width=1.5)
    canvas.text(66, y + 22, paper.words[1].upper(), size=25, bold=True)
    total = f"{paper.money(paper.total)} {paper.currency}"
    canvas.text(450, y + 22, total, size=25, anchor="rm", bold=True)
    canvas.text(66, y + 60, f"{paper.words[2]} {paper.tax} %", size=16, fill=SOFT)
    canvas.text(450, y + 60, paper.money(paper.tax_in_total), size=16, fill=SOFT, anchor="rm")
    canvas.dashes(66, 450, y + 88, fill=SOFT)
    _barcode(canvas, paper.number, 110, y + 108, 406, y + 172)
    canvas.text(258, y + 202, paper.words[3], size=17, anchor="mm")
    return canvas


def _barcode(
    canvas: Canvas, text: str, left: float, top: float, right: float, bottom: float
) -> None:
    rng = random.Random(text)
    x = left
    while x < right - 5:
        width = rng.choice((1.5, 1.5, 3, 4.5))
        canvas.box(x, top, x + width, bottom, fill="#111111")
        x += width + rng.choice((2, 3, 4.5))


def parcel(*, carrier: str, tracking: str, to: Sequence[str], weight: str, service: str) -> Canvas:
    """The label on a parcel."""
    canvas = Canvas(640, 860, "#b58f62")
    canvas.line([(0, 40), (640, 60)], fill="#a98356", width=46)
    canvas.line([(0, 800), (640, 822)], fill="#a98356", width=30)
    canvas.box(52, 52, 594, 818, fill="#8f6f48", radius=6)
    canvas.box(46, 46, 588, 812, fill=PAPER, radius=6)
    canvas.box(46, 46, 588, 146, fill=INK, radius=6)
    canvas.text(76, 96, carrier, size=38, fill=PAPER, bold=True)
    canvas.text(560, 96, service, size=24, fill=PAPER, anchor="rm")
    canvas.text(76, 182, "FROM", size=15, fill=SOFT)
    canvas.text(76, 210, "Fern & Finch, Dock 4, 5928 LX Venlo, NL", size=19)
    canvas.line([(46, 244), (588, 244)], fill=INK, width=2)
    canvas.text(76, 278, "TO", size=15, fill=SOFT)
    for n, row in enumerate(to):
        canvas.text(76, 318 + 42 * n, row, size=30, bold=n == 0)
    canvas.line([(46, 500), (588, 500)], fill=INK, width=2)
    canvas.text(76, 534, "WEIGHT", size=15, fill=SOFT)
    canvas.text(76, 566, weight, size=28, bold=True)
    canvas.text(330, 534, "PARCEL", size=15, fill=SOFT)
    canvas.text(330, 566, "1 of 1", size=28, bold=True)
    canvas.line([(46, 606), (588, 606)], fill=INK, width=2)
    _barcode(canvas, tracking, 86, 634, 552, 746)
    canvas.text(317, 776, tracking, size=24, anchor="mm")
    return canvas


def dialog(*, page: str, title: str, rows: Sequence[str], code: str, button: str) -> Canvas:
    """A browser window with an error dialog over a greyed page."""
    canvas = Canvas(1000, 620, "#eef0f3")
    _window(canvas, page)
    for n in range(6):
        canvas.box(60, 130 + 76 * n, 640, 150 + 76 * n, fill="#d5d9df", radius=6)
        canvas.box(60, 160 + 76 * n, 470, 174 + 76 * n, fill="#e0e3e8", radius=6)
    canvas.box(700, 130, 940, 400, fill="#dde1e6", radius=8)
    canvas.box(206, 166, 806, 496, fill="#c3c8d0", radius=14)
    canvas.box(200, 158, 800, 488, fill=PAPER, outline="#cbd0d8", radius=14)
    canvas.dot(250, 216, 24, fill="#c2413b")
    canvas.text(250, 216, "!", size=30, fill=PAPER, anchor="mm", bold=True)
    canvas.text(292, 216, title, size=26, bold=True)
    for n, row in enumerate(rows):
        canvas.text(236, 282 + 34 * n, row, size=19, fill="#374151")
    canvas.box(236, 368, 764, 408, fill="#f3f4f6", radius=6)
    canvas.text(252, 388, code, size=17, fill="#7f1d1d")
    canvas.box(764 - 170, 424, 764, 468, fill=PALETTE[0], radius=8)
    canvas.text(764 - 85, 446, button, size=18, fill=PAPER, anchor="mm")
    canvas.text(236, 446, "Contact support", size=18, fill=PALETTE[0])
    return canvas


def _window(canvas: Canvas, page: str) -> None:
    canvas.box(0, 0, canvas.width, 64, fill="#dfe3e8")
    for n, colour in enumerate(("#e0605a", "#e3b341", "#63b364")):
        canvas.dot(30 + 26 * n, 32, 8, fill=colour, outline=colour)
    canvas.box(140, 14, canvas.width - 40, 50, fill=PAPER, radius=18)
    canvas.text(162, 32, page, size=16, fill=SOFT)


def order_page(
    *, order: str, rows: Sequence[tuple[str, str]], steps: Sequence[tuple[str, str]], done: int
) -> Canvas:
    """The shop's page of one order, with how far its parcel has come."""
    canvas = Canvas(1000, 640)
    _window(canvas, f"shop.example/account/orders/{order}")
    canvas.text(60, 116, f"Order {order}", size=32, bold=True)
    left, gap = 130.0, 740 / (len(steps) - 1)
    canvas.line([(left, 200), (left + 740, 200)], fill=FAINT, width=8)
    canvas.line([(left, 200), (left + gap * done, 200)], fill=PALETTE[2], width=8)
    for n, (name, when) in enumerate(steps):
        x = left + gap * n
        canvas.dot(x, 200, 17, fill=PALETTE[2] if n <= done else "#cfd4db")
        canvas.text(x, 242, name, size=18, anchor="mm", bold=n == done)
        canvas.text(x, 268, when, size=15, fill=SOFT, anchor="mm")
    canvas.box(60, 310, 940, 330 + 58 * len(rows), outline=FAINT, radius=10, width=2)
    for n, (name, value) in enumerate(rows):
        y = 350 + 58 * n
        if n:
            canvas.line([(61, y - 29), (939, y - 29)], fill=FAINT)
        canvas.text(90, y, name, size=19, fill=SOFT)
        canvas.text(910, y, value, size=19, anchor="rm")
    return canvas
