"""Two texts compared word by word, as a reader marks what the other does not have."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST = 3_000  # words of each text; what comes after is shown and not compared
# Words of one by words of the other, up to which frequent words may begin a match too: at worst
# 83 ms; of 700 by 700 a second. Beyond, difflib's own rule keeps 3,000 by 3,000 under 20 ms.
EXACT = 90_000
# A word with the blanks after it; of scripts without spaces (Chinese, Japanese, Thai …) a letter.
_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3001-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_TOKEN = re.compile(rf"[{_ALONE}]|[^\W{_ALONE}]+[^\S\n]*|\n+|[^\S\n]+|(?:[^\w\s])[^\S\n]*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one of the texts; `is_own` says that the other does not have it there."""

    text: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """Both texts in pieces; each side's pieces joined are its text.

    `compared` is after how many words comparing ended, 0 when both were compared whole; the
    rest is one piece that is not `is_own`. `share` is how much of the compared words is in both.
    """

    left: list[Piece]
    right: list[Piece]
    share: float
    compared: int = 0


def compared(left: str, right: str) -> Difference:
    """What each text has that the other has not, at the places where they differ.

    >>> [piece.text for piece in compared("a small tree", "a tall tree").left if piece.is_own]
    ['small ']
    """
    ours, our_rest = _words(left)
    theirs, their_rest = _words(right)
    start = _same_start(ours, theirs)
    end = _same_start(ours[start:][::-1], theirs[start:][::-1])
    middle, other = ours[start : len(ours) - end], theirs[start : len(theirs) - end]
    # The same word with other blanks behind it is the same word.
    matcher = SequenceMatcher(
        None,
        [word.strip() or word for word in middle],
        [word.strip() or word for word in other],
        autojunk=len(middle) * len(other) > EXACT,
    )
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    same = start + end
    _add(sides[0], ours[:start], is_own=False)
    _add(sides[1], theirs[:start], is_own=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        _add(sides[0], middle[i1:i2], is_own=kind != "equal")
        _add(sides[1], other[j1:j2], is_own=kind != "equal")
        same += i2 - i1 if kind == "equal" else 0
    _add(sides[0], [*ours[len(ours) - end :], our_rest], is_own=False)
    _add(sides[1], [*theirs[len(theirs) - end :], their_rest], is_own=False)
    words = len(ours) + len(theirs)
    share = 2 * same / words if words else 1.0
    return Difference(*sides, share, MOST if our_rest or their_rest else 0)


def _words(text: str) -> tuple[list[str], str]:
    """The first words of a text, and the rest of it."""
    words: list[str] = []
    for found in _TOKEN.finditer(text):
        if len(words) == MOST:
            return words, text[found.start() :]
        words.append(found[0])
    return words, ""


def _same_start(ours: list[str], theirs: list[str]) -> int:
    n = 0
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            break
        n += 1
    return n


def _add(pieces: list[Piece], words: list[str], *, is_own: bool) -> None:
    """Add words, to the last piece when it is of the same kind."""
    text = "".join(words)
    if not text:
        return
    if pieces and pieces[-1].is_own == is_own:
        pieces[-1] = Piece(pieces[-1].text + text, is_own)
    else:
        pieces.append(Piece(text, is_own))
