"""Records that say the same: of each only the newest is kept."""

from collections.abc import Collection, Iterable, Sequence

from interactions.services.building.candidates.narrow import CandidateColumns
from interactions.services.building.recipe import Dedupe


def key_of(candidates: CandidateColumns, at: int, dedupe: Dedupe) -> bytes:
    """What is the same for records that count as the same."""
    prompt = candidates.prompts[at]
    return prompt if dedupe == Dedupe.PROMPT else prompt + candidates.digests[at]


def exact(
    candidates: CandidateColumns,
    chosen: Sequence[int],
    dedupe: Dedupe,
    *,
    there: Collection[bytes] = frozenset(),
) -> list[int]:
    """The chosen places without those whose prompt, or prompt and answer, a newer one has.

    Their order stays. `there` are the keys of what a dataset has already, which stays.
    """
    if dedupe == Dedupe.NONE:
        return list(chosen)
    seen: set[bytes] = set()
    kept = []
    for at in reversed(chosen):
        key = key_of(candidates, at, dedupe)
        if key not in seen and key not in there:
            seen.add(key)
            kept.append(at)
    return kept[::-1]


def most_common_prompt(candidates: CandidateColumns, chosen: Iterable[int]) -> tuple[bytes, int]:
    """The prompt of the most of the chosen ones, and of how many; of none, b"" and 0."""
    counts: dict[bytes, int] = {}
    for at in chosen:
        prompt = candidates.prompts[at]
        counts[prompt] = counts.get(prompt, 0) + 1
    return max(counts.items(), key=lambda one: (one[1], one[0]), default=(b"", 0))
