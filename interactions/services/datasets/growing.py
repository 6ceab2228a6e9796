"""What a worker does for datasets that grow: new matches of their filters, a piece at a time."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from adaptive_site.lib.errors import DomainError
from interactions.filters.sql import queries
from interactions.models import Comparison, Dataset, DatasetBatch, DatasetItem
from interactions.models.dataset import DatasetQuerySet
from interactions.services.datasets import drafts, items
from interactions.services.datasets import growth as growths
from interactions.services.datasets.growth import PAUSES, Growth, GrowthDedupe, Schedule
from interactions.services.recording.log import prompt_hash
from interactions.services.training import from_interactions
from interactions.services.training.from_interactions import Chosen
from interactions.services.training.record import TrainingRecord
from projects.models import User
from projects.services import audit
from projects.services.access import EDIT_DATASETS, Caller

IDS_AT_ONCE = 2_000  # of matches that are looked at
RECORDS_AT_ONCE = 500  # that are taken
MATCHES_MS = 10_000
AGAIN_AFTER = timedelta(minutes=10)
WAIT_FOR_JOB = timedelta(seconds=5)
LONGEST_REST = timedelta(hours=1)  # after errors
ONE_BATCH = timedelta(hours=1)  # for as long what is taken at once is one entry of the lineage
Key = tuple[UUID, str | None]

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Taken:
    """What a piece of growing came to: how many were left after each step."""

    matched: int
    new: int = 0
    deduped: int = 0
    records: int = 0


def grow_some() -> int:
    """Take some new matches for the dataset whose turn it is; returns 0 when none is waiting."""
    dataset = _due().select_related("project").first()
    if dataset is None:
        return 0
    try:
        with transaction.atomic():
            locked = _due().filter(id=dataset.id).select_for_update(skip_locked=True).first()
            if locked is None:
                return 0
            locked.project = dataset.project
            _grow(locked)
    except Exception as error:
        if not isinstance(error, DomainError):
            logger.exception("the dataset %s did not grow", dataset.id)
        _note(dataset, error)
    return 1


def _due() -> DatasetQuerySet:
    now = datetime.now(UTC)
    due = Dataset.objects.present().filter(grows_next_at__lte=now)
    return due.order_by("grows_next_at")


def _grow(dataset: Dataset) -> None:
    if drafts.is_filled(dataset):
        _wait(dataset)
        return
    growth = Growth.of(dataset)
    if growth is None or not growth.is_on:
        Dataset.objects.in_project(dataset.project).filter(id=dataset.id).update(grows_next_at=None)
        return
    by = User.objects.filter(id=growth.by).first()
    if by is None or not by.is_active or not Caller(by).may(EDIT_DATASETS, dataset.project):
        name = by.name if by else "who started it"
        growths.end(dataset, growth, f"{name} may not write in this project any more")
        return
    room = None if growth.cap is None else growth.cap - _held(dataset)
    if room is not None and room <= 0:
        growths.end(dataset, growth, f"it has the {growth.cap:,} records it was to have")
        return
    _take(dataset, growth, by, room)


def _wait(dataset: Dataset) -> None:
    """Look again soon: a job is putting records in, which would be taken twice."""
    mine = Dataset.objects.in_project(dataset.project).filter(id=dataset.id)
    mine.update(grows_next_at=datetime.now(UTC) + WAIT_FOR_JOB)


def _take(dataset: Dataset, growth: Growth, by: User, room: int | None) -> None:
    now = datetime.now(UTC)
    with time_limit(MATCHES_MS):
        ids = queries.window(
            dataset.project, growth.tree(), limit=IDS_AT_ONCE, after=growth.place, oldest_first=True
        )
    looked, chosen = _chosen(dataset, ids)
    taken = Taken(len(looked), len(chosen))
    records = _deduped(dataset, growth, chosen)
    taken.deduped = len(records)
    records = records[:room]
    if records:
        growth = _add(dataset, growth, by, records, taken)
    growth = replace(growth, error="", failures=0)
    if room is not None and len(records) == room:
        # It stays where it was: those that had no room are looked at should it have more.
        growths.end(dataset, growth, f"it has the {growth.cap:,} records it was to have")
        return
    growth = replace(growth, after=str(looked[-1]) if looked else growth.after)
    if len(looked) < len(ids) or len(ids) == IDS_AT_ONCE:
        growths.keep(dataset, growth, at=now)
    else:
        growths.keep(dataset, _rested(growth, now), at=now + PAUSES[Schedule(growth.schedule)])


def _rested(growth: Growth, now: datetime) -> Growth:
    """All matches have been looked at; the next walk begins with the first of them again.

    At once for what grows seldom, and every `AGAIN_AFTER` for what grows at once: feedback and
    labels come later than the interactions.
    """
    again = growth.again_at and datetime.fromisoformat(growth.again_at)
    if growth.schedule != Schedule.AT_ONCE:
        return replace(growth, after=growth.first)
    if again and now < again:
        return growth
    after = growth.first if again else growth.after
    return replace(growth, after=after, again_at=(now + AGAIN_AFTER).isoformat())


def _held(dataset: Dataset) -> int:
    """How many records count for the cap: those in files, and those that wait for review."""
    mine = DatasetItem.objects.in_project(dataset.project).filter(dataset=dataset, until=None)
    return mine.exclude(review=DatasetItem.Review.REJECTED).count()


def _chosen(dataset: Dataset, ids: Sequence[UUID]) -> tuple[list[UUID], list[Chosen]]:
    """The matches that were looked at, and what is to be made of those that the dataset never
    had; what was removed from it does not come back.
    """
    mine = DatasetItem.objects.in_project(dataset.project).filter(dataset=dataset)
    known = mine.filter(interaction_id__in=ids).values_list("interaction_id", "other_id")
    had = set(known)
    pairs = _pairs(dataset, ids) if dataset.kind == Dataset.Kind.PREFERENCE else None
    looked: list[UUID] = []
    chosen: list[Chosen] = []
    for id in ids:
        if len(chosen) >= RECORDS_AT_ONCE:
            break
        looked.append(id)
        some = [Chosen(id)] if pairs is None else pairs.get(id, [])
        for one in some:
            if (one.interaction_id, one.other_id) not in had:
                had.add((one.interaction_id, one.other_id))
                chosen.append(one)
    return looked, chosen


def _pairs(dataset: Dataset, ids: Sequence[UUID]) -> dict[UUID, list[Chosen]]:
    """The comparisons that preferred these interactions, without ties."""
    given = Comparison.objects.in_project(dataset.project).filter(preferred_id__in=ids, tied=None)
    found: dict[UUID, list[Chosen]] = {}
    for preferred, other, metric in given.order_by("id").values_list(
        "preferred_id", "other_id", "metric__key"
    ):
        found.setdefault(preferred, []).append(Chosen(preferred, other, metric))
    return found


def _deduped(dataset: Dataset, growth: Growth, chosen: Sequence[Chosen]) -> list[TrainingRecord]:
    """The records, without empty answers and those that are there already.

    One whose prompt is there goes into the same split as that.
    """
    made = from_interactions.records(dataset.project, chosen, kind=dataset.kind)
    hashed = [(prompt_hash(one.messages), one) for one in made if _has_answers(one)]
    there = _there(dataset, {hash for hash, _ in hashed}, growth.dedupe)
    prompts = {hash: split for hash, _, split in there}
    seen: set[Key] = {(hash, answer) for hash, answer, _ in there}
    kept = []
    for hash, one in hashed:
        answer = one.answer.text if one.answer and growth.dedupe == GrowthDedupe.ANSWER else None
        if growth.dedupe != GrowthDedupe.NONE and (hash, answer) in seen:
            continue
        seen.add((hash, answer))
        kept.append(replace(one, split=prompts.get(hash, one.split)))
    return kept


def _has_answers(record: TrainingRecord) -> bool:
    return all(one.text.strip() or one.parts for one in record.answers)


def _there(
    dataset: Dataset, hashes: Iterable[UUID], dedupe: str
) -> list[tuple[UUID, str | None, str]]:
    """Prompt, answer where it is asked for, and split of the records with these prompts."""
    answer = "content->'answer'->>'text'" if dedupe == GrowthDedupe.ANSWER else "NULL"
    query = Sql(
        f"SELECT DISTINCT prompt_hash, {answer}, split FROM dataset_item"
        " WHERE project_id = %s AND dataset_id = %s AND until IS NULL"
        " AND prompt_hash = ANY(%s::uuid[])",
        (dataset.project_id, dataset.id, list(hashes)),
    )
    return [(hash, text, split) for hash, text, split in fetch(query)]


def _add(
    dataset: Dataset, growth: Growth, by: User, records: Sequence[TrainingRecord], taken: Taken
) -> Growth:
    """Add records to the entry of the lineage that is open, or to a new one."""
    batch = _open_batch(dataset, growth) or _new_batch(dataset, growth, by)
    review = DatasetItem.Review.WAITING if growth.gate else DatasetItem.Review.NONE
    taken.records = items.add(dataset, records, batch=batch, review=review)
    before = {step["step"]: step["left"] for step in batch.steps}
    steps = {"new matches": taken.new, "not there already": taken.deduped, "taken": taken.records}
    batch.steps = [{"step": s, "left": before.get(s, 0) + n} for s, n in steps.items()]
    batch.save(update_fields=["steps"])
    now = datetime.now(UTC).isoformat()
    return replace(growth, batch=batch.id, taken=growth.taken + taken.records, last_taken_at=now)


def _open_batch(dataset: Dataset, growth: Growth) -> DatasetBatch | None:
    """What was taken within the hour is one entry, unless a version was made or it was undone."""
    mine = DatasetBatch.objects.in_project(dataset.project).filter(dataset=dataset)
    return mine.filter(
        id=growth.batch or 0,
        version=dataset.draft,
        undone_at=None,
        created_at__gt=datetime.now(UTC) - ONE_BATCH,
    ).first()


def _new_batch(dataset: Dataset, growth: Growth, by: User) -> DatasetBatch:
    words = growths.sentence(dataset.project, growth)
    audit.record(
        dataset.project, actor=by, verb="dataset.grew", subject=dataset.key, filter=growth.query
    )
    return DatasetBatch.objects.create(
        project=dataset.project,
        dataset=dataset,
        origin=DatasetBatch.Origin.GROWTH,
        created_by=by,
        created_at=datetime.now(UTC),
        recipe={"query": growth.query, "words": words, "dedupe": growth.dedupe,
                "schedule": growth.schedule, "gate": growth.gate},
        version=dataset.draft,
    )  # fmt: skip


def _note(dataset: Dataset, error: Exception) -> None:
    """Write what went wrong where people see it; what cannot be read again is not tried again."""
    with transaction.atomic():
        mine = Dataset.objects.in_project(dataset.project).filter(id=dataset.id)
        locked = mine.select_for_update().first()
        growth = None if locked is None else Growth.of(locked)
        if locked is None or growth is None or not growth.is_on:
            return
        is_told = isinstance(error, DomainError)
        said = (str(error) if is_told else f"{type(error).__name__}: {error}")[:1000]
        if is_told and not isinstance(error, TookTooLong):
            growths.end(locked, growth, said)
            return
        failures = growth.failures + 1
        rest = min(LONGEST_REST, timedelta(seconds=2 ** min(failures, 12)))
        noted = replace(growth, error=said, failures=failures)
        growths.keep(locked, noted, at=datetime.now(UTC) + rest)
