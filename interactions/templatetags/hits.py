"""Marks where a searched text stands."""

import re
from collections.abc import Sequence
from uuid import UUID

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from interactions.filters.conditions import Contains, Place
from interactions.services.hits import Hit
from interactions.web.turns import Text, Turn

register = template.Library()

IN_SIGHT = 60  # characters that are seen of a line of the list, however narrow
LEAD = 24  # characters kept before a hit that is moved into sight
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_TAG = re.compile(r"""(<[^>"]*(?:"[^"]*"[^>"]*)*>)""")  # as nh3 writes them: quoted by `"` alone


@register.filter
def marked(text: str, wanted: Sequence[Contains] | None) -> str | SafeString:
    """`text`, escaped, with each place where one of the wanted texts stands marked."""
    pattern = pattern_of(wanted)
    return text if pattern is None else mark_safe(_marked(text, pattern))  # all of it is escaped


@register.filter
def around(text: str, wanted: Sequence[Contains]) -> str | SafeString:
    """Likewise, beginning near the first hit when that is out of sight."""
    pattern = pattern_of(wanted)
    if pattern is None:
        return text
    hit = pattern.search(text)
    if hit is not None and hit.end() > IN_SIGHT:
        start = max(0, hit.start() - LEAD)
        blank = text.find(" ", start, hit.start())
        text = f"…{text[blank + 1 if blank >= 0 else start :]}"
    return mark_safe(_marked(text, pattern))  # all of it is escaped


@register.filter
def marked_html(html: str, wanted: Sequence[Contains] | None) -> str | SafeString:
    """Safe HTML with the hits in its text marked; a hit across tags is not."""
    if not wanted:
        return html
    texts = [one.text.translate(_ENTITIES) for one in wanted]
    escaped = re.compile(f"({_pattern(texts).pattern})|&#?\\w+;", re.IGNORECASE)
    pieces = _TAG.split(html)
    pieces[::2] = [escaped.sub(_mark, piece) for piece in pieces[::2]]  # between tags
    return mark_safe("".join(pieces))  # as safe as it was


def _mark(found: re.Match[str]) -> str:
    """A hit marked; a letter that HTML spells out (`&amp;`) is none, whatever its name holds."""
    return f"<mark>{found[0]}</mark>" if found[1] else found[0]


@register.filter
def of_row(hits: dict[UUID, list[Hit]], id: UUID) -> list[Hit]:
    """A row's snippets."""
    return hits.get(id, [])


@register.filter
def for_turn(wanted: Sequence[Contains], turn: Turn) -> list[Contains]:
    """Those of the wanted texts that this turn may hold."""
    elsewhere = Place.PROMPT if turn.is_answer else Place.COMPLETION
    return [one for one in wanted or () if one.place != elsewhere]


@register.filter
def hits_of(turn: Turn, wanted: Sequence[Contains]) -> int:
    """How often the wanted texts stand in a turn."""
    pattern = pattern_of(wanted)
    if pattern is None:
        return 0
    texts = [part.text for part in turn.parts if isinstance(part, Text)]
    return sum(1 for text in texts for _ in pattern.finditer(text))


@register.filter
def has_hits(turns: Sequence[Turn], wanted: Sequence[Contains]) -> bool:
    """Whether a wanted text stands in one of these turns."""
    return any(hits_of(turn, for_turn(wanted, turn)) for turn in turns)


def pattern_of(wanted: Sequence[Contains] | None) -> re.Pattern[str] | None:
    """What finds any of these texts; None when there are none."""
    return _pattern([one.text for one in wanted]) if wanted else None


def _pattern(texts: Sequence[str]) -> re.Pattern[str]:
    """The longest first: of `call` and `call-back` the whole of the latter is marked."""
    longest = sorted(texts, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest)), re.IGNORECASE)


def _marked(text: str, pattern: re.Pattern[str]) -> str:
    made, end = [], 0
    for hit in pattern.finditer(text):
        made += [escape(text[end : hit.start()]), f"<mark>{escape(hit[0])}</mark>"]
        end = hit.end()
    return "".join([*made, escape(text[end:])])
