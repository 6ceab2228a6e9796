"""Train, validation and test: shares of the records such that nothing leaks from one to another.

Records of one session, and those with the same prompt, go together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from interactions.models import DatasetItem
from interactions.services.building.candidates.columns import NO_ID
from interactions.services.building.candidates.narrow import Candidates
from interactions.services.building.recipe import Recipe, Shares
from interactions.services.building.sampling import rank

SPLITS = tuple(DatasetItem.Split.values)


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
    candidates: Candidates, chosen: Sequence[int], recipe: Recipe, settled: Settled | None = None
) -> bytearray:
    """For each chosen place its split, as a place in SPLITS.

    Large groups come first, in the seed's order where they are equally large. Each goes to the
    split that lacks most of its share and still has room, so that all splits get large ones and
    small ones; the many single records at the end make the shares exact. What a dataset has
    already stays where it is, and what belongs to it follows; of several splits the first.
    """
    splits = bytearray(len(chosen))
    if not recipe.split.is_split and settled is None:
        return splits
    groups = _groups(candidates, chosen)
    order = sorted(
        groups,
        key=lambda group: (-len(group), rank(recipe.seed, candidates.key(chosen[group[0]]))),
    )
    wanted = targets(recipe.split, len(chosen))
    counts = [0] * len(SPLITS)
    free = []
    for group in order:
        there = _there(candidates, chosen, group, settled) if settled else None
        if there is None:
            free.append(group)
            continue
        counts[there] += len(group)
        for place in group:
            splits[place] = there
    for group in free:
        best = _most_lacking(wanted, counts, len(group))
        counts[best] += len(group)
        for place in group:
            splits[place] = best
    return splits


def targets(shares: Shares, n: int) -> list[int]:
    """How many of `n` records each split should have: whole numbers that make `n` together."""
    hundredths = [n * share for share in (shares.train, shares.validation, shares.test)]
    wanted = [many // 100 for many in hundredths]
    by_rest = sorted(range(len(SPLITS)), key=lambda at: (-(hundredths[at] % 100), at))
    for at in by_rest[: n - sum(wanted)]:
        wanted[at] += 1
    return wanted


def _most_lacking(wanted: Sequence[int], counts: Sequence[int], size: int) -> int:
    lacks = [want - have for want, have in zip(wanted, counts, strict=True)]
    roomy = [at for at in range(len(SPLITS)) if lacks[at] >= size]
    if roomy:
        return max(roomy, key=lambda at: (lacks[at] / wanted[at], wanted[at]))
    return max((at for at in range(len(SPLITS)) if wanted[at]), key=lambda at: (lacks[at], -at))


def _there(
    candidates: Candidates, chosen: Sequence[int], group: Sequence[int], settled: Settled
) -> int | None:
    found = (
        split
        for at in (chosen[place] for place in group)
        for split in settled.of(candidates.prompts[at], sessions_of(candidates, at))
    )
    return min(found, default=None)


def sessions_of(candidates: Candidates, at: int) -> Iterator[bytes]:
    """The sessions of a record: none, one, or a pair's two."""
    columns = [candidates.sessions]
    columns += [candidates.other_sessions] if candidates.has_pairs else []
    return (session for column in columns if (session := column[at]) != NO_ID)


def _groups(candidates: Candidates, chosen: Sequence[int]) -> list[list[int]]:
    """The places in `chosen` that have to stay together, each group in its order."""
    parents = list(range(len(chosen)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    def join(first: dict[bytes, int], key: bytes, place: int) -> None:
        one, other = root(first.setdefault(key, place)), root(place)
        if one != other:
            parents[max(one, other)] = min(one, other)

    by_prompt: dict[bytes, int] = {}
    for place, at in enumerate(chosen):
        join(by_prompt, candidates.prompts[at], place)
    del by_prompt  # a million prompts are 150 MB here, and as many sessions come next
    by_session: dict[bytes, int] = {}
    for place, at in enumerate(chosen):
        for session in sessions_of(candidates, at):
            join(by_session, session, place)
    groups: dict[int, list[int]] = {}
    for place in range(len(chosen)):
        groups.setdefault(root(place), []).append(place)
    return list(groups.values())
