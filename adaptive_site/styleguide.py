"""The page that shows every token and every part in every state; in debug mode only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from adaptive_site.environment import ROOT
from adaptive_site.lib.errors import NotFound

TOKENS = ROOT / "static" / "css" / "tokens.css"
_TOKEN = re.compile(r"^ {4}--([\w-]+): (.+);$", re.MULTILINE)
_COLOURS = re.compile(r"light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
THEMES = ("light", "dark")

# What is read on what, and how much contrast that needs: WCAG 2.2, 1.4.3 and 1.4.11.
TEXT, EDGE = 4.5, 3.0
PAIRS = [
    *(
        (ink, ground, TEXT)
        for ink in ("ink", "ink-2", "ink-3", "accent", "good", "bad")
        for ground in ("paper", "raised", "sunken")
    ),
    ("accent", "accent-soft", TEXT),
    ("ink-2", "accent-soft", TEXT),
    ("good", "good-soft", TEXT),
    ("bad", "bad-soft", TEXT),
    ("ink", "mark", TEXT),
    ("paper", "ink", TEXT),
    ("line-3", "paper", EDGE),
    ("line-3", "raised", EDGE),
    ("accent", "paper", EDGE),
]


@dataclass(frozen=True, slots=True)
class ColorPair:
    """One colour on another, by name and as it is in a theme."""

    ink: str
    ground: str
    least: float
    ink_colour: str
    ground_colour: str

    @property
    def contrast(self) -> float:
        """As WCAG has it, from 1 to 21."""
        lighter, darker = sorted(map(luminance, (self.ink_colour, self.ground_colour)))[::-1]
        return (lighter + 0.05) / (darker + 0.05)

    @property
    def is_enough(self) -> bool:
        """Whether it can be read."""
        return self.contrast >= self.least


@dataclass(frozen=True, slots=True)
class Design:
    """All tokens as the stylesheet has them."""

    tokens: dict[str, str]

    @property
    def colours(self) -> dict[str, tuple[str, str]]:
        """Each colour, light and dark."""
        found = {name: _COLOURS.fullmatch(value) for name, value in self.tokens.items()}
        return {name: (one[1], one[2]) for name, one in found.items() if one}

    @property
    def spaces(self) -> dict[str, int]:
        """The steps of space, in pixels."""
        return self._pixels(r"s\d")

    @property
    def types(self) -> dict[str, int]:
        """The sizes of type, in pixels."""
        return self._pixels(r"t-\w+")

    @property
    def themes(self) -> list[tuple[str, list[tuple[str, str]], list[ColorPair]]]:
        """Name, colours and pairs of each theme."""
        return [
            (theme, [(name, both[n]) for name, both in self.colours.items()], list(self.pairs(n)))
            for n, theme in enumerate(THEMES)
        ]

    def pairs(self, n: int) -> Iterator[ColorPair]:
        """What is read on what in the theme with this number."""
        colours = self.colours
        for ink, ground, least in PAIRS:
            yield ColorPair(ink, ground, least, colours[ink][n], colours[ground][n])

    def _pixels(self, pattern: str) -> dict[str, int]:
        return {
            name: int(value.removesuffix("px"))
            for name, value in self.tokens.items()
            if re.fullmatch(pattern, name)
        }


def read_design() -> Design:
    """The tokens, from the stylesheet; a later one of a name, as for more contrast, is not one."""
    found: dict[str, str] = {}
    for name, value in _TOKEN.findall(TOKENS.read_text("utf-8")):
        found.setdefault(name, value)
    return Design(found)


def luminance(colour: str) -> float:
    """The relative luminance of `#rrggbb`.

    >>> round(luminance("#ffffff"), 3), luminance("#000000")
    (1.0, 0.0)
    """
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@require_GET
def design(request: HttpRequest) -> HttpResponse:
    """The page."""
    if not settings.DEBUG:
        raise NotFound("the design page is there with ADAPTIVE_SITE_DEBUG=on")
    return render(request, "design.html", {"design": read_design()})
