"""Where the records of a dataset came from: each batch with its steps; taken back, put back."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from interactions.models import DatasetBatch
from interactions.services.datasets import batches, edit_words
from interactions.services.jobs import changes
from interactions.web.datasets import lineage_words
from interactions.web.datasets.frame import DatasetFrame, dataset_of
from projects.services.access import EDIT_DATASETS
from projects.web.requests import ProjectRequest, in_project, project_page

# Members of a recipe that the page says in its own place.
_SAID = {
    "words", "of", "query", "filter", "selection", "address", "as_of", "sample", "seed", "warnings",
    *lineage_words.SAID,
}  # fmt: skip
MOST_LETTERS = 300


@dataclass(frozen=True, slots=True)
class RecipeFact:
    """One thing a recipe says, in words."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class BatchStep:
    """A step of making a batch, with how many records were left, and how many it left out."""

    words: str
    left: int
    dropped: int | None


@dataclass
class ShownBatch:
    """A batch as the lineage shows it."""

    frame: DatasetFrame
    batch: DatasetBatch

    @property
    def recipe(self) -> dict[str, Any]:
        """What it was made by."""
        return dict(self.batch.recipe)

    @property
    def source(self) -> str:
        """What the records were taken from, in words."""
        said = self.recipe.get("of") or self.recipe.get("words")
        return str(said or self.batch.get_origin_display())

    @property
    def how(self) -> str:
        """What was done with it, in words: sample, seed, duplicates, split."""
        words = self.recipe.get("words", "") if "of" in self.recipe else ""
        return "; ".join(words) if isinstance(words, list) else str(words)

    @property
    def sentences(self) -> list[str]:
        """All that was done with it, in sentences."""
        how = f"{self.how[:1].upper()}{self.how[1:]}." if self.how else ""
        return [*([how] if how else []), *lineage_words.sentences(self.recipe)]

    @property
    def list_link(self) -> str:
        """The list at the filter; "" without one."""
        query = self.recipe.get("query", self.recipe.get("filter"))
        if query is None:
            return ""
        query = str(query).removeprefix("?")
        here = reverse("interactions", kwargs={"key": self.frame.project.key})
        return f"{here}?{query}"

    @property
    def selection_link(self) -> str:
        """The page of the selection; "" without one."""
        try:
            where = {"key": self.frame.project.key, "uuid": UUID(str(self.recipe["selection"]))}
        except (KeyError, ValueError):
            return ""
        return reverse("selection", kwargs=where)

    @property
    def builder_link(self) -> str:
        """The builder with the same recipe; "" of what came by another way."""
        if not (address := self.recipe.get("address")):
            return ""
        here = reverse("dataset-builder", kwargs={"key": self.frame.project.key})
        return f"{here}?{str(address).removeprefix('?')}"

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What was worth a look when it was made: a sentence, and the interactions it is of."""
        return [one for one in self.recipe.get("warnings", ()) if isinstance(one, dict)]

    def records_with(self, warning: str) -> str:
        """The records of the batch that a warning is of; "" of one that is no filter."""
        fault = lineage_words.FAULTS_OF_WARNINGS.get(warning)
        return f"{self.records_link}&warning={fault}" if fault else ""

    @property
    def facts(self) -> list[RecipeFact]:
        """All else that the recipe says."""
        return [
            RecipeFact(name.replace("_", " "), _words(value)[:MOST_LETTERS])
            for name, value in self.recipe.items()
            if name not in _SAID and value not in (None, "", [], {}, False)
        ]

    @property
    def steps(self) -> Iterator[BatchStep]:
        """The steps, but for that of taking it back."""
        before: int | None = None
        for step in self.batch.steps:
            if step.get("step") == batches.TAKEN_BACK:
                continue
            left = int(step.get("left", 0))
            name = str(step.get("words") or step.get("step", ""))
            words = lineage_words.STEP_WORDS.get(name, name)
            yield BatchStep(words, left, None if before is None else before - left)
            before = left

    @property
    def records_link(self) -> str:
        """Its records among those of the dataset."""
        return f"{self.frame.link('dataset')}?batch={self.batch.id}"


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return "yes" if value is True else str(value)


@dataclass
class LineagePage(DatasetFrame):
    """The page."""

    view = "dataset-lineage"

    @cached_property
    def batches(self) -> list[ShownBatch]:
        """The batches, the latest first."""
        return [ShownBatch(self, one) for one in batches.of(self.dataset)]


@require_GET
@in_project()
def lineage(request: ProjectRequest, dataset: str) -> HttpResponse:
    """The page."""
    page = LineagePage(request.caller, request.project, dataset_of(request, dataset))
    return project_page(request, "datasets/lineage.html", {"page": page}, tab="datasets")


@require_POST
@in_project(EDIT_DATASETS)
def undo(request: ProjectRequest, dataset: str, id: int) -> HttpResponse:
    """Take a batch out of the draft as a whole."""
    batch = batches.known(dataset_of(request, dataset), id)
    batches.check(batch, is_undone=False)
    return _turn(request, batch, "Took {} back.")


@require_POST
@in_project(EDIT_DATASETS)
def redo(request: ProjectRequest, dataset: str, id: int) -> HttpResponse:
    """Put a batch that was taken out back."""
    batch = batches.known(dataset_of(request, dataset), id)
    batches.check(batch, is_undone=True)
    return _turn(request, batch, "Put {} back.")


def _turn(request: ProjectRequest, batch: DatasetBatch, words: str) -> HttpResponse:
    """Say how many records were turned; of many the page shows the progress."""
    done = changes.turn_batch(batch, by=request.caller.user)
    if isinstance(done, int):
        messages.info(request, words.format(edit_words.counted(done)))
    page = LineagePage(request.caller, request.project, batch.dataset)
    return HttpResponseRedirect(f"{page.link('dataset-lineage')}#batch-{batch.id}", status=303)
