"""Warnings of what training would suffer from, each with how many records and which ones."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from interactions.models import Label
from interactions.services.building import dedupe, sampling
from interactions.services.building.candidates import pairs
from interactions.services.building.candidates.narrow import NO_VALUE, Flaw
from interactions.services.building.pipeline import BuildPlan
from interactions.services.building.recipe import Balance, Empty, SampleKind
from projects.models import Llm

FEW_RECORDS = 10  # OpenAI takes no file with fewer examples
MANY_OF_ONE_PROMPT = 0.2  # of all records
NAMED = 5  # values in a sentence
MOST_IDS = 100  # that a warning names


@dataclass(frozen=True, slots=True)
class BuildWarning:
    """What is wrong with `count` of the `of` records that were looked at; `ids` are the first.

    `name` is the same for the same fault: pages tell by it where to look.
    """

    name: str
    sentence: str
    count: int
    of: int
    ids: tuple[UUID, ...] = ()


def of_plan(plan: BuildPlan) -> list[BuildWarning]:
    """What can be said of all chosen records without reading them."""
    return [*_of_answers(plan), *_of_amounts(plan), *_of_balance(plan), *_of_pairs(plan)]


def _warning(plan: BuildPlan, name: str, sentence: str, places: Sequence[int]) -> BuildWarning:
    ids = plan.ids_at(places, most=MOST_IDS)
    return BuildWarning(name, sentence, len(places), len(plan), tuple(ids))


def _of_answers(plan: BuildPlan) -> Iterator[BuildWarning]:
    if plan.recipe.empty != Empty.KEEP:
        return
    for flaw, name, said in (
        (Flaw.EMPTY, "empty", "an answer without text"),
        (Flaw.CUT_OFF, "cut off", "an answer that was cut off"),
    ):
        if places := [at for at in plan.chosen if plan.candidates.flaws[at] == flaw]:
            yield _warning(plan, name, f"{_has(len(places))} {said}", places)


def _of_amounts(plan: BuildPlan) -> Iterator[BuildWarning]:
    n = len(plan)
    if n < FEW_RECORDS:
        said = f"only {n} {_records(n)}: fine-tuning at OpenAI takes {FEW_RECORDS} at least"
        yield BuildWarning("few", said, n, n)
    prompt, count = dedupe.most_common_prompt(plan.candidates, plan.chosen)
    if count > 1 and count >= n * MANY_OF_ONE_PROMPT:
        places = [at for at in plan.chosen if plan.candidates.prompts[at] == prompt]
        said = f"one prompt makes up {round(100 * count / n)} % of the records"
        yield _warning(plan, "one prompt", said, places)
    for share, (name, count) in zip(
        (plan.recipe.split.train, plan.recipe.split.validation, plan.recipe.split.test),
        plan.counts.items(),
        strict=True,
    ):
        if n and bool(share) and not count:
            said = f"no record is left for {name}: too few, or too many belong together"
            yield BuildWarning("empty split", said, 0, n)
        elif n and abs(count / n - share / 100) > 0.05:
            said = f"{name} gets {round(100 * count / n)} % instead of {share} %"
            why = "whole sessions and equal prompts stay together"
            yield BuildWarning("uneven split", f"{said}, since {why}", count, n)


def _of_balance(plan: BuildPlan) -> Iterator[BuildWarning]:
    recipe = plan.recipe
    if recipe.sample != SampleKind.BALANCED or recipe.n is None:
        return
    found = sampling.by_value(plan.candidates, plan.before_sample)
    without = found.pop(NO_VALUE, [])
    if without:
        what = "model" if recipe.by == Balance() else f"label “{recipe.by.label}”"
        said = f"{len(without):,} {_records(len(without))} without a {what} left out"
        yield _warning(plan, "no value", said, without)
    few = {value: places for value, places in found.items() if len(places) < recipe.n}
    if few:
        names = value_names(plan, few)
        rarest = sorted(few, key=lambda value: (len(few[value]), names.get(value, "")))
        said = ", ".join(f"{names.get(one, '?')} ({len(few[one]):,})" for one in rarest[:NAMED])
        said += f" and {len(few) - NAMED:,} more" if len(few) > NAMED else ""
        yield _warning(
            plan, "few of a value", f"fewer than {recipe.n:,} of {said}", sum(few.values(), [])
        )


def value_names(plan: BuildPlan, values: Iterable[int]) -> dict[int, str]:
    """What the values that a sample is balanced by are called."""
    if plan.recipe.by == Balance():
        return dict(Llm.objects.filter(id__in=list(values)).values_list("id", "key"))
    mine = Label.objects.in_project(plan.project).filter(id__in=list(values))
    return {id: value or "" for id, value in mine.values_list("id", "value")}


def _of_pairs(plan: BuildPlan) -> Iterator[BuildWarning]:
    if places := pairs.conflicting(plan.candidates, plan.chosen):
        said = f"{len(places):,} pairs were judged both ways"
        yield _warning(plan, "judged both ways", said, places)
    if plan.narrowed:
        said = f"of {plan.narrowed:,} prompts with very many answers not all pairs were made"
        yield BuildWarning("narrowed", said, plan.narrowed, len(plan))


def _has(n: int) -> str:
    return f"{n:,} {_records(n)} {'has' if n == 1 else 'have'}"


def _records(n: int) -> str:
    return "record" if n == 1 else "records"
