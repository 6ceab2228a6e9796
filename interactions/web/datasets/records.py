"""The page of a dataset: its records as rows, one of them open beside them."""

from dataclasses import dataclass, field
from functools import cached_property

from django.http import HttpResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import NotFound
from interactions.models import DatasetItem
from interactions.services.datasets import item_pages, versions
from interactions.services.datasets.item_pages import ItemPage
from interactions.web.datasets import item_counts
from interactions.web.datasets.frame import DatasetFrame, dataset_of
from interactions.web.datasets.item_address import NONE, REMOVED, ItemAddress
from interactions.web.datasets.item_counts import ItemCounts
from interactions.web.datasets.record_card import RecordCard, card_of
from interactions.web.datasets.record_rows import RecordRow, rows_of
from projects.web.requests import ProjectRequest, in_project, project_page

ROWS_PER_PAGE = 50
COUNT_LIMIT_MS = 2_000


@dataclass(frozen=True, slots=True)
class ItemChoice:
    """A choice of a filter, how many records have it, and whether it is on."""

    words: str
    link: str
    is_on: bool
    n: int | None


@dataclass
class RecordsPage(DatasetFrame):
    """A filter over the records, a place among them, and the open one."""

    at: ItemAddress = field(default_factory=ItemAddress)
    is_late: bool = False

    @cached_property
    def page(self) -> ItemPage:
        """The rows of the page; none when reading them took too long."""
        if self.at.number is not None:
            versions.known(self.dataset, self.at.number)
        try:
            return item_pages.page(
                self.dataset,
                self.at.number,
                where=self.at.filter,
                after=int(self.at.after or 0),
                before=int(self.at.before) if self.at.before else None,
                limit=ROWS_PER_PAGE,
            )
        except TookTooLong:
            self.is_late = True
            return ItemPage([], None, None)

    @cached_property
    def rows(self) -> list[RecordRow]:
        """Its rows."""
        return rows_of(self.project, self.page.items)

    @property
    def has_images(self) -> bool:
        """Whether some row of the page holds an image."""
        return any(row.image_count for row in self.rows)

    @cached_property
    def counts(self) -> ItemCounts | None:
        """How many there are of each kind; None when counting took too long."""
        try:
            with time_limit(COUNT_LIMIT_MS):
                return item_counts.counts(self.dataset, self.at.number)
        except TookTooLong:
            return None

    @cached_property
    def found(self) -> tuple[int, bool] | None:
        """How many records the filter leaves, and whether that is all; None when that is slow."""
        if self.at.filter.is_everything and self.counts is not None:
            return self.counts.total, True
        try:
            return item_pages.count(self.dataset, self.at.number, where=self.at.filter)
        except TookTooLong:
            return None

    @property
    def may_change(self) -> bool:
        """Whether the caller may change what is shown."""
        return self.may_write and self.at.number is None

    @property
    def is_removed(self) -> bool:
        """Whether what the draft has no more is shown."""
        return self.at.review == REMOVED

    @property
    def is_preference(self) -> bool:
        """Whether each record has two answers."""
        return self.dataset.kind == self.dataset.Kind.PREFERENCE

    @property
    def all_records(self) -> str:
        """The link to all records, of the same version."""
        return self.at.filtering(split="", review="", edited="", q="", batch="")

    @property
    def earlier(self) -> str:
        """The link to the page before; "" on the first."""
        return self._place("before", self.page.before)

    @property
    def later(self) -> str:
        """The link to the next page; "" on the last."""
        return self._place("after", self.page.after)

    def _place(self, name: str, position: int | None) -> str:
        return "" if position is None else self.at.filtering(**{name: str(position)})

    @property
    def filters(self) -> list[tuple[str, list[ItemChoice]]]:
        """The filters, each with its choices."""
        counts = self.counts
        splits = [(name, name) for name in DatasetItem.Split.values]
        reviews = [(name or NONE, label) for name, label in DatasetItem.Review.choices]
        by_review = {name or NONE: n for name, n in counts.by_review.items()} if counts else {}
        found = [
            ("Split", self._choices("split", splits, counts.by_split if counts else {})),
            ("Review", self._choices("review", reviews, by_review)),
            ("Answer", self._choices("edited", [("yes", "corrected")],
                                     {"yes": counts.edited} if counts else {})),
        ]  # fmt: skip
        if self.at.number is None and (self.may_write or self.is_removed):
            link = self.at.filtering(review="" if self.is_removed else REMOVED)
            found[1][1].append(ItemChoice("removed", link, self.is_removed, None))
        return [(name, choices) for name, choices in found if choices]

    def _choices(
        self, name: str, choices: list[tuple[str, str]], counts: dict[str, int]
    ) -> list[ItemChoice]:
        """Those that some record has; of one alone that all have, none."""
        made = []
        for value, words in choices:
            is_on = getattr(self.at, name) == value
            n = counts.get(value, 0)
            if is_on or n:
                link = self.at.filtering(**{name: "" if is_on else value})
                made.append(ItemChoice(words, link, is_on, n))
        is_plain = len(made) == 1 and not made[0].is_on and name != "edited"
        return [] if is_plain else made

    @cached_property
    def opened(self) -> RecordCard | None:
        """The open record; None when none is, or it is not there."""
        if self.at.opened is None:
            return None
        try:
            item = item_pages.one(self.dataset, self.at.opened, self.at.number)
        except NotFound:
            return None
        return card_of(self, item, self.at)


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def records(request: ProjectRequest, dataset: str) -> HttpResponse:
    """The page; for htmx its rows and the open record alone."""
    at = ItemAddress.of(request.GET)
    page = RecordsPage(request.caller, request.project, dataset_of(request, dataset), at=at)
    part = "#desk" if request.htmx else ""
    return project_page(request, f"datasets/dataset.html{part}", {"page": page}, tab="datasets")
