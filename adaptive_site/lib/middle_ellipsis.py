"""Long values whose end stays in sight, whatever the room.

A value is cut in two where it begins to differ from its neighbours, else before its last letters.
The style sheet shortens the first part first (`.mid` in `base.css`); to a reader and in a selection
the two are one text.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from django.utils.safestring import SafeString, mark_safe
from markupsafe import escape

MOST_LETTERS_WHOLE = 16  # letters, up to which a value is left in one piece
LETTERS_AT_END = 8  # letters that stay in sight
LETTERS_SHARED = 2  # letters of what is the same that stay before what is not


def middle(text: str, shared: int = 0) -> SafeString:
    """A value as HTML, in two parts when it is long; `shared` letters are another's too.

    >>> middle("acme-production-europe-1")
    '<span class="mid"><span>acme-production-</span><span>europe-1</span></span>'
    """
    if len(text) <= MOST_LETTERS_WHOLE:
        return mark_safe(escape(text))
    last = len(text) - LETTERS_AT_END
    at = min(shared - LETTERS_SHARED, last) if shared > LETTERS_AT_END else last
    start, end = escape(text[:at]), escape(text[at:])
    return mark_safe(f'<span class="mid"><span>{start}</span><span>{end}</span></span>')


def shares(values: Iterable[str]) -> Mapping[str, int]:
    """By value, how many letters it has in common with the one most like it from the beginning."""
    found: dict[str, int] = {}
    for one, other in pairwise(sorted(set(values))):
        n = _shared(one, other)
        for value in (one, other):
            found[value] = max(found.get(value, 0), n)
    return found


def _shared(one: str, other: str) -> int:
    letters = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(letters) if a != b), min(len(one), len(other)))
