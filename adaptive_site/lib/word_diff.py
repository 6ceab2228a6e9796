"""Two texts compared word by word; Chinese, Japanese and Thai, which have no spaces, by character.

Python's `difflib` finds what a reader would call the same. Its worst case is cubic: 700 words with
a comma after each, against 700 others, took 24 s. So its steps are counted, and texts that need too
many, or differ in more than MOST words, are not compared, and that is said.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from enum import StrEnum
from itertools import accumulate

MOST_TOKENS = 4_000  # words and blanks of either side, after what both begin and end with
CHARACTERS_COMPARED = 200_000  # characters
MOST_STEPS = 3_000_000  # at most 0.3 s; texts of MOST words take some 0.8 million
ALIKE = 0.3  # the share from which on two texts read as versions of one another
_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3001-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_ALONE}]|[^\W{_ALONE}]+(?:['’][^\W{_ALONE}]+)*|[^\w\s]|\s+")


class Change(StrEnum):
    """What became of a run of words."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Run:
    """Words that follow each other and had the same fate."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class WordDiff:
    """Either text in runs that are the same or its own (`NEW`), and `runs` from one to the other,
    what is the same as the second has it. `share` of both texts is the same, 0 to 1.
    """

    runs: list[Run]
    left: list[Run]
    right: list[Run]
    share: float

    @property
    def is_alike(self) -> bool:
        """Whether enough is the same for marks to tell more than they hide."""
        return self.share >= ALIKE


def compare(before: str, after: str) -> WordDiff | None:
    """The way from one text to the other; None when that would take too long.

    >>> [(run.change.value, run.text) for run in compare("a red fox", "a grey fox").runs]
    [('same', 'a '), ('gone', 'red'), ('new', 'grey'), ('same', ' fox')]
    """
    if max(len(before), len(after)) > CHARACTERS_COMPARED:
        return None
    old, new = _WORD.findall(before), _WORD.findall(after)
    start, end = _shared_ends(old, new)
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(middle_old), len(middle_new)) > MOST_TOKENS:
        return None
    try:
        changes = list(_changes(middle_old, middle_new))
    except _TooMany:
        return None
    first, last = "".join(old[:start]), "".join(old[len(old) - end :])
    found = [(Change.SAME, first, first), *changes, (Change.SAME, last, last)]
    own = {Change.SAME: Change.SAME, Change.GONE: Change.NEW, Change.NEW: Change.NEW}
    left = _joined((own[change], text) for change, text, _ in found)
    right = _joined((change, text) for change, _, text in found)
    runs = _joined((change, text or gone) for change, gone, text in found)
    same = sum(len(run.text) for run in (*left, *right) if run.change == Change.SAME)
    whole = len(before) + len(after)
    return WordDiff(runs, left, right, same / whole if whole else 1.0)


def _shared_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many words both begin with, and how many of the others both end with."""
    most = min(len(old), len(new))
    start = next((n for n in range(most) if old[n] != new[n]), most)
    most -= start
    end = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    return start, end


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[Change, str, str]]:
    """What is the same, gone or new, as either side has it.

    Blanks are left out of the search, being everywhere, and join what stands before them.
    """
    olds, news = _with_blanks(old), _with_blanks(new)
    matcher = _Counted([word for word, _ in olds], [word for word, _ in news])
    for kind, a, b, c, d in matcher.get_opcodes():
        gone = "".join(word + blank for word, blank in olds[a:b])
        came = "".join(word + blank for word, blank in news[c:d])
        if kind == "equal":
            yield Change.SAME, gone, came
            continue
        yield Change.GONE, gone, ""
        yield Change.NEW, "", came


class _TooMany(Exception):
    """The search takes more than STEPS."""


class _Counted(SequenceMatcher[str]):
    """A search that ends after so many steps: words of one that it looks up in the other."""

    def __init__(self, old: list[str], new: list[str]) -> None:
        super().__init__(None, old, new, autojunk=False)
        self._left = MOST_STEPS
        stands = Counter(new)
        found = (1 + stands[word] for word in old)
        self._until = list(accumulate(found, initial=0))

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        end = len(self._until) - 1 if ahi is None else ahi
        self._left -= self._until[end] - self._until[alo]
        if self._left < 0:
            raise _TooMany
        return super().find_longest_match(alo, ahi, blo, bhi)


def _with_blanks(words: Sequence[str]) -> list[tuple[str, str]]:
    """Each word with the blanks that follow it; blanks at the beginning follow an empty word."""
    made: list[tuple[str, str]] = []
    for word in words:
        if not word.isspace():
            made.append((word, ""))
        elif made:
            made[-1] = (made[-1][0], made[-1][1] + word)
        else:
            made.append(("", word))
    return made


def _joined(found: Iterator[tuple[Change, str]]) -> list[Run]:
    """Runs of one kind together, and nothing empty."""
    runs: list[Run] = []
    for change, text in found:
        if not text:
            continue
        if runs and runs[-1].change == change:
            text = runs.pop().text + text
        runs.append(Run(change, text))
    return runs
