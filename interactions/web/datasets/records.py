"""The page of a dataset: its records as rows, one of them open beside them."""

from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from django.http import HttpResponse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong
from adaptive_site.lib.errors import NotFound
from interactions.services.datasets import item_pages, versions
from interactions.services.datasets.finding.faults import FAULTS
from interactions.services.datasets.finding.item_filter import INCLUDED, NONE, REMOVED
from interactions.services.datasets.finding.item_order import ORDERS
from interactions.services.datasets.item_pages import ItemPage
from interactions.web.datasets.frame import DatasetFrame, dataset_of
from interactions.web.datasets.item_address import ItemAddress
from interactions.web.datasets.record_card import RecordCard, card_of
from interactions.web.datasets.record_rows import RecordRow, rows_of
from projects.web.requests import ProjectRequest, in_project, project_page

ROWS_PER_PAGE = 50
REVIEW_WORDS = {
    NONE: "not reviewed", "waiting": "waiting for review", "approved": "approved",
    "rejected": "rejected", INCLUDED: "in files", REMOVED: "removed",
}  # fmt: skip
# What the script of the page asks for alone.
_PARTS = {"open-interaction": "_opened", "record-tools": "_record_parts"}


@dataclass(frozen=True, slots=True)
class FilterChip:
    """A condition beside the query, with the link that takes it away."""

    subject: str
    value: str
    remove: str


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
        if self.at.fault:
            return ItemPage([], None, None)
        try:
            return item_pages.page(
                self.dataset,
                self.at.number,
                where=self.at.filter,
                order=self.at.order,
                after=self.at.after,
                before=self.at.before,
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
    def found(self) -> tuple[int, bool] | None:
        """How many records the filter leaves, and whether that is all; None when that is slow."""
        if self.at.fault or self.is_late:
            return None
        if self.at.filter.is_everything and self.counts is not None:
            return self.counts.total, True
        try:
            return item_pages.count(self.dataset, self.at.number, where=self.at.filter)
        except TookTooLong:
            return None

    @property
    def shown_version(self) -> int | None:
        """The version whose records are shown; None of the draft."""
        return self.at.number

    @property
    def is_filtered(self) -> bool:
        """Whether some records are left out, or the query cannot be read."""
        return bool(self.at.fault) or not self.at.filter.is_everything

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
        return self.at.without_filter()

    @property
    def these(self) -> str:
        """The page of downloads, of what is shown alone; "" where no file can have it."""
        if not self.download or self.is_removed or self.at.fault:
            return ""
        asked = {"version": self.at.version or "draft"}
        if self.is_filtered:
            asked["records"] = self.at.of_records.removeprefix("?")
        return f"{self.download}?{urlencode(asked)}"

    @property
    def review_these(self) -> str:
        """The review of what is shown."""
        return self.link("dataset-review") + self.at.filtering(review="", version="", sort="")

    @property
    def facets_link(self) -> str:
        """Where the choices beside the rows come from."""
        return self.link("dataset-facets") + self.at.filtering(sort="")

    @property
    def earlier(self) -> str:
        """The link to the page before; "" on the first."""
        return self._place("before", self.page.before)

    @property
    def later(self) -> str:
        """The link to the next page; "" on the last."""
        return self._place("after", self.page.after)

    def _place(self, name: str, place: str | None) -> str:
        return "" if place is None else self.at.filtering(**{name: place})

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """Words and link of each order, and whether it is the present one."""
        return [
            (order.words, self.at.filtering(sort=name), order == self.at.order)
            for name, order in ORDERS.items()
        ]

    @property
    def chips(self) -> list[FilterChip]:
        """What is asked for beside the query."""
        at = self.at
        said = [
            ("status", "review", REVIEW_WORDS.get(at.review, at.review)),
            ("split", "split", at.split),
            ("answer", "edited", {"yes": "corrected", "no": "as it came in"}.get(at.edited, "")),
            ("warning", "warning", FAULTS.get(at.warning, "")),
            ("batch", "batch", at.batch),
            ("version", "version", at.version),
        ]
        return [
            FilterChip(subject, value, at.filtering(**{name: ""}))
            for subject, name, value in said
            if value
        ]

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
@vary_on_headers("HX-Request", "HX-Target")
@in_project()
def records(request: ProjectRequest, dataset: str) -> HttpResponse:
    """The page; for htmx its rows and the open record alone."""
    at = ItemAddress.of(request.GET)
    page = RecordsPage(request.caller, request.project, dataset_of(request, dataset), at=at)
    part = _PARTS["record-tools"] if request.htmx else "dataset"
    if request.htmx and request.htmx.target in _PARTS:
        part = _PARTS[request.htmx.target]
    return project_page(request, f"datasets/{part}.html", {"page": page}, tab="datasets")
