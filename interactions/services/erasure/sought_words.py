"""Words that are looked for everywhere: in texts, within JSON, in addresses and in files."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus

from adaptive_site.lib.database.sql import FALSE, Sql, joined
from adaptive_site.lib.errors import Invalid
from interactions.services.masking.masker import Masker
from interactions.services.masking.rules import MASKED_KINDS, MaskingRules

ERASED, MASKED = "[erased]", "[masked]"
SHORTEST_WORD, LONGEST_WORD, MOST_WORDS = 3, 500, 20


def spellings_of(word: str) -> tuple[str, ...]:
    """A word as text, JSON and addresses have it."""
    return (
        word,
        json.dumps(word, ensure_ascii=False)[1:-1],
        json.dumps(word)[1:-1],
        quote(word),
        quote_plus(word),
        quote(word, safe=":*"),
    )


def masked_word(word: str) -> str:
    """What masking has in the place of a word: `[email]` of an address, else MASKED."""
    masked = Masker(MaskingRules(kinds=tuple(MASKED_KINDS))).text(word)
    return masked if masked in {f"[{kind}]" for kind in MASKED_KINDS} else MASKED


@dataclass(frozen=True)
class SoughtWords:
    """Some words or phrases, found in upper and lower case alike."""

    words: tuple[str, ...] = ()
    is_masked: bool = False  # then a word of masking takes their place

    @classmethod
    def of(cls, text: str) -> "SoughtWords":
        """A word or phrase a line. Raises Invalid."""
        words = tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
        if len(words) > MOST_WORDS:
            raise Invalid(f"expected at most {MOST_WORDS} lines", field="words")
        for word in words:
            if not SHORTEST_WORD <= len(word) <= LONGEST_WORD:
                said = f"expected {SHORTEST_WORD} to {LONGEST_WORD} characters in each line"
                raise Invalid(said, field="words")
        return cls(words)

    @cached_property
    def spellings(self) -> list[str]:
        """As text, JSON and addresses have them, in lower case."""
        found: dict[str, None] = {}
        for word in self.words:
            found |= dict.fromkeys(said.lower() for said in spellings_of(word))
        return list(found)

    def test(self, text: str) -> Sql:
        """Whether an SQL expression of text holds one of them."""
        if not self.words:
            return FALSE
        tests = (Sql(f"strpos(lower({text}), %s) > 0", (one,)) for one in self.spellings)
        found = joined(tests, " OR ")
        return Sql(f"({found.text})", found.params)

    def is_in(self, text: str) -> bool:
        """Whether a text holds one of them."""
        lower = text.lower()
        return any(one in lower for one in self.spellings)

    def without(self, text: str) -> str:
        """The text with ERASED, or what masks it, in the place of each."""
        if not self.words:
            return text
        return self._pattern.sub(lambda found: self._instead[found[0].lower()], text)

    def value_without(self, value: Any) -> Any:
        """JSON with each of its texts, names of members too, without them.

        A number whose digits hold one becomes a text.
        """
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, list):
            return [self.value_without(one) for one in value]
        if isinstance(value, dict):
            return {self.without(name): self.value_without(one) for name, one in value.items()}
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            said = self.without(str(value))
            return value if said == str(value) else said
        return value

    @cached_property
    def _instead(self) -> dict[str, str]:
        """By spelling what takes its place."""
        found: dict[str, str] = {}
        for word in self.words:
            instead = masked_word(word) if self.is_masked else ERASED
            for spelling in spellings_of(word):
                found.setdefault(spelling.lower(), instead)
        return found

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        ordered: Iterable[str] = sorted(self.spellings, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, ordered)), re.IGNORECASE)
