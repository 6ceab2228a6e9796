"""Near-duplicates: records of which most runs of five words are the same.

MinHash finds what may be alike; each hit is then compared word by word, so none is dropped that is
not as similar as was asked for. What MinHash misses is kept: see decision 092.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from time import monotonic
from typing import TypeAlias

import rensa

from adaptive_site.lib.errors import Invalid
from interactions.services.job_watch import StepWatch, until_late

MOST_RECORDS = 200_000  # that are compared: 600 bytes each are kept, and a second per 4,000
COMPARING = "choosing: looking for near-duplicates"
READ_AT_ONCE = 250
SHINGLE_WORDS = 5
PERMUTATIONS = 128
SEED = 42
# Bands by threshold, so that 98 of 100 pairs as similar as the threshold are found: with b bands
# of r rows the chance is 1 - (1 - s^r)^b.
BANDS = ((0.9, 16), (0.65, 32), (0.0, 64))
# The estimate of 128 permutations is off by 0.044 at most times; what is further off is not read.
ESTIMATE_BELOW = 0.15
COMPARED_EACH = 20  # of the kept ones most alike by estimate, that a record is compared with

# The words of the records at some places, by place.
ReadWords: TypeAlias = Callable[[Sequence[int]], dict[int, list[str]]]


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """A record that is dropped for one that is kept, by their places; `similarity` is Jaccard's."""

    dropped: int
    kept: int
    similarity: float


@dataclass(frozen=True, slots=True)
class NearFound:
    """The places that are kept, and those that are dropped, newest first. Only so many of the
    newest were looked at: what is older is kept, though it may be like one of them.
    """

    kept: list[int]
    dropped: list[NearDuplicate]
    looked_at: int


@dataclass(slots=True)
class _Text:
    at: int
    shingles: frozenset[str]
    sketch: rensa.RMinHash


def near(
    chosen: Sequence[int],
    threshold: float,
    read: ReadWords,
    *,
    there: Sequence[int] = (),
    most: int | None = None,
    seconds: float | None = None,
    watch: StepWatch = until_late,
) -> NearFound:
    """The chosen places without those that a newer kept one is like.

    `most` bounds how many of the newest are looked at, and `seconds` how long: what is dropped of
    them is dropped in any case, as it is compared with what is newer.

    The newest is kept first, and each next one unless it is like one that is kept: so chains of
    records that resemble their neighbours do not fall into one. `there` are places of what is kept
    in any case. Raises Invalid of too many.
    """
    n = len(chosen) + len(there)
    if n > MOST_RECORDS:
        raise Invalid(
            f"expected at most {MOST_RECORDS:,} records to look for near-duplicates among; these"
            f" are {n:,}. A narrower filter helps, or exact duplicates left out before",
            field="near",
        )
    found = _Kept(read, threshold)
    for start in range(0, len(there), READ_AT_ONCE):
        watch(COMPARING, start, n)
        found.keep(there[start : start + READ_AT_ONCE])
    newest_first = list(chosen)[::-1][:most]
    looked_at, ends = 0, monotonic() + seconds if seconds is not None else inf
    while looked_at < len(newest_first) and monotonic() < ends:
        watch(COMPARING, len(there) + looked_at, n)
        places = newest_first[looked_at : looked_at + READ_AT_ONCE]
        found.add(places)
        looked_at += len(places)
    dropped = {one.dropped for one in found.dropped}
    return NearFound([at for at in chosen if at not in dropped], found.dropped, looked_at)


@dataclass(slots=True)
class _Kept:
    """What is kept so far, with an index of its sketches."""

    read: ReadWords
    threshold: float
    dropped: list[NearDuplicate] = field(default_factory=list)
    _sketches: dict[int, rensa.RMinHash] = field(default_factory=dict)
    _index: rensa.RMinHashLSH = field(init=False)

    def __post_init__(self) -> None:
        bands = next(bands for least, bands in BANDS if self.threshold >= least)
        self._index = rensa.RMinHashLSH(self.threshold, PERMUTATIONS, bands)

    def add(self, places: Sequence[int]) -> None:
        """Keep the record at each of these places, or drop it for one that is kept."""
        texts = self._texts(places)
        before = {text.at: self._alike(text) for text in texts}
        wanted = list(dict.fromkeys(at for found in before.values() for at in found))
        said = self.read(wanted) if wanted else {}
        shingles = {at: shingles_of(words) for at, words in said.items()}
        for text in texts:
            # Those of these places that were kept since are in the index by now.
            maybe = dict.fromkeys((*self._alike(text), *before[text.at]))
            hits = [(jaccard(text.shingles, shingles[at]), at) for at in maybe if at in shingles]
            similarity, kept = max(hits, default=(0.0, -1))
            if similarity >= self.threshold:
                self.dropped.append(NearDuplicate(text.at, kept, similarity))
                continue
            shingles[text.at] = text.shingles
            self._keep(text)

    def keep(self, places: Sequence[int]) -> None:
        """Keep the record at each of these places, whatever it is like."""
        for text in self._texts(places):
            self._keep(text)

    def _keep(self, text: _Text) -> None:
        self._sketches[text.at] = text.sketch
        self._index.insert(text.at, text.sketch)

    def _texts(self, places: Sequence[int]) -> list[_Text]:
        """The records at these places that say anything, with their sketches, in this order."""
        said = self.read(places)
        shingles = {at: found for at in places if (found := shingles_of(said.get(at, ())))}
        sketches = rensa.RMinHash.from_token_sets(
            [list(some) for some in shingles.values()], PERMUTATIONS, SEED
        )
        return [
            _Text(at, some, sketch)
            for (at, some), sketch in zip(shingles.items(), sketches, strict=True)
        ]

    def _alike(self, text: _Text) -> list[int]:
        """The kept ones that may be similar enough, the likeliest first."""
        estimates = [
            (self._sketches[at].jaccard(text.sketch), at) for at in self._index.query(text.sketch)
        ]
        least = self.threshold - ESTIMATE_BELOW
        likely = sorted((one for one in estimates if one[0] >= least), reverse=True)
        return [at for _, at in likely[:COMPARED_EACH]]


def shingles_of(words: Sequence[str]) -> frozenset[str]:
    """All runs of five words; of fewer words, all of them as one."""
    if len(words) <= SHINGLE_WORDS:
        return frozenset([" ".join(words)] if words else [])
    runs = zip(*(islice(words, start, None) for start in range(SHINGLE_WORDS)), strict=False)
    return frozenset(map(" ".join, runs))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of what either has both have."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0
