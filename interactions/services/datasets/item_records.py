"""Which rows are in a version, and the records they hold."""

from dataclasses import replace

from django.db.models import Q

from adaptive_site.lib.database.sql import Sql
from interactions.models import Dataset, DatasetItem
from interactions.services.training.record import TrainingRecord
from projects.models import InProject


def rows(dataset: Dataset, version: int | None = None) -> InProject[DatasetItem]:
    """The rows of a version, or without a number of the draft, whatever was decided of them."""
    mine = DatasetItem.objects.in_project(dataset.project).filter(dataset=dataset)
    if version is None:
        return mine.filter(until=None)
    return mine.filter(Q(until=None) | Q(until__gt=version), since__lte=version)


def included(dataset: Dataset, version: int | None = None) -> InProject[DatasetItem]:
    """Those that are in files: not rejected, and not waiting for review."""
    return rows(dataset, version).filter(review__in=DatasetItem.INCLUDED)


def rows_sql(dataset: Dataset, version: int | None = None) -> Sql:
    """The test of `rows` in SQL, but for the project."""
    mine = Sql("dataset_id = %s", (dataset.id,))
    if version is None:
        return mine & Sql("until IS NULL")
    return mine & Sql("since <= %s AND (until IS NULL OR until > %s)", (version, version))


def included_sql(dataset: Dataset, version: int | None = None) -> Sql:
    """The test of `included` in SQL, but for the project."""
    return rows_sql(dataset, version) & Sql("review IN ('', 'approved')")


def record_of(item: DatasetItem, *, is_original: bool = False) -> TrainingRecord:
    """The record of a row, with the corrected answer unless it shall be the original."""
    record = TrainingRecord.of(
        item.content,
        interaction_id=item.interaction_id,
        other_id=item.other_id,
        split=item.split,
    )
    return record if is_original else corrected(record, item.correction)


def corrected(record: TrainingRecord, correction: str | None) -> TrainingRecord:
    """The record with another text of its answer, where a person has written one."""
    if correction is None or record.answer is None:
        return record
    # Content in parts would stand in the place of the text.
    beside = record.answer.parts or {}
    parts = {name: value for name, value in beside.items() if name != "content"}
    return replace(record, answer=replace(record.answer, text=correction, parts=parts or None))
