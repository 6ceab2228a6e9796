"""A recipe in words, for a dataset's lineage and the page of the job."""

from collections.abc import Iterator

from interactions.filters.notation import spell_number
from interactions.services.building.recipe import (
    Answers,
    Balance,
    Dedupe,
    Empty,
    PairsFrom,
    PerPrompt,
    Recipe,
    RecordKind,
    SampleKind,
    Ties,
)

_KINDS = {
    RecordKind.PROMPT: "prompts",
    RecordKind.COMPLETION: "prompts and answers",
    RecordKind.FEEDBACK: "prompts, answers and feedback",
    RecordKind.PREFERENCE: "preferences",
}


def words(recipe: Recipe) -> list[str]:
    """One phrase a step, such as `prompts and answers`, `exact duplicates left out`."""
    return [
        _KINDS[recipe.kind],
        *_pairs(recipe),
        *_conditions(recipe),
        *_duplicates(recipe),
        *_sample(recipe),
        *_split(recipe),
    ]


def _pairs(recipe: Recipe) -> Iterator[str]:
    if not recipe.is_preference:
        return
    if recipe.pairs != PairsFrom.MINED:
        is_under = recipe.metric and recipe.pairs == PairsFrom.COMPARISONS
        yield "pairs that were compared" + (f" under {recipe.metric}" if is_under else "")
        yield "ties left out" if recipe.ties == Ties.OUT else "ties kept"
    if recipe.pairs != PairsFrom.COMPARISONS:
        which = (
            "all answers to a prompt"
            if recipe.per_prompt == PerPrompt.ALL
            else "the best answer to a prompt and the worst"
        )
        gap = "the usual gap" if recipe.gap is None else spell_number(recipe.gap)
        yield f"{which}, {gap} apart under {recipe.metric} at least"
        if recipe.answers == Answers.PROMPTS:
            yield "one of the two selected, the other any answer to the prompt"


def _conditions(recipe: Recipe) -> Iterator[str]:
    if recipe.require_feedback:
        yield "with feedback"
    for one in recipe.score:
        said = one.metric or "any feedback"
        if one.comparator is not None and one.value is not None:
            said += f" {one.comparator.sign} {spell_number(one.value)}"
        yield said
    if recipe.has_answer:
        is_out = recipe.empty == Empty.OUT
        yield f"empty and cut-off answers {'left out' if is_out else 'kept'}"


def _duplicates(recipe: Recipe) -> Iterator[str]:
    if recipe.dedupe == Dedupe.PROMPT:
        yield "of equal prompts the newest"
    elif recipe.dedupe == Dedupe.ANSWER:
        yield "of equal prompts with equal answers the newest"
    if recipe.near is not None:
        yield f"near-duplicates from {spell_number(recipe.near)} on left out"


def _sample(recipe: Recipe) -> Iterator[str]:
    if recipe.sample == SampleKind.ALL or recipe.n is None:
        return
    if recipe.sample == SampleKind.NEWEST:
        yield f"the newest {recipe.n:,}"
    elif recipe.sample == SampleKind.RANDOM:
        yield f"{recipe.n:,} at random (seed {recipe.seed})"
    else:
        what = "model" if recipe.by == Balance() else f"value of {recipe.by.label}"
        yield f"{recipe.n:,} at random of each {what} (seed {recipe.seed})"


def _split(recipe: Recipe) -> Iterator[str]:
    if recipe.split.is_split:
        train, validation, test = str(recipe.split).split("/")
        yield f"{train} % train, {validation} % validation, {test} % test (seed {recipe.seed})"
