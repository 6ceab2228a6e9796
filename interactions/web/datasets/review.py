"""Review over a dataset: one record at a time, approved or rejected by a key."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.errors import Invalid
from interactions.models import DatasetItem, UndoEntry
from interactions.services import undo as undo_service
from interactions.services.datasets import edits, item_pages
from interactions.services.datasets.changing import undo_entries
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.recording.drafts import check_uuid
from interactions.web.datasets.frame import DatasetFrame, dataset_of
from interactions.web.datasets.item_address import ItemAddress
from interactions.web.datasets.record_card import RecordCard, card_of
from projects.services.access import EDIT_DATASETS
from projects.web.requests import ProjectRequest, in_project, project_page

END = "end"  # in an address: nothing is left
WAITING_FIRST, UNREVIEWED = "waiting", "unreviewed"
QUEUES = {
    WAITING_FIRST: DatasetItem.Review.WAITING,
    UNREVIEWED: DatasetItem.Review.NONE,
    "rejected": DatasetItem.Review.REJECTED,
}
VERDICTS = {"approve": DatasetItem.Review.APPROVED, "reject": DatasetItem.Review.REJECTED}


@dataclass
class ReviewPage(DatasetFrame):
    """A queue of a dataset's records, and the one to decide; `of` names the queue."""

    of: str = ""
    at: str = ""
    last: UndoEntry | None = None
    error: str = ""
    records: ItemAddress = field(default_factory=ItemAddress)
    next: str = field(default="", init=False)

    @cached_property
    def queue(self) -> str:
        """The queue that was asked for, else those that wait, else what nobody has reviewed."""
        if self.of:
            return self.of
        return WAITING_FIRST if self.counts and self.counts.waiting else UNREVIEWED

    @cached_property
    def filter(self) -> ItemFilter:
        """The records of the queue."""
        return replace(self.records.filter, review=QUEUES[self.queue], removed=False)

    @cached_property
    def card(self) -> RecordCard | None:
        """The record to decide; None at the end."""
        if self.at == END:
            return None
        if self.at:
            item = item_pages.one(self.dataset, UUID(self.at))
            (later,) = [self._after(item.position, 1)]
        else:
            first = self._after(0, 2)
            if not first:
                return None
            item, later = item_pages.one(self.dataset, first[0].item), first[1:]
        self.next = self.asking(later[0].item if later else END)
        return card_of(self, item, ItemAddress())

    def _after(self, position: int, limit: int) -> list[DatasetItem]:
        where, after = self.filter, str(position)
        return item_pages.page(self.dataset, where=where, after=after, limit=limit).items

    def after(self, item: DatasetItem) -> str:
        """The link to what comes after a record."""
        later = self._after(item.position, 1)
        return self.asking(later[0].item if later else END)

    def asking(self, at: object = "", of: str = "") -> str:
        """The query string of this queue, or another, at a record."""
        shown = self.records.of_records.removeprefix("?")
        among = f"&{shown}" if shown else ""
        return f"?of={of or self.queue}" + (f"&at={at}" if at else "") + among

    @property
    def here(self) -> str:
        """The query string of the record that is shown."""
        return self.asking(self.card.item.item if self.card else END)

    @property
    def other_queue(self) -> tuple[str, int] | None:
        """Where there is something left to decide beside this queue."""
        if self.counts is None:
            return None
        left = {WAITING_FIRST: self.counts.waiting, UNREVIEWED: self.counts.unreviewed}
        return next(((name, n) for name, n in left.items() if n and name != self.queue), None)


@require_GET
@vary_on_headers("HX-Request", "HX-Target")
@in_project()
def review(request: ProjectRequest, dataset: str) -> HttpResponse:
    """The page; for its script the queue (target `queue`) or the record (`card`) alone."""
    return _shown(request, _page(request, dataset))


@require_POST
@in_project(EDIT_DATASETS)
def decide(request: ProjectRequest, dataset: str) -> HttpResponse:
    """Approve or reject a record, also with its answer corrected, and go on to the next."""
    page = _page(request, dataset)
    item = check_uuid(request.POST.get("item"), field="item")
    verdict = request.POST.get("verdict", "")
    if verdict not in VERDICTS:
        raise Invalid(f"expected one of {', '.join(VERDICTS)}", field="verdict")
    row = item_pages.one(page.dataset, item)
    link = page.after(row)
    _decide(request, page, row, verdict)
    if request.htmx:
        page.last = undo_entries.last(page.dataset, by=request.caller.user)
        return render(request, "datasets/_review_status.html", {"page": page})
    return HttpResponseRedirect(page.link("dataset-review") + link, status=303)


def _decide(request: ProjectRequest, page: ReviewPage, row: DatasetItem, verdict: str) -> None:
    """Store the corrected answer, if one was written, and the decision; each can be undone."""
    by, text = request.caller.user, request.POST.get("text")
    if text is not None and request.POST.get("edited"):
        edits.correct(page.dataset, row.item, text, by=by)
    edits.set_review(page.dataset, [row.item], VERDICTS[verdict], by=by)


@require_POST
@in_project(EDIT_DATASETS)
def undo(request: ProjectRequest, dataset: str) -> HttpResponse:
    """Undo the last decision, and show its record again."""
    page = _page(request, dataset)
    back = page.asking()
    if page.last is not None:
        undo_service.undo_entry(request.project, page.last.id, caller=request.caller)
        back = page.asking(undo_entries.record_of(page.last) or "")
    return HttpResponseRedirect(page.link("dataset-review") + back, status=303)


def _page(request: ProjectRequest, dataset: str) -> ReviewPage:
    found = dataset_of(request, dataset)
    of, at = request.GET.get("of", ""), request.GET.get("at", "")
    if of and of not in QUEUES:
        raise Invalid(f"expected one of {', '.join(QUEUES)}", field="of")
    if at and at != END:
        check_uuid(at, field="at")
    last = undo_entries.last(found, by=request.caller.user)
    records = ItemAddress.of(request.GET)
    if records.fault:
        raise Invalid(records.fault, field="q")
    return ReviewPage(
        request.caller, request.project, found, of=of, at=at, last=last, records=records
    )


def _shown(request: ProjectRequest, page: ReviewPage) -> HttpResponse:
    part = {"queue": "_review_queue", "card": "_review_card"}.get(request.htmx.target or "")
    _ = page.card  # finds what comes next as well
    template = f"datasets/{part or 'review'}.html"
    return project_page(request, template, {"page": page}, tab="datasets")
