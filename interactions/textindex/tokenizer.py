"""Texts taken apart into the terms that the index of texts knows.

Worked example: of `Refunds für 東京` the terms are `refunds`, `für`, `東`, `京` and `東京`. A word
that is rare or long is known by its grams instead: `~ref`, `~efu`, `~fun`, … A text in search of is
folded and cut in the same way, so whatever holds it has its terms.

What a letter is, is written down here and not asked of Python, whose next version may think
otherwise than the one that wrote the index.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from interactions.textindex.letters import fold

LONGEST_WORD = 40  # characters of a word; longer ones are hashes, base64 and the like
GRAM_LENGTH = 3
GRAM_MARK = "~"  # before a gram; no word has it

# Scripts without spaces, and pictures: a term for each character and for each two neighbours.
_DENSE = (
    "\u20a0-\u20cf\u2190-\u2bff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b"
    "\u3041-\u309f\u30a1-\u30fa\u30fc-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\uff66-\uffdf\U0001f000-\U0003ffff"
)
# Neither letters nor dense, from U+00C0 on: signs of punctuation, spaces, selectors. And letters
# that had no other case in some version of Unicode, or may get one, with those they pair with: one
# program lowers them and another does not (found: Python 3.11 and a newer PostgreSQL, on U+A7DC).
_BREAKS = (
    "\u019b\u0264\u1c89\u1c8a\ua7cb-\ua7f1\U00010000-\U0001efff\U00040000-\U0010ffff"
    "\xd7\xf7\u055a-\u055f\u0589-\u058f\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u060d"
    "\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u1361-\u1368\u1680\u2000-\u206f\u2e00-\u2e7f"
    "\u3000-\u3004\u3008-\u3020\u302a-\u3030\u3036-\u303a\u303c-\u3040\u30a0\u30fb"
    "\ufe00-\ufe1f\ufe30-\ufe6f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffff"
)
# ASCII by one table: small letters for capital ones, a space for what is no letter.
_ASCII = bytes(
    byte
    if byte > 127 or chr(byte) == "_"
    else ord(chr(byte).lower() if chr(byte).isalnum() else " ")
    for byte in range(256)
)
_RUNS = re.compile(rf"[{_DENSE}]+|(?:[0-9a-z_ªµº]|[^\x00-\xbf{_BREAKS}{_DENSE}])+")
_IS_DENSE = re.compile(f"[{_DENSE}]").match

# Before every term of a system prompt, which is looked through only when somebody asks for it.
SYSTEM_MARK = "§"


def terms_of(text: str) -> set[str]:
    """All words, dense characters and pairs of dense neighbours of a text.

    A table and a split take half the time of a regular expression: 40 µs for 2.5 KB of English.
    """
    if text.isascii():
        return set(text.encode().translate(_ASCII).decode().split())
    plain: list[str] = []
    odd: list[str] = []
    for line in text.split("\n"):  # no term goes beyond one, and most are in ASCII
        (plain if line.isascii() else odd).append(line)
    made = "\n".join([*plain, fold("\n".join(odd))])
    terms = set(made.encode().translate(_ASCII).decode().split())
    others = [term for term in terms if not term.isascii()]
    terms.difference_update(others)
    for other in others:
        for run in _RUNS.findall(other):
            if _IS_DENSE(run):
                terms.update(run)
                terms.update(pairs(run))
            else:
                terms.add(run)
    return terms


def in_system(terms: Iterable[str]) -> list[str]:
    """The terms, marked as terms of a system prompt."""
    return [SYSTEM_MARK + term for term in terms]


def is_dense(term: str) -> bool:
    """Whether it is made of characters of which every one and every two are terms."""
    return _IS_DENSE(term, term[:1] == SYSTEM_MARK) is not None


def pairs(run: str) -> list[str]:
    """Each two neighbours."""
    return [one + other for one, other in zip(run, run[1:], strict=False)]


def grams(word: str) -> list[str]:
    """The marked terms of a rare or long word: every three neighbours, or all of a shorter one."""
    mark = GRAM_MARK
    if word[:1] == SYSTEM_MARK:
        mark, word = SYSTEM_MARK + GRAM_MARK, word[1:]
    return [mark + word[at : at + GRAM_LENGTH] for at in range(max(1, len(word) - GRAM_LENGTH + 1))]


@dataclass(frozen=True, slots=True)
class CharacterRun:
    """A run of letters of a text in search of.

    Its beginning is the beginning of a word where `is_from_start`, its end the end of one where
    `is_to_end`: `efund next we` is the end of a word, a whole word, and the beginning of one.
    """

    text: str
    is_from_start: bool
    is_to_end: bool

    @property
    def is_whole(self) -> bool:
        """Whether it can only be a whole word."""
        return self.is_from_start and self.is_to_end

    def fits(self, word: str) -> bool:
        """Whether the word may be the one that the run was cut from."""
        if self.is_whole:
            return word == self.text
        if self.is_from_start:
            return word.startswith(self.text)
        return word.endswith(self.text) if self.is_to_end else self.text in word


def runs_of(text: str) -> list[CharacterRun]:
    """The runs of a text in search of, in their order."""
    text = fold(text)
    return [
        CharacterRun(found[0], found.start() > 0, found.end() < len(text))
        for found in _RUNS.finditer(text)
    ]
