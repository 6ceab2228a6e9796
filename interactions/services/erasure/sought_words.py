"""Words that are looked for everywhere: in texts, within JSON, in addresses and in files."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus

from adaptive_site.lib.database.sql import FALSE, Sql, joined
from adaptive_site.lib.errors import Invalid

ERASED = "[erased]"
SHORTEST_WORD, LONGEST_WORD, MOST_WORDS = 3, 500, 20


@dataclass(frozen=True)
class SoughtWords:
    """Some words or phrases, found in upper and lower case alike."""

    words: tuple[str, ...] = ()

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
            for said in (
                word,
                json.dumps(word, ensure_ascii=False)[1:-1],
                json.dumps(word)[1:-1],
                quote(word),
                quote_plus(word),
                quote(word, safe=":*"),
            ):
                found[said.lower()] = None
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
        """The text with ERASED in their place."""
        return self._pattern.sub(ERASED, text) if self.words else text

    def value_without(self, value: Any) -> Any:
        """JSON with each of its texts, names of members too, without them."""
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, list):
            return [self.value_without(one) for one in value]
        if isinstance(value, dict):
            return {self.without(name): self.value_without(one) for name, one in value.items()}
        return value

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        ordered: Iterable[str] = sorted(self.spellings, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, ordered)), re.IGNORECASE)
