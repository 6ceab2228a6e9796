"""Near-duplicates among the records of a plan, looked for within limits and remembered for a while.

Somebody who tries samples and splits has the same records compared again and again. What is found
depends on the records alone, so it is kept by a digest of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain

from django.core.cache import caches

from interactions.services.building.candidates.narrow import CandidateColumns
from interactions.services.building.texts import near_duplicates, record_words
from interactions.services.building.texts.near_duplicates import NearFound
from interactions.services.job_watch import StepWatch
from projects.models import Project

SECONDS_KEPT = 900
MOST_ROWS = 20_000  # of a dataset, that are read for a preview
_cache = caches["near"]


@dataclass(frozen=True, slots=True)
class NearLimits:
    """Of how many records all are looked at; of more, `most` of the newest for so many seconds."""

    all_up_to: int
    most: int
    seconds: float = 0

    @property
    def rows_read(self) -> int:
        """How many rows of a dataset are asked for: one more than are compared with."""
        return MOST_ROWS + 1


NOT_AT_ALL = NearLimits(all_up_to=0, most=0)


@dataclass(frozen=True, slots=True)
class Records:
    """The chosen places of candidates, and the rows that a dataset has already.

    After the candidates' places come those of the rows.
    """

    project: Project
    candidates: CandidateColumns
    chosen: Sequence[int]
    rows: Sequence[int]
    has_answer: bool

    @property
    def there(self) -> range:
        """The places of what the dataset has."""
        n = len(self.candidates)
        return range(n, n + len(self.rows))

    def words(self, places: Sequence[int]) -> dict[int, list[str]]:
        """The words of candidates, and of what a dataset has already, by their places."""
        n = len(self.candidates)
        mine = [at for at in places if at < n]
        found: dict[int, list[str]] = {}
        if mine:
            found |= record_words.of_records(
                self.project, self.candidates, mine, has_answer=self.has_answer
            )
        rows = {self.rows[at - n]: at for at in places if at >= n}
        if rows:
            said = record_words.of_rows(self.project, list(rows))
            found |= {rows[row]: words for row, words in said.items()}
        return found

    def digest(self, threshold: float) -> str:
        """The same for the same records: what an interaction or a row says never changes."""
        made = blake2b(digest_size=20)
        known = (threshold, self.has_answer, self.project.id, len(self.candidates), *self.rows)
        made.update(repr(known).encode())
        for part in chain.from_iterable(
            (at.to_bytes(4, "big"), self.candidates.key(at)) for at in self.chosen
        ):
            made.update(part)
        return made.hexdigest()


def look(
    records: Records, threshold: float, limits: NearLimits | None, *, watch: StepWatch
) -> NearFound | None:
    """Which records stay, and which are dropped for being like newer ones; None if the limits
    allow no look and nobody has looked before.
    """
    chosen, there = records.chosen, records.there
    if limits is None:
        return near_duplicates.near(chosen, threshold, records.words, there=there, watch=watch)
    if len(there) > MOST_ROWS:
        return None
    digest = records.digest(threshold)
    kept: NearFound | None = _cache.get(digest)
    is_all = len(chosen) + len(there) <= limits.all_up_to
    if kept is not None or not (is_all or limits.most):
        return kept
    found = near_duplicates.near(
        chosen,
        threshold,
        records.words,
        there=there,
        most=None if is_all else limits.most,
        seconds=None if is_all else limits.seconds,
        watch=watch,
    )
    _cache.set(digest, found, SECONDS_KEPT)
    return found
