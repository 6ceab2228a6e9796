"""Marks where a searched text stands."""

import re
from collections.abc import Callable, Sequence
from html import unescape

from django.utils.safestring import SafeString, mark_safe
from markupsafe import escape

from interactions.filters.conditions import Contains
from interactions.textindex.letters import FoldedText, fold
from interactions.textindex.message_texts import SYSTEM_ROLES
from interactions.web.rendering.json_blocks import Data
from interactions.web.rendering.text_parts import TextPart
from interactions.web.rendering.turns import Turn, TurnPart

LETTERS_IN_SIGHT = 60  # characters that are seen of a line of the list, however narrow
LETTERS_BEFORE_HIT = 24  # characters kept before a hit that is moved into sight
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\xa0": "&nbsp;"})
_TAG = re.compile(r"""(<[^>"]*(?:"[^"]*"[^>"]*)*>)""")  # as nh3 writes them: quoted by `"` alone


def marked(text: str, wanted: Sequence[Contains] | None) -> str | SafeString:
    """`text`, escaped, with each place where one of the wanted texts stands marked."""
    return mark_safe(_marked(text, places(text, wanted), escape)) if wanted else text


def around(text: str, wanted: Sequence[Contains]) -> str | SafeString:
    """`text` with its hits marked, cut to begin near the first hit if that were out of sight."""
    if not wanted:
        return text
    found = places(text, wanted)
    if found and found[0][1] > LETTERS_IN_SIGHT:
        start = max(0, found[0][0] - LETTERS_BEFORE_HIT)
        blank = text.find(" ", start, found[0][0])
        text = f"…{text[blank + 1 if blank >= 0 else start :]}"
        found = places(text, wanted)
    return mark_safe(_marked(text, found, escape))  # all of it is escaped


def marked_html(html: str, wanted: Sequence[Contains] | None) -> str | SafeString:
    """Safe HTML with the hits in its text marked; a hit across tags is not."""
    if not wanted:
        return html
    pieces = _TAG.split(html)
    pieces[::2] = [_marked_piece(piece, wanted) for piece in pieces[::2]]  # between tags
    return mark_safe("".join(pieces))  # as safe as it was


def _marked_piece(piece: str, wanted: Sequence[Contains]) -> str:
    """A text between two tags; a letter that HTML spells out (`&amp;`) is one letter."""
    text = unescape(piece)
    found = places(text, wanted)
    return _marked(text, found, lambda part: part.translate(_ENTITIES)) if found else piece


def for_turn(wanted: Sequence[Contains], turn: Turn) -> list[Contains]:
    """Those of the wanted texts that this turn may hold."""
    is_system = turn.role in SYSTEM_ROLES
    return [
        one for one in wanted or () if one.place.holds(system=is_system, completion=turn.is_answer)
    ]


def hits_of(turn: Turn, wanted: Sequence[Contains]) -> int:
    """How often the wanted texts stand in a turn."""
    if not wanted:
        return 0
    return sum(len(places(text, wanted)) for part in turn.parts for text in _texts(part))


def _texts(part: TurnPart) -> list[str]:
    """The texts of a part, as they are shown."""
    if isinstance(part, TextPart):
        return [part.text]
    return [part.name, *part.pieces] if isinstance(part, Data) else []


def is_hit(part: TextPart, wanted: Sequence[Contains] | None) -> bool:
    """Whether a wanted text stands in this part."""
    return bool(wanted) and bool(places(part.text, wanted))


def has_hits(turns: Sequence[Turn], wanted: Sequence[Contains]) -> bool:
    """Whether a wanted text stands in one of these turns."""
    return any(hits_of(turn, for_turn(wanted, turn)) for turn in turns)


def places(text: str, wanted: Sequence[Contains] | None) -> list[tuple[int, int]]:
    """Where the wanted texts stand, in their order; of those that overlap the longest."""
    folded = FoldedText(text)
    found = [place for one in {fold(w.text) for w in wanted or ()} for place in folded.find(one)]
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda place: (place[0], -place[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _marked(text: str, found: Sequence[tuple[int, int]], written: Callable[[str], str]) -> str:
    made, at = [], 0
    for start, end in found:
        made += [written(text[at:start]), f"<mark>{written(text[start:end])}</mark>"]
        at = end
    return "".join([*made, written(text[at:])])
