"""Texts and JSON with what is found in them replaced by its kind in brackets: `[email]`."""

from collections import Counter
from functools import lru_cache
from typing import Any

import orjson

from interactions.services.masking import finders
from interactions.services.masking.finders import Finder, Span
from interactions.services.masking.rules import CARD, EMAIL, IBAN, PHONE, MaskingRules

WITHHELD = "withheld"
# What images, recordings and files are in messages: bytes, or the address of an image of ours.
_NOT_TEXT = frozenset(("image_url", "input_audio", "file", "audio", "image"))


class Masker:
    """Masks what is stored together, and counts by kind what it replaced.

    A text that a pattern takes too long for is withheld as a whole, and so is every later one of
    the same batch that it would have to look at; rules may say that such texts are kept instead.
    """

    def __init__(self, rules: MaskingRules) -> None:
        self.replaced: Counter[str] = Counter()
        self._finders = _finders(orjson.dumps(rules.stored(), option=orjson.OPT_SORT_KEYS))
        self._keeps_unsearched = rules.keeps_unsearched
        self._gave_up: set[str] = set()

    def text(self, text: str) -> str:
        """A text without what was found in it."""
        if not text:
            return text
        taken: list[tuple[Span, str]] = []
        for kind, find in self._finders.items():
            try:
                if kind in self._gave_up:
                    raise TimeoutError
                taken += [(span, kind) for span in find(text)]
            except TimeoutError:
                self._gave_up.add(kind)
                if not self._keeps_unsearched:
                    self.replaced[WITHHELD] += 1
                    return f"[{WITHHELD}]"
        return self._without(text, taken) if taken else text

    def _without(self, text: str, taken: list[tuple[Span, str]]) -> str:
        """Of spans that overlap the first is replaced, of those the longest."""
        pieces: list[str] = []
        at = 0
        for (start, end), kind in sorted(taken, key=lambda one: (one[0][0], -one[0][1])):
            if start >= at:
                pieces += (text[at:start], f"[{kind}]")
                self.replaced[kind] += 1
            at = max(at, end)  # what begins within another goes with it
        pieces.append(text[at:])
        return "".join(pieces)

    def value(self, value: Any) -> Any:
        """JSON with every text of it masked, names of members too, and card numbers as numbers."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if isinstance(value, dict):
            return self._members(value)
        if isinstance(value, int) and not isinstance(value, bool) and CARD in self._finders:
            masked = self.text(str(value))
            return value if masked == str(value) else masked
        return value

    def _members(self, value: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, one in value.items():
            masked = self.text(name)
            free = next(
                known
                for n in range(len(value) + 1)
                if (known := masked if not n else f"{masked} {n + 1}") not in made
            )
            made[free] = one if name in _NOT_TEXT and not isinstance(one, str) else self.value(one)
        return made


@lru_cache(maxsize=256)
def _finders(stored: bytes) -> dict[str, Finder]:
    """By kind or name of a pattern what finds it, the project's own patterns first.

    Kept by what the rules say: a pattern takes a millisecond to compile.
    """
    given = orjson.loads(stored)
    if not given:
        return {}
    found: dict[str, Finder] = {
        name: finders.Pattern(finders.compiled(one)) for name, one in given["patterns"].items()
    }
    known = {
        EMAIL: finders.emails,
        IBAN: finders.ibans,
        CARD: finders.cards,
        PHONE: finders.phones(given["region"]),
    }
    return found | {kind: one for kind, one in known.items() if kind in given["kinds"]}
