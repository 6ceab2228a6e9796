"""Two texts compared word by word; Chinese, Japanese and Thai, which have no spaces, by character.

Python's `difflib` finds what a reader would call the same. Its worst case is cubic, so texts of
more than MOST words (after what they share at both ends), or with the same few words over and over,
are not compared, and that is said.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

MOST = 4_000  # words and blanks of either side
READ = 200_000  # characters
PAIRS = 2_000_000  # of equal words, one of each side; 4,000 times the same two took 2.4 s
_ALONE = "\u0e00-\u0eff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
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
class Comparison:
    """What the second text keeps, drops and adds of the first; `share` of it is kept, 0 to 1."""

    runs: list[Run]
    share: float


def compare(before: str, after: str) -> Comparison | None:
    """The way from one text to the other; None when that would take too long.

    >>> [(run.change.value, run.text) for run in compare("a red fox", "a grey fox").runs]
    [('same', 'a '), ('gone', 'red'), ('new', 'grey'), ('same', ' fox')]
    """
    if max(len(before), len(after)) > READ:
        return None
    old, new = _WORD.findall(before), _WORD.findall(after)
    start, end = _shared_ends(old, new)
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(middle_old), len(middle_new)) > MOST or _pairs(middle_old, middle_new) > PAIRS:
        return None
    found = [(Change.SAME, "".join(new[:start]))]
    found += _changes(middle_old, middle_new)
    found.append((Change.SAME, "".join(new[len(new) - end :])))
    runs = list(_joined(found))
    kept = sum(len(run.text) for run in runs if run.change == Change.SAME)
    return Comparison(runs, 2 * kept / (len(before) + len(after)) if before or after else 1.0)


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    """What `difflib` looks at first, and again for each of its steps; blanks are not."""
    counts = Counter(word for word in new if not word.isspace())
    return sum(counts[word] for word in old)


def _shared_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many words both begin with, and how many of the others both end with."""
    most = min(len(old), len(new))
    start = next((n for n in range(most) if old[n] != new[n]), most)
    most -= start
    end = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    return start, end


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[Change, str]]:
    """Blanks are left out of the search, being everywhere, and join what stands around them."""
    olds, news = _with_blanks(old), _with_blanks(new)
    matcher = SequenceMatcher(
        None, [word for word, _ in olds], [word for word, _ in news], autojunk=False
    )
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield Change.SAME, "".join(word + blank for word, blank in news[c:d])
            continue
        if a < b:
            yield Change.GONE, "".join(word + blank for word, blank in olds[a:b])
        if c < d:
            yield Change.NEW, "".join(word + blank for word, blank in news[c:d])


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


def _joined(found: list[tuple[Change, str]]) -> Iterator[Run]:
    """Runs of one kind together, and nothing empty."""
    change, texts = Change.SAME, [""]
    for one, text in found:
        if one != change:
            if joined := "".join(texts):
                yield Run(change, joined)
            change, texts = one, []
        texts.append(text)
    if joined := "".join(texts):
        yield Run(change, joined)
