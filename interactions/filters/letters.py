"""Letters that mean the same made the same, for everything that looks for a text.

Upper and lower case, both ways to write an accent, typographic quotes and dashes, every kind and
number of spaces and line breaks, full-width forms, ligatures, ß, both small sigmas and both Turkish
i are one; marks that nobody sees or types (soft hyphens, zero-width letters, the vowel points of
Hebrew and Arabic) are left out. Accents are kept: `cafe` is not `café`.

PostgreSQL does the very same in its function `search_fold` (migration 0011), and a test compares
the two. What a letter becomes must not change without a migration that indexes all texts again.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from unicodedata import combining, normalize

# Letters that `_single`, `lower` and the replacements at the beginning of `fold` are enough for.
PLAIN = (
    "\x01-\x7f\xa1-\xa7\xa9\xac\xae\xb0\xb1\xb6\xb7\xbf-\xde\xe0-\u012f\u0134-\u013e\u0141-\u0148"
    "\u014a-\u017e\u0386\u0388-\u03ce\u0400-\u0481\u048a-\u052f\u20ac\u2022\u3001\u3002"
    "\u3008-\u3011\u3041-\u3096\u30a1-\u30fe\u4e00-\u9fff\uac00-\ud7a3\U0001f300-\U0001f6ff"
)
SINGLE = "\u2018-\u201b\u02b9\u02bb\u02bc\u2032\u2035\u2039\u203a\u05f3"
DOUBLE = "\u201c-\u201f\xab\xbb\u301d-\u301f\u05f4"
DASHES = "\u2010-\u2015\u2212\u05be\u2e3a\u2e3b"
BREAKS = "\t\n\v\f\r"  # plain, but spaces
SPACES = "\x85\u1680\u2028\u2029"  # those that Unicode does not decompose to a space
UNSEEN = (
    "\xad\u034f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u0640"
    "\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
# What Unicode would take apart into something else.
EARLY = {"\xb4": "'", "\u1ffd": "'", "\u2033": '"', "\u2036": '"', "\U0001d6a4": "i"}
# Letters that only newer versions of Unicode decompose; without them all versions agree.
LATE = "\U0001ccd6-\U0001ccf9\U0001e030-\U0001e06d"

_EARLY = str.maketrans(EARLY)
_LOWER = str.maketrans("ςı", "σi")
_IS_ODD = re.compile(f"[^{PLAIN}]").search
_CHANGES = [
    (re.compile(f"[{letters}]"), other)
    for letters, other in ((SINGLE, "'"), (DOUBLE, '"'), (DASHES, "-"), (SPACES, " "))
]
_LATE = re.compile(f"[{LATE}]")
_UNSEEN = re.compile(f"[{UNSEEN}]+")
_SOLID = f"(?![{BREAKS} ])[{PLAIN}]"
_RUN = re.compile(f"(?:{_SOLID})+(?: (?:{_SOLID})+)*")
# What is written after a letter and makes one with it, beside combining marks.
_JOINING = re.compile(
    f"[{UNSEEN}\u1161-\u1175\u11a8-\u11c2\uff9e\uff9f\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7"
    "\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1b35]"
).match


def fold(text: str) -> str:
    """`text` in the letters that are compared.

    >>> fold("Don’t ﬁx Straße"), fold("ΣΊΣΥΦΟΣ") == fold("σίσυφος")
    ("don't fix strasse", True)
    """
    if text.isascii():
        return _single(text.lower())
    made = _single(text.lower()).replace("i\u0307", "i").translate(_LOWER).replace("ß", "ss")
    if _IS_ODD(made):
        made = _LATE.sub("\ufffd", made).translate(_EARLY)
        made = normalize("NFKC", made).lower().replace("i\u0307", "i").translate(_LOWER)
        for pattern, other in _CHANGES:
            made = pattern.sub(other, made)
        if _UNSEEN.search(made):
            made = normalize("NFKC", _UNSEEN.sub("", made))
        made = _single(made)
    return made


def _single(text: str) -> str:
    """With one space for all that stand in a row, breaks among them."""
    for one in BREAKS:
        text = text.replace(one, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


class Folded:
    """A text, folded, which knows where each of its letters stood."""

    def __init__(self, text: str) -> None:
        self.text = fold(text)
        self._is_same = text.isascii() and len(self.text) == len(text)
        self._whole = text
        self._starts: list[int] = []
        self._pieces: list[tuple[int, int, bool]] = []

    def find(self, folded: str) -> Iterator[tuple[int, int]]:
        """Where a folded text stands in the original: start and end of each place."""
        at = self.text.find(folded) if folded else -1
        while at >= 0:
            end = at + len(folded)
            yield self._place(at)[0], self._place(end - 1)[1]
            at = self.text.find(folded, end)

    def _place(self, at: int) -> tuple[int, int]:
        """Where the letter `at` of the folded text begins and ends in the original."""
        if self._is_same:
            return at, at + 1
        if not self._starts:
            self._take_apart()
        piece = bisect_right(self._starts, at) - 1
        start, end, is_run = self._pieces[piece]
        if is_run:
            start += at - self._starts[piece]
            return start, start + 1
        return start, end

    def _take_apart(self) -> None:
        """Runs whose letters stay as many, and letters with what belongs to them."""
        text, at, place, is_after_space = self._whole, 0, 0, False
        while at < len(text):
            run = _RUN.match(text, at)
            end = run.end() if run else at
            if end < len(text) and _joins(text[end]):
                end -= 1  # the last letter of the run has a mark
            is_run = end > at
            if not is_run:
                end = at + 1
                while end < len(text) and _joins(text[end]):
                    end += 1
            folded = text[at:end] if is_run else fold(text[at:end])
            length = len(folded) - (is_after_space and folded[:1] == " ")
            if folded:
                is_after_space = folded[-1] == " "
            if length:
                self._starts.append(place)
                self._pieces.append((at, end, is_run))
            at, place = end, place + length


def _joins(letter: str) -> bool:
    return combining(letter) > 0 or _JOINING(letter) is not None
