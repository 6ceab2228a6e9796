"""What questions are asked about: places in the list, customers, words, of a generated project."""

from bisect import bisect
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from math import exp, log
from random import Random
from typing import TypeVar
from uuid import UUID

from adaptive_site.lib.ids import time_of
from benchmarks.growth import BATCH, Plan
from benchmarks.population import CUSTOMERS, VERSIONS, Population, Writer
from interactions.filters.conditions import CreatedIn

RUNS = 40
T = TypeVar("T")


class Sample:
    """A project of `rows` generated interactions; the same samples of it for the same seed."""

    def __init__(self, population: Population, plan: Plan, rows: int, *, runs: int = RUNS) -> None:
        self.project = population.project
        self.owner = population.owner
        self.rows = rows
        self.runs = runs
        self._plan = plan
        self._population = population
        self._wording = population.wording
        self._chance = Random(7)

    def each(self, make: Callable[[], T]) -> list[T]:
        """As many of what `make` makes as a question is asked times."""
        return [make() for _ in range(self.runs)]

    def id_at(self, number: int) -> UUID:
        """The id of the interaction with this number; 0 is the oldest."""
        return self._plan.ids(number // BATCH * BATCH, BATCH)[number % BATCH]

    def id(self) -> UUID:
        """Of any interaction that has a thousand older ones."""
        return self.id_at(self._chance.randrange(1000, self.rows))

    def id_near(self, share: float) -> UUID:
        """Of an interaction with about this share of all older than itself."""
        return self.id_at(int(self.rows * share) + self._chance.randrange(-1000, 1000))

    def customer(self, least: int = 0, most: int = CUSTOMERS) -> str:
        """A customer by rank, the many rare ones as often as the few frequent ones."""
        return f"c{int(exp(self._chance.uniform(log(least + 1), log(most)))) - 1}"

    def old_version(self) -> str:
        """The version that only the oldest 2 % have."""
        return VERSIONS[bisect(VERSIONS, (self.rows // 50, "")) - 1][1]

    def span(self, days: int) -> CreatedIn:
        """Some days that ended in the newest year."""
        end = time_of(self.id_at(self.rows - 1 - self._chance.randrange(self.rows // 2)))
        return CreatedIn(end - timedelta(days=days), end)

    @property
    def newest(self) -> datetime:
        """When the newest was made."""
        return time_of(self.id_at(self.rows - 1))

    def rare_word(self) -> str:
        """A word in 0.001 % of all."""
        return self._chance.choice(self._wording.rare)

    def word(self, rank: int) -> str:
        """A word of about this rank; 140 is in 20 % of all, 2,000 in 1 %."""
        return self._wording.words[self._chance.randrange(rank * 9 // 10, rank * 11 // 10)]

    def choice(self, among: Sequence[T]) -> T:
        """One of these."""
        return self._chance.choice(among)

    def phrase(self, words: int) -> str:
        """Some words that follow one another in a text."""
        while True:
            (text,) = self._wording.say(self._chance, 300)
            for clause in text.lower().replace(".", ",").split(", ")[1:]:
                if len(clause.split()) >= words:
                    return " ".join(clause.split()[:words])

    @cached_property
    def _in_han(self) -> list[str]:
        """Completions in Chinese: 1 % of some hundreds that are made anew, as they are stored."""
        writer = Writer(self._population, self._plan.seed)
        first = self._chance.randrange(self.rows) // BATCH * BATCH
        drafts = writer.drafts(self._plan.ids(first, BATCH), first)
        return [draft.completion for draft in drafts if draft.completion[0] > "一"]

    def han(self, characters: int) -> str:
        """Chinese characters that follow one another in a completion."""
        said = self.choice(self._in_han)
        place = self._chance.randrange(len(said) - characters)
        return said[place : place + characters]
