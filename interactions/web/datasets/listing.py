"""The datasets of a project, and those in the bin."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from interactions.models import Dataset, DatasetBatch, DatasetVersion
from interactions.services.datasets import create
from projects.models import Project
from projects.services.access import EDIT_DATASETS, Caller
from projects.web.requests import ProjectRequest, in_project, project_page


@dataclass
class ListedDataset:
    """A dataset as a row of the list."""

    dataset: Dataset
    newest: DatasetVersion | None
    batch: DatasetBatch | None

    @property
    def changed_at(self) -> datetime:
        """When records last came in, or a version was made."""
        came = [one.created_at for one in (self.newest, self.batch) if one is not None]
        return max(came, default=self.dataset.created_at)


@dataclass
class DatasetList:
    """The page."""

    caller: Caller
    project: Project

    @cached_property
    def listed(self) -> list[ListedDataset]:
        """All datasets, the newest first."""
        found = list(create.present(self.project).newest_first())
        newest = create.newest_versions(self.project, [one.id for one in found])
        latest = self._latest_batches([one.id for one in found])
        return [ListedDataset(one, newest.get(one.id), latest.get(one.id)) for one in found]

    def _latest_batches(self, ids: list[UUID]) -> dict[UUID, DatasetBatch]:
        """The last batch of each dataset."""
        mine = DatasetBatch.objects.in_project(self.project).filter(dataset__in=ids)
        latest = mine.order_by("dataset", "-id").distinct("dataset")
        return {one.dataset_id: one for one in latest}

    @cached_property
    def deleted(self) -> list[Dataset]:
        """Those in the bin, the last deleted first."""
        return list(create.in_bin(self.project).order_by("-deleted_at"))

    @property
    def may_write(self) -> bool:
        """Whether the caller may make datasets."""
        return self.caller.may(EDIT_DATASETS, self.project)

    @property
    def ways(self) -> list[tuple[str, str]]:
        """How a dataset comes about: words and address of each way."""
        where = {"key": self.project.key}
        return [
            ("New dataset", reverse("dataset-builder", kwargs=where)),
            ("Import a file", reverse("import", kwargs=where)),
        ]


@require_GET
@in_project()
def datasets(request: ProjectRequest) -> HttpResponse:
    """The page."""
    page = DatasetList(request.caller, request.project)
    return project_page(request, "datasets/datasets.html", {"page": page}, tab="datasets")


@require_POST
@in_project(EDIT_DATASETS)
def restore(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Take a dataset out of the bin."""
    back = create.restore(create.deleted(request.project, id), by=request.caller.user)
    messages.info(request, f"The dataset {back.name} is there again.")
    where = {"key": request.project.key, "dataset": back.key}
    return HttpResponseRedirect(reverse("dataset", kwargs=where), status=303)
