"""Text for benchmarks: invented words, as frequent as words are, cut from paragraphs made before.

Slicing is what makes it quick: 2.5 KB cost 2 µs instead of the 200 µs of choosing 400 words. The
statistics stay those of language: a few words are everywhere, most of the 200,000 are rare, and
a text of 2.5 KB holds some 180 different ones.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from random import Random

WORDS = 200_000
SPOKEN = 3_000_000  # words in the paragraphs that texts are cut from
# Zipf's law with Mandelbrot's shift: the most frequent word is 4 % of a text, as "the" is.
SHIFT, SLOPE = 1.7, 1.0
PARAGRAPH, SUBJECT = 400, 230
RARE = 40  # words no paragraph has; whoever writes texts puts them in

_CONSONANTS = list("bdfghklmnprstvz") + ["br", "dr", "gl", "kr", "pl", "st", "tr", "sh"]
_VOWELS = [*"aeiou", "ai", "ou"]
_SYLLABLES = [c + v for c in _CONSONANTS for v in _VOWELS]
_HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 2000)]


class Wording:
    """A language and what is said in it; the same for the same seed."""

    def __init__(self, seed: int = 1, *, spoken: int = SPOKEN) -> None:
        chance = Random(seed)
        self.words = _invent(chance)
        self.rare = [f"q{chance.choice(_SYLLABLES)}{_letters(n)}x" for n in range(RARE)]
        self._han = list(accumulate((rank + 20) ** -1.0 for rank in range(len(_HAN))))
        parts: list[str] = []
        self._starts = array("I")
        at = left = 0
        for word in self._spoken(chance, spoken):
            if left == 0:
                left = chance.randint(5, 19)
                self._starts.append(at)
                word = word.capitalize()
            left -= 1
            part = word + (". " if left == 0 else ", " if left == 7 else " ")
            parts.append(part)
            at += len(part)
        self._text = "".join(parts)

    def _spoken(self, chance: Random, number: int) -> Iterator[str]:
        """Words, in paragraphs that keep to their subject and so repeat some of them."""
        weights = list(accumulate((rank + SHIFT) ** -SLOPE for rank in range(1, WORDS + 1)))
        for _ in range(0, number, PARAGRAPH):
            subject = chance.choices(self.words, cum_weights=weights, k=SUBJECT)
            yield from chance.choices(subject, k=PARAGRAPH)

    def say(self, chance: Random, *lengths: int) -> list[str]:
        """Texts of about so many characters each that follow one another, in whole sentences."""
        sentence = int(chance.random() * (len(self._starts) - 1000))
        texts = []
        for length in lengths:
            begin = self._starts[sentence]
            sentence = bisect_left(self._starts, begin + length, sentence + 1)
            texts.append(self._text[begin : self._starts[sentence] - 1])
        return texts

    def say_in_han(self, chance: Random, length: int) -> str:
        """Sentences of `length` characters without spaces, as Chinese has."""
        said = chance.choices(_HAN, cum_weights=self._han, k=length)
        for n in range(17, length, 23):
            said[n] = "，。"[n % 2]
        return "".join(said)


def _invent(chance: Random) -> list[str]:
    """Words by rank, the most frequent first; frequent ones are short."""
    found: dict[str, None] = {}
    for syllables, until in ((1, 120), (2, 16_000), (3, WORDS)):
        while len(found) < until:
            found["".join(chance.choices(_SYLLABLES, k=syllables))] = None
    return list(found)


def _letters(number: int) -> str:
    """A number in letters, so that no such word is the beginning of another."""
    return chr(97 + number // 7) + chr(97 + number % 7)
