"""Letters that mean the same made the same, for everything that looks for a text.

Upper and lower case, both ways to write an accent, typographic quotes and dashes, every kind and
number of spaces and line breaks, full-width forms, ligatures, ß, both small sigmas and both Turkish
i are one; marks that nobody sees or types (soft hyphens, zero-width letters, the vowel points of
Hebrew and Arabic) are left out. Accents are kept: `cafe` is not `café`; no letter has over 32.

PostgreSQL does the very same in its function `search_fold` (migration 0011), and a test compares
the two. What a letter becomes must not change without a migration that indexes all texts again.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from unicodedata import normalize

# Letters that `_single`, `lower` and the replacements at the beginning of `fold` are enough for.
PLAIN_LETTERS = (
    "\x01-\x7f\xa1-\xa7\xa9\xac\xae\xb0\xb1\xb6\xb7\xbf-\xde\xe0-\u012f\u0134-\u013e\u0141-\u0148"
    "\u014a-\u017e\u0386\u0388-\u03ce\u0400-\u0481\u048a-\u052f\u20ac\u2022\u3001\u3002"
    "\u3008-\u3011\u3041-\u3096\u30a1-\u30fe\u4e00-\u9fff\uac00-\ud7a3\U0001f300-\U0001f6ff"
)
SINGLE_QUOTES = "\u2018-\u201b\u02b9\u02bb\u02bc\u2032\u2035\u2039\u203a\u05f3"
DOUBLE_QUOTES = "\u201c-\u201f\xab\xbb\u301d-\u301f\u05f4"
DASHES = "\u2010-\u2015\u2212\u05be\u2e3a\u2e3b"
LINE_BREAKS = "\t\n\v\f\r"  # plain, but spaces
SPACES = "\x85\u1680\u2028\u2029"  # those that Unicode does not decompose to a space
INVISIBLE_LETTERS = (
    "\xad\u034f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u0640"
    "\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
# What Unicode would take apart into something else.
REPLACED_EARLY = {"\xb4": "'", "\u1ffd": "'", "\u2033": '"', "\u2036": '"', "\U0001d6a4": "i"}
# Letters that only newer versions of Unicode decompose; without them all versions agree.
NEWLY_DECOMPOSED = "\U0001ccd6-\U0001ccf9\U0001e030-\U0001e06d"
# What stands above, below or within the letter before it: all that has a combining class in any
# version of Unicode up to 18, and what becomes such. `normalize` sorts a run of them by swapping,
# here as in PostgreSQL, in the square of its length, so only the first 32 of a run are kept.
COMBINING_MARKS = (
    "\u0300-\u034e\u0350-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5"
    "\u05c7-\u05c9\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8"
    "\u06ea-\u06ed\u0711\u0730-\u074a\u07eb-\u07f3\u07fd\u0816-\u0819\u081b-\u0823\u0825-\u0827"
    "\u0829-\u082d\u0859-\u085b\u0897-\u089f\u08ca-\u08e1\u08e3-\u08ff\u093c\u094d\u0951-\u0954"
    "\u09bc\u09cd\u09fe\u0a3c\u0a4d\u0abc\u0acd\u0b3c\u0b4d\u0bcd\u0c3c\u0c4d\u0c55\u0c56\u0cbc"
    "\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0e38-\u0e3a\u0e48-\u0e4b\u0eb8-\u0eba\u0ec8-\u0ecb"
    "\u0f18\u0f19\u0f35\u0f37\u0f39\u0f71-\u0f75\u0f7a-\u0f7d\u0f80-\u0f84\u0f86\u0f87\u0fc6"
    "\u1037\u1039\u103a\u108d\u135d-\u135f\u1714\u1715\u1734\u17d2\u17dd\u18a9\u1939-\u193b"
    "\u1a17\u1a18\u1a60\u1a75-\u1a7c\u1a7f\u1ab0-\u1abd\u1abf-\u1af0\u1b34\u1b44\u1b6b-\u1b73"
    "\u1baa\u1bab\u1be6\u1bf2\u1bf3\u1c37\u1cd0-\u1cd2\u1cd4-\u1ce0\u1ce2-\u1ce8\u1ced\u1cf4"
    "\u1cf8\u1cf9\u1dc0-\u1dff\u20d0-\u20dc\u20e1\u20e5-\u20f0\u2cef-\u2cf1\u2d7f\u2de0-\u2dff"
    "\u302a-\u302f\u3099\u309a\ua66f\ua674-\ua67d\ua69e\ua69f\ua6f0\ua6f1\ua806\ua82c\ua8c4"
    "\ua8e0-\ua8f1\ua92b-\ua92d\ua953\ua9b3\ua9c0\uaab0\uaab2-\uaab4\uaab7\uaab8\uaabe\uaabf"
    "\uaac1\uaaf6\uabed\ufb1e\ufe20-\ufe2f\uff9e\uff9f\U000101fd\U000102e0\U00010376-\U0001037a"
    "\U00010a0d\U00010a0f\U00010a38-\U00010a3a\U00010a3f\U00010ae5\U00010ae6\U00010d24-\U00010d27"
    "\U00010d69-\U00010d6d\U00010eab\U00010eac\U00010ecb-\U00010ecf\U00010ef0-\U00010efb"
    "\U00010efd-\U00010eff\U00010f46-\U00010f50\U00010f82-\U00010f85\U00011046\U00011070"
    "\U0001107f\U000110b9\U000110ba\U00011100-\U00011102\U00011133\U00011134\U00011173\U000111c0"
    "\U000111ca\U00011235\U00011236\U000112e9\U000112ea\U0001133b\U0001133c\U0001134d"
    "\U00011366-\U0001136c\U00011370-\U00011374\U000113ce-\U000113d0\U00011442\U00011446"
    "\U0001145e\U000114c2\U000114c3\U000115bf\U000115c0\U0001163f\U000116b6\U000116b7\U0001172b"
    "\U00011839\U0001183a\U0001193d\U0001193e\U00011943\U000119e0\U00011a34\U00011a47\U00011a99"
    "\U00011c3f\U00011d42\U00011d44\U00011d45\U00011d97\U00011f41\U00011f42\U0001612f"
    "\U00016af0-\U00016af4\U00016b30-\U00016b36\U00016ff0\U00016ff1\U0001bc9e\U0001d127\U0001d128"
    "\U0001d165-\U0001d169\U0001d16d-\U0001d172\U0001d17b-\U0001d182\U0001d185-\U0001d18b"
    "\U0001d1aa-\U0001d1ad\U0001d242-\U0001d244\U0001d250-\U0001d252\U0001d25b\U0001d25c"
    "\U0001d25f\U0001d280\U0001d281\U0001e000-\U0001e006\U0001e008-\U0001e018"
    "\U0001e01b-\U0001e021\U0001e023\U0001e024\U0001e026-\U0001e02a\U0001e08f"
    "\U0001e130-\U0001e136\U0001e2ae\U0001e2ec-\U0001e2ef\U0001e4ec-\U0001e4ef"
    "\U0001e5ee\U0001e5ef\U0001e6e3\U0001e6e6\U0001e6ee\U0001e6ef\U0001e6f5\U0001e8d0-\U0001e8d6"
    "\U0001e944-\U0001e94a"
)

_EARLY = str.maketrans(REPLACED_EARLY)
_LOWER = str.maketrans("ςı", "σi")
_IS_ODD = re.compile(f"[^{PLAIN_LETTERS}]").search
_CHANGES = [
    (re.compile(f"[{letters}]"), other)
    for letters, other in ((SINGLE_QUOTES, "'"), (DOUBLE_QUOTES, '"'), (DASHES, "-"), (SPACES, " "))
]
_LATE = re.compile(f"[{NEWLY_DECOMPOSED}]")
_UNSEEN = re.compile(f"[{INVISIBLE_LETTERS}]+")
_DOTTED = re.compile("i\u0307+")
_MARKS = re.compile(
    f"([{COMBINING_MARKS}][{COMBINING_MARKS}]{{31}})[{COMBINING_MARKS}]+"
)  # a class first is looked for quickly
_SOLID = f"(?![{LINE_BREAKS} ])[{PLAIN_LETTERS}]"
_RUN = re.compile(f"(?:{_SOLID})+(?: (?:{_SOLID})+)*")
# What is written after a letter and makes one with it.
_JOINING = re.compile(
    f"[{INVISIBLE_LETTERS}{COMBINING_MARKS}\u1161-\u1175\u11a8-\u11c2\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7"
    "\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1b35]"
).match


def fold(text: str) -> str:
    """`text` in the letters that are compared.

    >>> fold("Don’t ﬁx Straße"), fold("ΣΊΣΥΦΟΣ") == fold("σίσυφος")
    ("don't fix strasse", True)
    """
    if text.isascii():
        return _single(text.lower())
    made = _undotted(_single(text.lower())).translate(_LOWER).replace("ß", "ss")
    if _IS_ODD(made):
        made = _LATE.sub("\ufffd", made).translate(_EARLY)
        made = _undotted(_composed(made).lower()).translate(_LOWER)
        for pattern, other in _CHANGES:
            made = pattern.sub(other, made)
        if _UNSEEN.search(made):
            made = _undotted(_composed(_UNSEEN.sub("", made)))
        made = _single(made)
    return made


def _single(text: str) -> str:
    """With one space for all that stand in a row, breaks among them."""
    for one in LINE_BREAKS:
        text = text.replace(one, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _composed(text: str) -> str:
    """With letters and their marks as one, in a time that grows with the text."""
    return _MARKS.sub(r"\1", normalize("NFKC", _MARKS.sub(r"\1", text)))


def _undotted(text: str) -> str:
    return _DOTTED.sub("i", text) if "i\u0307" in text else text


class FoldedText:
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
    return _JOINING(letter) is not None
