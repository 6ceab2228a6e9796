"""The page of one record of a dataset, and the record as JSON."""

from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.db.models import F, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET

from adaptive_site.lib import exact_json
from adaptive_site.lib.errors import NotFound
from interactions.models import DatasetItem
from interactions.services.datasets import item_pages
from interactions.web.datasets.frame import DatasetFrame, dataset_of
from interactions.web.datasets.item_address import ItemAddress
from interactions.web.datasets.record_card import RecordCard, card_of
from projects.web.requests import ProjectRequest, in_project, project_page


@dataclass
class RecordPage(DatasetFrame):
    """A record under its dataset's name."""

    item: DatasetItem = field(default_factory=DatasetItem)
    at: ItemAddress = field(default_factory=ItemAddress)

    @cached_property
    def card(self) -> RecordCard:
        """The record."""
        return card_of(self, self.item, self.at)


@require_GET
@in_project()
def record(request: ProjectRequest, dataset: str, item: UUID) -> HttpResponse:
    """The page."""
    found, at = dataset_of(request, dataset), ItemAddress.of(request.GET)
    row = item_pages.one(found, item, at.number)
    page = RecordPage(request.caller, request.project, found, item=row, at=at)
    return project_page(request, "datasets/record.html", {"page": page}, tab="datasets")


@require_GET
@in_project()
def of_interaction(request: ProjectRequest, dataset: str, interaction: UUID) -> HttpResponse:
    """To the record that was made of an interaction; one the draft has, if it has any."""
    found = dataset_of(request, dataset)
    mine = DatasetItem.objects.in_project(request.project).filter(dataset=found)
    made = mine.filter(Q(interaction_id=interaction) | Q(other_id=interaction))
    latest = made.order_by(F("until").desc(nulls_first=True), "position")
    item = latest.values_list("item", flat=True).first()
    if item is None:
        raise NotFound("there is no record of this interaction in this dataset")
    page = RecordPage(request.caller, request.project, found)
    return HttpResponseRedirect(page.link("dataset-item", item=item))


@require_GET
@in_project()
def as_json(request: ProjectRequest, dataset: str, item: UUID) -> HttpResponse:
    """All that is stored of a record, exactly."""
    at = ItemAddress.of(request.GET)
    row = item_pages.one(dataset_of(request, dataset), item, at.number)
    said = {
        "id": str(row.item),
        "position": row.position,
        "split": row.split,
        "review": row.review,
        "interaction_id": row.interaction_id and str(row.interaction_id),
        "other_id": row.other_id and str(row.other_id),
        "correction": row.correction,
        **row.content,
    }
    return HttpResponse(exact_json.dumps(said), content_type="application/json; charset=utf-8")
