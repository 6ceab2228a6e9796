"""Datasets as GraphQL shows them, and how far the reading of an upload is."""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Any
from uuid import UUID

from adaptive_site.lib.graphql.scalars import milliseconds
from interactions.api.graphql.present import ShownMetrics
from interactions.models import Dataset, DatasetBatch, Job
from interactions.services.datasets import create, figures
from projects.api.present import Shown, ShownProjects
from projects.models import Metric, Project
from projects.services.access import Caller

_STATUS = {
    Dataset.State.PENDING: "PENDING",
    Dataset.State.READY: "DONE",
    Dataset.State.FAILED: "ERROR",
}


class ShownDatasets:
    """Datasets of one project that are shown together.

    `selected` are the fields that are asked for. What 0.14 calls scores is feedback for clients
    before it, whose lists of kinds have that name alone.
    """

    def __init__(
        self, caller: Caller, project: Project, datasets: Iterable[Dataset], selected: Iterable[str]
    ) -> None:
        self._caller = caller
        self._project = project
        self._datasets = list(datasets)
        self._is_older = "feedbackCount" in selected

    def all(self) -> list[Shown]:
        """Each of them."""
        return [self.one(dataset) for dataset in self._datasets]

    def one(self, dataset: Dataset) -> Shown:
        """`Dataset`."""
        is_ready = dataset.state == Dataset.State.READY
        return {
            "id": dataset.id,
            "key": dataset.key,
            "name": dataset.name,
            "createdAt": milliseconds(dataset.created_at),
            "kind": self._kind(dataset),
            "records": dataset.records if is_ready else None,
            "downloadUrl": f"/api/v1/datasets/{dataset.id}/download",
            "metricsUsage": lambda: self._usage(dataset),
            "source": lambda: "UPLOADED" if dataset.id in self._uploaded else "FILTERED",
            "status": lambda: self._status(dataset),
            "deleted": dataset.deleted_at is not None,
            "progress": lambda: self._progress(dataset),
            "project": lambda: ShownProjects(self._caller, [self._project]).one(self._project),
        }

    def _kind(self, dataset: Dataset) -> str:
        if dataset.kind == Dataset.Kind.FEEDBACK and not self._is_older:
            return "PROMPT_COMPLETION_SCORE"
        return dataset.kind

    def _status(self, dataset: Dataset) -> str:
        job = self._jobs.get(dataset.id)
        if dataset.state == Dataset.State.PENDING and job and job.state == Job.State.RUNNING:
            return "PROCESSING"
        return dataset.state.upper()

    def _progress(self, dataset: Dataset) -> Shown | None:
        job = self._jobs.get(dataset.id)
        if job is None or dataset.state != Dataset.State.PENDING:
            return None
        return {"progress": share_done(job), "processedLines": job.cursor.get("line", 0)}

    def _usage(self, dataset: Dataset) -> list[Shown]:
        """`DatasetMetricUsage`s, without those of metrics that are there no more."""
        is_of_pairs = dataset.kind == Dataset.Kind.PREFERENCE
        return [
            {
                "scoreCount": 0 if is_of_pairs else n,
                "feedbackCount": 0 if is_of_pairs else n,
                "comparisonCount": n if is_of_pairs else 0,
                "metric": self._metrics.by_id(self._ids[key]),
            }
            for key, n in self._uses.get(dataset.id, {}).items()
            if key in self._ids
        ]

    @cached_property
    def _uses(self) -> dict[UUID, dict[str, int]]:
        """How many records name which metric: in the newest version, or without one in the draft.

        Where that took too long to count it is what the uploaded files had.
        """
        ready = [one for one in self._datasets if one.state == Dataset.State.READY]
        versions = create.newest_versions(self._project, [one.id for one in ready])
        drafts = [one for one in ready if one.id not in versions]
        found = figures.uses_of_metrics(self._project, drafts) or {}
        for one in ready:
            version = versions.get(one.id)
            made_up = figures.of_version(version).make_up if version else None
            if made_up is not None:
                given = {metric.key: metric.records for metric in made_up.metrics}
                found[one.id] = given | made_up.compared
        for id, uses in self._uses_in_files(one.id for one in ready if one.id not in found):
            found[id] = dict(Counter(found.get(id, {})) + Counter(uses))
        return found

    def _uses_in_files(self, ids: Iterable[UUID]) -> list[tuple[UUID, dict[str, int]]]:
        if not (wanted := list(ids)):
            return []
        files = DatasetBatch.objects.in_project(self._project).filter(
            dataset__in=wanted, origin=DatasetBatch.Origin.UPLOAD, undone_at=None
        )
        said = files.values_list("dataset_id", "recipe")
        return [(id, recipe.get("metrics", {})) for id, recipe in said]

    @cached_property
    def _ids(self) -> dict[str, int]:
        """The ids of the metrics that are named, by key."""
        keys = {key for uses in self._uses.values() for key in uses}
        mine = Metric.objects.in_project(self._project).linked().filter(key__in=keys)
        return dict(mine.values_list("key", "id"))

    @cached_property
    def _metrics(self) -> ShownMetrics:
        mine = Metric.objects.in_project(self._project)
        return ShownMetrics(self._caller, mine.filter(id__in=self._ids.values()))

    @cached_property
    def _uploaded(self) -> set[UUID]:
        of_files = DatasetBatch.objects.in_project(self._project).filter(
            dataset__in=self._datasets, origin=DatasetBatch.Origin.UPLOAD
        )
        reading = {id for id, job in self._jobs.items() if job.kind == Job.Kind.UPLOAD}
        return {*of_files.values_list("dataset_id", flat=True), *reading}

    @cached_property
    def _jobs(self) -> dict[UUID, Job]:
        """The job that makes each one."""
        wanted = {one.job_id: one.id for one in self._datasets if one.job_id is not None}
        jobs = Job.objects.in_project(self._project).filter(id__in=wanted)
        return {wanted[job.id]: job for job in jobs}


def share_done(job: Job) -> float:
    """How much of a job that reads an upload is done, from 0 to 1: checking is half of it."""
    if not job.is_under_way:
        return 1.0
    of_stage = job.done / job.total if job.total else 0.0
    return 0.5 * of_stage + (0.5 if "batch" in job.cursor else 0.0)


def show_status(dataset: Dataset, job: Job | None) -> Shown:
    """`DatasetUploadProcessingStatus`; a client asks until it is DONE or ERROR.

    A dataset that nobody is at any more will never be ready.
    """
    status, error = _STATUS[Dataset.State(dataset.state)], dataset.error
    if status == "PENDING" and (job is None or not job.is_under_way):
        status, error = "ERROR", "reading the file has ended before all was read"
    done = 1.0 if job is None or status != "PENDING" else share_done(job)
    arguments: dict[str, Any] = job.arguments if job else {}
    parts = arguments.get("parts", 1)
    return {
        "datasetId": dataset.id,
        "status": status,
        "progress": done,
        "error": error or None,
        "totalParts": parts,
        "processedParts": int(done * parts),
    }
