"""The pipeline of the builder: one function plans what the preview shows and what the job makes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from uuid import UUID

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import Invalid
from interactions.models import Dataset, Selection
from interactions.services.building import dedupe, sampling, splitting
from interactions.services.building.candidates import pairs, pool
from interactions.services.building.candidates.already_there import AlreadyThere
from interactions.services.building.candidates.narrow import TIES, CandidateColumns
from interactions.services.building.candidates.pool import MOST_DROPPED
from interactions.services.building.recipe import Dedupe, Recipe, SampleKind
from interactions.services.building.texts import near_step
from interactions.services.building.texts.near_duplicates import NearDuplicate
from interactions.services.building.texts.near_step import NearLimits
from interactions.services.datasets.placing.split_rule import SPLITS
from interactions.services.job_watch import StepWatch, until_late
from interactions.services.training.from_interactions import Chosen
from projects.models import Metric, Project

PREVIEWED = 50_000  # newest interactions of a selection that a preview looks at
PREVIEW_MILLISECONDS = 4_000
PREVIEWED_IF_SLOW = 2_000  # newest interactions, where all those took too long
SLOW_PREVIEW_MILLISECONDS = 10_000
# How near-duplicates are looked for in a preview: with the rest of it, and after it, for those
# who wait. Most machines look through 1,500 to 4,000 records a second.
WITH_THE_REST = NearLimits(all_up_to=1_000, most=0)
AFTER_IT = NearLimits(all_up_to=1_000, most=20_000, seconds=8)


@dataclass(frozen=True, slots=True)
class Step:
    """What is left after a step: "matched", 5276.

    The first counts interactions, and so do the others unless `of_pairs`. After near-duplicates
    that were not looked for among all, `is_at_most` says that fewer may be left.
    """

    name: str
    left: int
    of_pairs: bool = False
    is_at_most: bool = False


@dataclass(frozen=True, slots=True)
class NearGroup:
    """A record that is kept, by its interaction or by the row of the dataset that has it already;
    and those that are dropped for it with their similarity, the most similar first.
    """

    kept: UUID | None
    row: int | None
    dropped: list[tuple[UUID, float]]


@dataclass(slots=True)
class BuildPlan:
    """What a recipe makes of a selection: the places of `candidates` that are chosen, in order.

    `newest` says that only so many of the newest of the selection were looked at, 0 for all.
    `near` is what was dropped for being like a newer one; None if that was not looked at. `rows`
    are the dataset's that near-duplicates were looked for among as well; `near_looked_at` says
    among how many of the `near_of` newest records. `dropped` are of each step some of the newest
    interactions that it left out.
    """

    project: Project
    recipe: Recipe
    candidates: CandidateColumns
    steps: list[Step] = field(default_factory=list)
    chosen: list[int] = field(default_factory=list)
    splits: bytearray = field(default_factory=bytearray)
    newest: int = 0
    narrowed: int = 0
    near: list[NearDuplicate] | None = None
    near_looked_at: int = 0
    near_of: int = 0
    rows: list[int] = field(default_factory=list)
    dropped: dict[str, list[UUID]] = field(default_factory=dict)
    before_sample: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.chosen)

    @property
    def is_exact(self) -> bool:
        """Whether a job would choose the same."""
        return not self.newest and not any(step.is_at_most for step in self.steps)

    @property
    def counts(self) -> dict[str, int]:
        """How many records each split gets."""
        return {name: self.splits.count(at) for at, name in enumerate(SPLITS)}

    def records(self, start: int = 0, stop: int | None = None) -> list[Chosen]:
        """What some of the records, by their number in order, are to be made of."""
        return self.at(range(len(self))[start:stop])

    def at(self, numbers: Sequence[int]) -> list[Chosen]:
        """What the records with these numbers are to be made of."""
        keys = self._metric_keys()
        found = []
        for number in numbers:
            at, split = self.chosen[number], SPLITS[self.splits[number]]
            one, all = self.candidates.ids.id(at), self.candidates
            if not all.has_pairs:
                found.append(Chosen(one, split=split))
                continue
            metric, tied = keys.get(all.metric_ids[at]), TIES[all.ties[at]] or None
            found.append(Chosen(one, all.others.id(at), metric=metric, tied=tied, split=split))
        return found

    def ids_at(self, places: Sequence[int], *, most: int) -> list[UUID]:
        """The interactions of the candidates at these places, each once, so many at most."""
        ids = dict.fromkeys(id for at in places[:most] for id in self.candidates.ids_of(at))
        return list(ids)[:most]

    def near_groups(self, most: int) -> list["NearGroup"]:
        """What was dropped with what it is like, the largest groups first, so many at most."""
        found: dict[int, list[tuple[UUID, float]]] = {}
        for one in self.near or ():
            dropped = self.candidates.ids.id(one.dropped)
            found.setdefault(one.kept, []).append((dropped, one.similarity))
        n = len(self.candidates)
        groups = [
            NearGroup(
                self.candidates.ids.id(kept) if kept < n else None,
                self.rows[kept - n] if kept >= n else None,
                sorted(dropped, key=lambda one: -one[1]),
            )
            for kept, dropped in found.items()
        ]
        return sorted(groups, key=lambda group: -len(group.dropped))[:most]

    def _metric_keys(self) -> dict[int, str]:
        used = set(self.candidates.metric_ids)
        if not used:
            return {}
        mine = Metric.objects.in_project(self.project).filter(id__in=used)
        return dict(mine.values_list("id", "key"))


def plan(
    project: Project,
    selection: Selection,
    recipe: Recipe,
    *,
    dataset: Dataset | None = None,
    most: int | None = None,
    near_limits: NearLimits | None = None,
    watch: StepWatch = until_late,
) -> BuildPlan:
    """Choose the records, step by step.

    Added to a `dataset`, what it has already is left out, and equal prompts and sessions go where
    they are in it. `most` bounds how many of the newest of the selection are looked at, and
    `near_limits` among how many records near-duplicates are looked for. Raises Invalid naming the
    parameter of the recipe at fault.
    """
    if dataset is not None and dataset.kind != recipe.kind.of_dataset:
        raise Invalid(f"expected the kind of the dataset, {dataset.kind}", field="kind")
    reader = pool.CandidateReader.of(project, recipe)
    read = pairs.of_selection if recipe.is_preference else pool.of_interactions
    found = read(reader, selection, most=most, watch=watch)
    made = BuildPlan(
        project, recipe, found.candidates, newest=found.newest, narrowed=found.narrowed
    )
    made.steps = [
        Step(name, left, of_pairs=recipe.is_preference and name != "matched")
        for name, left in found.left.items()
    ]
    made.dropped = {name: list(ids) for name, ids in found.dropped.items()}
    made.chosen = found.candidates.oldest_first()
    there = None
    if dataset is not None:
        there = AlreadyThere(dataset, recipe, watch)
        new = there.new(made.candidates, made.chosen)
        there.look(made.candidates, new)
        _step(made, "new to the dataset", new)
    _deduped(made, there, near_limits=near_limits, watch=watch)
    made.before_sample = made.chosen
    if recipe.sample != SampleKind.ALL:
        _step(made, "sampled", sampling.sample(made.candidates, made.chosen, recipe))
    settled = there.settled if there else None
    watch("choosing: splitting")
    made.splits = splitting.split(made.candidates, made.chosen, recipe, settled)
    return made


def _deduped(
    made: BuildPlan, there: AlreadyThere | None, *, near_limits: NearLimits | None, watch: StepWatch
) -> None:
    recipe, candidates = made.recipe, made.candidates
    if recipe.dedupe != Dedupe.NONE:
        known = there.keys if there else frozenset()
        kept = dedupe.exact(candidates, made.chosen, recipe.dedupe, there=known)
        _step(made, "without duplicates", kept)
    if recipe.near is None:
        return
    made.rows = there.rows(near_limits.rows_read if near_limits else None) if there else []
    made.near_of = len(made.chosen)
    records = near_step.Records(
        made.project, candidates, made.chosen, made.rows, has_answer=recipe.has_answer
    )
    found = near_step.look(records, recipe.near, near_limits, watch=watch)
    if found is not None:
        made.near, made.near_looked_at = found.dropped, found.looked_at
    is_whole = found is not None and found.looked_at == made.near_of
    kept = made.chosen if found is None else found.kept
    _step(made, "without near-duplicates", kept, is_at_most=not is_whole)


def _step(made: BuildPlan, name: str, kept: list[int], *, is_at_most: bool = False) -> None:
    is_at_most = is_at_most or any(step.is_at_most for step in made.steps)
    of_pairs = made.recipe.is_preference
    made.steps.append(Step(name, len(kept), of_pairs=of_pairs, is_at_most=is_at_most))
    if len(kept) < len(made.chosen) and name != "sampled":
        still = set(kept)
        gone = (at for at in reversed(made.chosen) if at not in still)
        made.dropped[name] = made.ids_at(list(islice(gone, MOST_DROPPED)), most=MOST_DROPPED)
    made.chosen = kept


def preview(
    project: Project,
    selection: Selection,
    recipe: Recipe,
    *,
    dataset: Dataset | None = None,
    near_limits: NearLimits = WITH_THE_REST,
) -> BuildPlan:
    """The plan as far as it can be had while a person waits; its `is_exact` says whether it is
    the whole. Of a selection that is too large, or too slow to read, the newest are looked at;
    among many records near-duplicates are looked for as far as the limits say.
    """
    bounded = partial(plan, project, selection, recipe, dataset=dataset)
    waited = int(near_limits.seconds * 1000) if recipe.near is not None else 0
    tries = [(PREVIEWED, near_limits, PREVIEW_MILLISECONDS + waited)]
    if recipe.near is not None:
        tries.append((PREVIEWED, near_step.NOT_AT_ALL, PREVIEW_MILLISECONDS))
    for most, limits, milliseconds in tries:
        try:
            with time_limit(milliseconds):
                return bounded(most=most, near_limits=limits)
        except TookTooLong:
            continue
    with time_limit(SLOW_PREVIEW_MILLISECONDS):
        return bounded(most=PREVIEWED_IF_SLOW, near_limits=near_step.NOT_AT_ALL)
