"""The job that logs a dataset's records as interactions, each once however often it is done.

A record's interaction is known by the record's own id, kept in its external id; so a second job
logs what has come since. What was made of interactions is logged already.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.ids import to_millisecond
from interactions.models import Dataset, DatasetItem, Image, Job, Source
from interactions.models.content_parts import at_address, image_address, parts_of
from interactions.services.datasets import create, item_records
from interactions.services.images import store
from interactions.services.images.store import STORED_IMAGE_SCHEME
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.recording.drafts import Draft, FeedbackDraft, check_time, draft
from interactions.services.recording.log import log_interactions
from interactions.services.training.record import Message, TrainingRecord
from projects.models import Llm, Metric, Project
from projects.services import llms, metrics
from projects.services.access import CREATE

PERMISSION = CREATE
LOGGING = "Logging records"
RECORDS_A_STEP = 200
NO_METRIC = "preference"  # the key of the metric of preferences that name none


def check(dataset: Dataset) -> None:
    """Raise Invalid when there is nothing in the dataset that could be logged."""
    if dataset.state != Dataset.State.READY:
        raise Invalid("this dataset is not ready")
    if dataset.kind == Dataset.Kind.PROMPT:
        raise Invalid("prompts without completions are no interactions")


def step(job: Job) -> bool:
    """Log the next records."""
    dataset = _dataset(job)
    rows = item_records.included(dataset).filter(interaction_id=None)
    if not job.stage:
        check(dataset)
        job.stage, job.total = LOGGING, rows.count()
        job.cursor = {"after": 0, "logged": 0, "compared": 0}
        return False
    some = list(rows.filter(position__gt=job.cursor["after"]).order_by("position")[:RECORDS_A_STEP])
    if some:
        _log(job, some)
        job.cursor["after"] = some[-1].position
        job.done += len(some)
    if len(some) == RECORDS_A_STEP:
        return False
    job.result = _told(job, dataset)
    return True


def cancelled(job: Job) -> None:
    """What is logged stays: it is whole, and logged once if the job is begun again."""
    job.result = _told(job, None)


def failed(job: Job) -> None:
    """As when it is cancelled."""
    job.result = _told(job, None)


def sentence(job: Job) -> str:
    """What is logged."""
    return f"Log the records of “{job.arguments['name']}” as interactions"


def _told(job: Job, dataset: Dataset | None) -> dict[str, Any]:
    logged, compared = job.cursor.get("logged", 0), job.cursor.get("compared", 0)
    pairs = f" and {_counted(compared, 'comparison')}" if compared else ""
    there = "" if logged or compared else " They had all been logged before."
    said: dict[str, Any] = {"words": f"Logged {_counted(logged, 'interaction')}{pairs}.{there}"}
    if dataset is not None:
        said |= {"address": "interactions/?source=DATASET", "open": "Show them"}
    return said


def _counted(n: int, thing: str) -> str:
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def _dataset(job: Job) -> Dataset:
    found = create.known(job.project, job.arguments["dataset"])
    found.project = job.project
    return found


def _log(job: Job, items: list[DatasetItem]) -> None:
    records = [item_records.record_of(item) for item in items]
    context = _Context.of(job, records)
    made = [
        (
            f"dataset:{item.item}",
            record,
            [context.draft(item, record, n) for n in range(len(record.answers))],
        )
        for item, record in zip(items, records, strict=True)
    ]
    logged = iter(log_interactions(job.project, [one for _, _, drafts in made for one in drafts]))
    given = []
    for name, record, drafts in made:
        sides = [next(logged) for _ in drafts]
        job.cursor["logged"] += sum(side.is_new for side in sides)
        if len(sides) == 2 and sides[0].id != sides[1].id:
            given.append(
                NewComparison(
                    metric=context.metrics[record.metric or NO_METRIC],
                    preferred_id=sides[0].id,
                    other_id=sides[1].id,
                    tied=record.tied,
                    created_at=context.at,
                    external_id=name,
                )
            )
    if given:
        job.cursor["compared"] += len(compare(job.project, given, by=job.created_by))


@dataclass(frozen=True, slots=True)
class _Context:
    """What the records of one step need of the project, each looked up once."""

    job: Job
    at: datetime
    llms: dict[str, Llm]
    metrics: dict[str, Metric]
    images: dict[str, Image]

    @classmethod
    def of(cls, job: Job, records: list[TrainingRecord]) -> "_Context":
        project = job.project
        models = {answer.model for one in records for answer in one.answers if answer.model}
        hashes = {sha256 for one in records for sha256 in one.images}
        pictures = Image.objects.in_project(project).filter(sha256__in=hashes)
        return cls(
            job,
            to_millisecond(job.created_at),
            llms.attach_all(project, models) if models else {},
            _metrics(project, records),
            {image.sha256: image for image in pictures},
        )

    def draft(self, item: DatasetItem, record: TrainingRecord, n: int) -> Draft:
        """The interaction of one of the record's answers."""
        answer = record.answers[n]
        name = f"dataset:{item.item}" + (f":{n + 1}" if record.other is not None else "")
        made = record.created_at
        return draft(
            is_strict=False,
            messages=[self._with_images(one) for one in record.messages],
            completion=answer.text,
            completion_parts=answer.parts,
            labels=record.labels,
            llm=self.llms.get(answer.model or ""),
            session_id=UUID(record.session_id) if record.session_id else None,
            created_at=check_time(made, field="created_at") if made else self.at,
            created_by=self.job.created_by,
            source=Source.DATASET,
            external_id=name,
            parameters={"tools": record.tools} if record.tools else None,
            user_metadata=record.metadata or None,
            feedback=self._feedback(record),
        )

    def _feedback(self, record: TrainingRecord) -> list[FeedbackDraft]:
        """Its feedback, without values that their metrics do not take, as other metrics now do."""
        given = []
        for key, value in record.feedback.items():
            try:
                stored = self.metrics[key].value_of(value)
            except ValueError:
                continue
            given.append(FeedbackDraft(metric=self.metrics[key], value=stored))
        return given

    def _with_images(self, message: Message) -> Message:
        """A message with the bytes of our images in it, as `draft` takes them out again."""
        if not isinstance(message.get("content"), list):
            return message
        return {**message, "content": [self._with_bytes(part) for part in parts_of(message)]}

    def _with_bytes(self, part: Any) -> Any:
        address = image_address(part) or ""
        image = self.images.get(address.removeprefix(STORED_IMAGE_SCHEME))
        if image is None or not address.startswith(STORED_IMAGE_SCHEME):
            return part
        return at_address(part, store.as_data_uri(image))


def _metrics(project: Project, records: Iterable[TrainingRecord]) -> dict[str, Metric]:
    """The metrics that records name; one that is there no more is made again."""
    found = {}
    for record in records:
        named: dict[str, Any] = dict(record.feedback)
        if record.other is not None:
            named[record.metric or NO_METRIC] = True
        for key, value in named.items():
            if key not in found:
                kind = Metric.Kind.BOOL if isinstance(value, bool) else Metric.Kind.SCALAR
                found[key] = metrics.ensure(project, key, kind=kind)
    return found
