"""Train, validation and test: shares of the records such that nothing leaks from one to another.

Records of one session, and those with the same prompt, go together.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from interactions.services.building.candidates.columns import NO_ID, IdColumn
from interactions.services.building.candidates.narrow import CandidateColumns
from interactions.services.building.recipe import Recipe
from interactions.services.datasets.placing.split_rule import (
    SPLITS,
    most_lacking,
    rank,
    targets,
)


@dataclass(frozen=True, slots=True)
class Settled:
    """In which split (its place in SPLITS) a dataset's prompts and sessions are already."""

    prompts: Mapping[bytes, int] = field(default_factory=dict)
    sessions: Mapping[bytes, int] = field(default_factory=dict)

    def of(self, prompt: bytes, sessions: Iterator[bytes]) -> Iterator[int]:
        """The splits that a record's prompt and sessions are in."""
        if prompt in self.prompts:
            yield self.prompts[prompt]
        for session in sessions:
            if session in self.sessions:
                yield self.sessions[session]


def split(
    candidates: CandidateColumns,
    chosen: Sequence[int],
    recipe: Recipe,
    settled: Settled | None = None,
) -> bytearray:
    """For each chosen place its split, as a place in SPLITS.

    Large groups come first, in the seed's order where they are equally large. Each goes to the
    split that lacks most of its share and still has room, so that all splits get large ones and
    small ones; the many single records at the end make the shares exact. What a dataset has
    already stays where it is, and what belongs to it follows; of several splits the first.
    """
    n = len(chosen)
    if not recipe.split.is_split and settled is None:
        return bytearray(n)
    roots = groups(candidates, chosen)
    sizes = array("I", bytes(4 * n))
    for root in roots:
        sizes[root] += 1
    there = _there(candidates, chosen, roots, settled) if settled else {}
    wanted = targets(recipe.split, n)
    counts = [0] * len(SPLITS)
    for root, split in there.items():
        counts[split] += sizes[root]
    assigned = bytearray(n)
    for root in _largest_first(candidates, chosen, sizes, recipe.seed):
        if root in there:
            assigned[root] = there[root]
        else:
            assigned[root] = best = most_lacking(wanted, counts, sizes[root])
            counts[best] += sizes[root]
    return bytearray(assigned[root] for root in roots)


def _largest_first(
    candidates: CandidateColumns, chosen: Sequence[int], sizes: "array[int]", seed: int
) -> list[int]:
    """The first place of each group."""
    ranks = array("Q", (rank(seed, candidates.key(at)) for at in chosen))
    first = [place for place, size in enumerate(sizes) if size]
    first.sort(key=ranks.__getitem__)
    first.sort(key=lambda place: -sizes[place])
    return first


def _there(
    candidates: CandidateColumns, chosen: Sequence[int], roots: Sequence[int], settled: Settled
) -> dict[int, int]:
    """The split of each group of which something is settled, by its first place."""
    found: dict[int, int] = {}
    for at, root in zip(chosen, roots, strict=True):
        for split in settled.of(candidates.prompts[at], sessions_of(candidates, at)):
            found[root] = min(split, found.get(root, split))
    return found


def sessions_of(candidates: CandidateColumns, at: int) -> Iterator[bytes]:
    """The sessions of a record: none, one, or a pair's two."""
    columns = [candidates.sessions]
    columns += [candidates.other_sessions] if candidates.has_pairs else []
    return (session for column in columns if (session := column[at]) != NO_ID)


def groups(candidates: CandidateColumns, chosen: Sequence[int]) -> "array[int]":
    """For each place in `chosen` the first of the places that it has to stay together with.

    Equal ids are found by sorting: dictionaries of them took 240 MB more at a million records.
    """
    parents = array("I", range(len(chosen)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    both = [candidates.sessions]
    both += [candidates.other_sessions] if candidates.has_pairs else []
    for columns in ([candidates.prompts], both):
        for one, other in _equal(columns, chosen):
            first, second = root(one), root(other)
            parents[max(first, second)] = min(first, second)
    for place in range(len(chosen)):
        parents[place] = root(place)
    return parents


def _equal(columns: Sequence[IdColumn], chosen: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Places that have the same id in any of these columns, each with the next of them."""
    n = len(chosen)

    def id_of(entry: int) -> bytes:
        return columns[entry // n][chosen[entry % n]]

    entries = [entry for entry in range(n * len(columns)) if id_of(entry) != NO_ID]
    entries.sort(key=id_of)
    for one, other in pairwise(entries):
        if id_of(one) == id_of(other):
            yield one % n, other % n
