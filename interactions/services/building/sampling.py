"""Samples of records: the newest, or some at random that a seed gives again anywhere.

What is drawn at random are the records whose digests with the seed are lowest. So a sample does not
depend on Python or the machine, and of a pool that has grown by a little it changes by a little.
"""

from array import array
from collections.abc import Sequence

from interactions.services.building.candidates.narrow import NO_VALUE, CandidateColumns
from interactions.services.building.recipe import Recipe, SampleKind
from interactions.services.datasets.placing.split_rule import rank


def sample(candidates: CandidateColumns, chosen: Sequence[int], recipe: Recipe) -> list[int]:
    """The chosen places that the recipe's sample takes, in their order.

    Balanced by what a record has no value of, it is not taken.
    """
    n = recipe.n
    if recipe.sample == SampleKind.ALL or n is None:
        return list(chosen)
    if recipe.sample == SampleKind.NEWEST:
        return list(chosen[-n:])
    if recipe.sample == SampleKind.RANDOM:
        return _lowest(candidates, chosen, recipe.seed, n)
    taken = [
        at
        for value, places in by_value(candidates, chosen).items()
        if value != NO_VALUE
        for at in _lowest(candidates, places, recipe.seed, n)
    ]
    order = {at: place for place, at in enumerate(chosen)}
    return sorted(taken, key=order.__getitem__)


def by_value(candidates: CandidateColumns, chosen: Sequence[int]) -> dict[int, list[int]]:
    """The chosen places by the value that the sample is balanced by."""
    found: dict[int, list[int]] = {}
    for at in chosen:
        found.setdefault(candidates.values[at], []).append(at)
    return found


def _lowest(candidates: CandidateColumns, chosen: Sequence[int], seed: int, n: int) -> list[int]:
    if n >= len(chosen):
        return list(chosen)
    ranks = array("Q", (rank(seed, candidates.key(at)) for at in chosen))
    last = sorted(ranks)[n - 1]
    return [at for at, mine in zip(chosen, ranks, strict=True) if mine <= last][:n]
