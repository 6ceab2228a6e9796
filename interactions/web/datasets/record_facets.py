"""What the records of a dataset may be narrowed by, beside them: each choice with how many."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from django.http import HttpResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong
from interactions.filters.conditions import Comparator, HasFeedback, HasLabel, HasLlm
from interactions.filters.query.spelling import spell
from interactions.filters.tree import EVERYTHING, And, Tree, conjuncts
from interactions.models import DatasetItem
from interactions.services.datasets.finding import item_facets
from interactions.services.datasets.finding.faults import FAULTS
from interactions.services.datasets.finding.item_facets import ItemFacet, ItemFacets
from interactions.services.datasets.finding.item_filter import NONE, REMOVED
from interactions.web.datasets.frame import dataset_of
from interactions.web.datasets.item_address import ItemAddress
from interactions.web.datasets.records import REVIEW_WORDS, RecordsPage
from projects.web.requests import ProjectRequest, in_project, project_page

_REVIEWS = ("approved", NONE, "waiting", "rejected")
_MOST_NUMBERS = 12  # values of a metric that are named one by one


@dataclass(frozen=True, slots=True)
class RecordChoice:
    """A choice, how many records have it (None: not counted), and whether it is on."""

    words: str
    link: str
    is_on: bool
    n: int | None
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Choices of one thing; `others` is how many more values there are than are named."""

    title: str
    choices: list[RecordChoice]
    others: int = 0
    is_open: bool = True


@dataclass
class RecordFacets(RecordsPage):
    """The choices beside the records of a page."""

    with_warnings: bool = False
    are_late: bool = False

    @cached_property
    def having(self) -> ItemFacets:
        """Models, labels and feedback; none when that took too long."""
        try:
            return item_facets.facets(self.dataset, self.at.number, self.at.filter)
        except TookTooLong:
            self.are_late = True
            return ItemFacets()

    @cached_property
    def groups(self) -> list[ChoiceGroup]:
        """All that have a choice, the dataset's own first."""
        made = [*self._own(), self._warnings(), *map(self._group, self.having.facets)]
        return [one for one in made if one.choices]

    def _own(self) -> Iterator[ChoiceGroup]:
        counts = self.counts
        reviews = {value or NONE: n for value, n in counts.by_review.items()} if counts else {}
        status = [self._own_choice("review", name, REVIEW_WORDS[name], reviews.get(name, 0))
                  for name in _REVIEWS]  # fmt: skip
        if self.at.number is None and (self.may_write or self.is_removed):
            status.append(self._own_choice("review", REMOVED, "removed", None))
        yield ChoiceGroup("Status", [one for one in status if one is not None])
        splits = counts.by_split if counts else {}
        parts = [self._own_choice("split", name, name, splits.get(name, 0))
                 for name in DatasetItem.Split.values]  # fmt: skip
        yield ChoiceGroup("Split", [one for one in parts if one is not None])
        edited = counts.edited if counts else 0
        answers = [("yes", "corrected", edited), ("no", "as it came in", self._total - edited)]
        is_worth = edited or self.at.edited
        made = [self._own_choice("edited", *one) for one in answers] if is_worth else []
        yield ChoiceGroup("Answer", [one for one in made if one is not None])

    @property
    def _total(self) -> int:
        return self.counts.total if self.counts else 0

    def _own_choice(self, name: str, value: str, words: str, n: int | None) -> RecordChoice | None:
        is_on = getattr(self.at, name) == value
        if n == 0 and not is_on:
            return None
        link = self.at.filtering(**{name: "" if is_on else value})
        return RecordChoice(words, link, is_on, n, self._share(n, self._total))

    @staticmethod
    def _share(n: int | None, of: int) -> float:
        return round(100 * n / of, 2) if n and of else 0.0

    def _warnings(self) -> ChoiceGroup:
        counts: dict[str, int] = {}
        if self.with_warnings:
            where = replace(self.at.filter, fault="")
            counts = item_facets.fault_counts(self.dataset, self.at.number, where)
        choices = []
        for name, words in FAULTS.items():
            is_on = self.at.warning == name
            n = counts.get(name)
            if n != 0 or is_on:
                link = self.at.filtering(warning="" if is_on else name)
                choices.append(RecordChoice(words, link, is_on, n))
        is_open = self.with_warnings or bool(self.at.warning)
        return ChoiceGroup("Warnings", choices, is_open=is_open)

    def _group(self, facet: ItemFacet) -> ChoiceGroup:
        title = {"model": "Model", "metric": facet.key, "label": facet.key}[facet.kind]
        values = facet.top
        if facet.kind == "metric" and facet.values > _MOST_NUMBERS:
            values = []
        made = [self._choice(facet, value, n) for value, n in values]
        if facet.kind == "metric" and not made:
            made = [self._choice(facet, "", None)]
        others = facet.values - len(facet.top) if values else 0
        return ChoiceGroup(title, made, max(0, others))

    def _choice(self, facet: ItemFacet, value: str, n: int | None) -> RecordChoice:
        tree, is_on = _toggled(self._tree, facet, value)
        words = value or ("no model" if facet.kind == "model" else "empty")
        if facet.kind == "metric":
            words = {"true": "yes", "false": "no", "": "any value"}.get(value, value)
        q = "" if tree == EVERYTHING else spell(tree, yes_no=self._yes_no)
        return RecordChoice(words, self.at.filtering(q=q), is_on, n, self._share(n, self.having.n))

    @cached_property
    def _tree(self) -> Tree:
        return self.at.filter.tree

    @cached_property
    def _yes_no(self) -> list[str]:
        return [
            one.key for one in self.having.facets
            if one.kind == "metric" and {value for value, _ in one.top} <= {"true", "false"}
        ]  # fmt: skip


def _toggled(tree: Tree, facet: ItemFacet, value: str) -> tuple[Tree, bool]:
    """The filter with a value, any of those of its key, or without it if it has it already."""
    parts = list(conjuncts(tree))
    if facet.kind == "metric":
        one = _value(facet.key, value)
        is_on = one in parts
        kept = [part for part in parts if part != one]
        return And(tuple(kept if is_on else [*kept, one])), is_on
    for at, part in enumerate(parts):
        had = _values(part, facet)
        if had is not None:
            is_on = value in had
            now = [v for v in had if v != value] if is_on else [*had, value]
            parts[at : at + 1] = [_any_of(facet, now)] if now else []
            return And(tuple(parts)), is_on
    return And((*parts, _any_of(facet, [value]))), False


def _values(part: Tree, facet: ItemFacet) -> list[str] | None:
    if facet.kind == "model" and isinstance(part, HasLlm):
        return [key or "" for key in part.keys]
    if facet.kind == "label" and isinstance(part, HasLabel) and part.key == facet.key:
        return list(part.values) if part.values is not None else None
    return None


def _any_of(facet: ItemFacet, values: list[str]) -> Tree:
    if facet.kind == "model":
        return HasLlm(tuple(value or None for value in values))
    return HasLabel(facet.key, tuple(values))


def _value(key: str, value: str) -> HasFeedback:
    if not value:
        return HasFeedback(key)
    number = {"true": 1.0, "false": 0.0}.get(value)
    return HasFeedback(key, Comparator.EQUAL, float(value) if number is None else number)


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def facets(request: ProjectRequest, dataset: str) -> HttpResponse:
    """The choices, for htmx as a part of the page of records."""
    at = ItemAddress.of(request.GET)
    found = dataset_of(request, dataset)
    page = RecordFacets(
        request.caller, request.project, found, at=at, with_warnings="warnings" in request.GET
    )
    part = "_record_facets" if request.htmx else "record_facets"
    return project_page(request, f"datasets/{part}.html", {"page": page}, tab="datasets")
