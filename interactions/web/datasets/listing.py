"""The datasets of a project, and those in the bin."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from interactions.models import Dataset, DatasetVersion
from interactions.services.datasets import create
from interactions.services.datasets.growth import Growth, growth_of
from projects.models import Project
from projects.services.access import WRITE, Caller
from projects.web.requests import ProjectRequest, in_project, project_page


@dataclass
class ListedDataset:
    """A dataset as a row of the list."""

    dataset: Dataset
    newest: DatasetVersion | None
    last_change: "datetime"

    @cached_property
    def growth(self) -> Growth | None:
        """How it grows by itself, if it does."""
        return growth_of(self.dataset)


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
        return [ListedDataset(one, newest.get(one.id)) for one in found]

    @cached_property
    def deleted(self) -> list[Dataset]:
        """Those in the bin, the last deleted first."""
        return list(create.in_bin(self.project).order_by("-deleted_at"))

    @property
    def may_write(self) -> bool:
        """Whether the caller may make datasets."""
        return self.caller.may(WRITE, self.project)


@require_GET
@in_project()
def datasets(request: ProjectRequest) -> HttpResponse:
    """The page."""
    page = DatasetList(request.caller, request.project)
    return project_page(request, "datasets/datasets.html", {"page": page}, tab="datasets")


@require_POST
@in_project(WRITE)
def restore(request: ProjectRequest, id: UUID) -> HttpResponse:
    """Take a dataset out of the bin."""
    back = create.restore(create.deleted(request.project, id), by=request.caller.user)
    messages.info(request, f"The dataset {back.name} is there again.")
    where = {"key": request.project.key, "dataset": back.key}
    return HttpResponseRedirect(reverse("dataset", kwargs=where), status=303)
