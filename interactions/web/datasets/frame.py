"""What every page of a dataset shows above its own: name, kind, counts, and what can be done."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from django.urls import reverse

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.models import Dataset, DatasetVersion
from interactions.services.datasets import create, drafts
from interactions.services.datasets.finding import item_counts
from interactions.services.datasets.finding.item_counts import ItemCounts
from interactions.services.jobs import begin
from interactions.web.jobs.shown import ShownJob
from projects.models import Project
from projects.services.access import CREATE, EDIT_DATASETS, EXPORT, Caller
from projects.web.requests import ProjectRequest

COUNT_LIMIT_MS = 2_000
TABS = (
    ("dataset", "Records"),
    ("dataset-figures", "Figures"),
    ("dataset-versions", "Versions"),
    ("dataset-lineage", "Lineage"),
    ("dataset-settings", "Settings"),
)


@dataclass(frozen=True, slots=True)
class PageTab:
    """One of a dataset's pages."""

    words: str
    link: str
    is_here: bool


@dataclass
class DatasetFrame:
    """A dataset as all of its pages show it; `view` is the name of the page's address."""

    view: ClassVar[str] = "dataset"

    caller: Caller
    project: Project
    dataset: Dataset

    @property
    def may_write(self) -> bool:
        """Whether the caller may change the dataset."""
        return self.caller.may(EDIT_DATASETS, self.project)

    def link(self, name: str, **more: object) -> str:
        """The address of another page of this dataset."""
        return reverse(name, kwargs={"key": self.project.key, "dataset": self.dataset.key, **more})

    @property
    def tabs(self) -> list[PageTab]:
        """The pages of this dataset."""
        return [PageTab(words, self.link(name), name == self.view) for name, words in TABS]

    @property
    def add_links(self) -> list[tuple[str, str]]:
        """Where records are chosen, for the builder to add: words and address of each way."""
        ways = [("From interactions", "interactions"), ("From groups", "groups")]
        if self.dataset.kind == Dataset.Kind.PREFERENCE:
            ways.append(("From pairs", "pairs"))
        where = {"key": self.project.key}
        links = [(words, reverse(name, kwargs=where)) for words, name in ways]
        if self.caller.may(CREATE, self.project):
            links.append(
                ("From a file", f"{reverse('import', kwargs=where)}?into={self.dataset.key}")
            )
        return links

    @property
    def download(self) -> str:
        """The page of downloads; "" to whom it is closed."""
        return self.link("dataset-export") if self.caller.may(EXPORT, self.project) else ""

    @cached_property
    def counts(self) -> ItemCounts | None:
        """How many records there are in each state; None when counting took too long."""
        try:
            with time_limit(COUNT_LIMIT_MS):
                return item_counts.counts(self.dataset, self.shown_version)
        except TookTooLong:
            return None

    @property
    def shown_version(self) -> int | None:
        """The version whose records the page shows; None of the draft."""
        return None

    @property
    def outside(self) -> list[tuple[str, str]]:
        """Records of the draft that are in no file: how many and why, and the link to them."""
        counts = self.counts if self.shown_version is None else None
        if counts is None:
            return []
        found = ((counts.waiting, "waiting for review", "waiting"),
                 (counts.rejected, "rejected", "rejected"))  # fmt: skip
        here = self.link("dataset")
        return [(f"{n:,} {words}", f"{here}?review={name}") for n, words, name in found if n]

    @cached_property
    def newest(self) -> DatasetVersion | None:
        """The newest version."""
        if not self.dataset.head:
            return None
        return create.newest_versions(self.project, [self.dataset.id]).get(self.dataset.id)

    @cached_property
    def job(self) -> ShownJob | None:
        """What adds or changes many records or makes a version, while that is under way; or what
        makes the dataset, until that has ended well.
        """
        job = drafts.job_at(self.dataset)
        if job is None and self.dataset.state == Dataset.State.PENDING:
            job = self.dataset.job
        if job is None:
            return None
        job.project = self.project
        return ShownJob(job)

    @property
    def may_see_job(self) -> bool:
        """Whether the caller may watch and cancel it."""
        return self.job is not None and begin.may_see(self.job.job, self.project, self.caller)


def dataset_of(request: ProjectRequest, key: str) -> Dataset:
    """The dataset that an address names. Raises NotFound."""
    return create.known(request.project, key)
