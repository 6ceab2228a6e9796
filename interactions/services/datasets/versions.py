"""Versions: the draft frozen, with a digest of all its records."""

from datetime import UTC, datetime
from hashlib import sha256

from django.db import transaction

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.errors import Invalid, NotFound
from interactions.models import Dataset, DatasetVersion
from interactions.services.datasets import drafts, figures
from interactions.services.datasets.item_records import included_sql
from interactions.services.job_watch import StepWatch
from projects.models import User
from projects.services import audit
from projects.services.access import EDIT_DATASETS, Caller

READING = "reading the records"
READ_AT_ONCE = 5_000
# What a record is in a version: PostgreSQL writes equal JSON in one way only, whatever the order
# of its members was.
_SAID = "jsonb_build_array(content, correction, split, interaction_id, other_id)::text"


@transaction.atomic
def make(dataset: Dataset, *, by: User, note: str = "") -> DatasetVersion:
    """Freeze the draft as the next version.

    Raises Invalid when nothing in it has changed since the last one, nothing is in it, or a job
    is adding records.
    """
    Caller(by).check_may(EDIT_DATASETS, dataset.project)
    locked = drafts.lock(dataset)
    drafts.check_idle(locked)
    made = freeze(locked, by=by, note=note)
    dataset.head = made.number
    return made


@transaction.atomic
def freeze(
    dataset: Dataset, *, by: User, note: str = "", watch: StepWatch | None = None
) -> DatasetVersion:
    """Freeze the draft as `make` does, for a job. Raises Invalid when nothing in it has changed
    since the last one, or nothing is in it.

    With `watch` the dataset is not locked while its records are read: nobody changes them then
    (`drafts.check_open`), and whoever tries is told so at once.
    """
    project, now = dataset.project, dataset if watch else drafts.lock(dataset)
    records, digest = digest_of(now, watch=watch)
    patience = None
    if watch is not None:
        watch("counting tokens, models, labels and metrics", records, records)
        patience = figures.JOB_MAKE_UP_MS
    counted = figures.of(now, make_up_ms=patience)
    locked = drafts.lock(dataset)
    last = newest(locked)
    if last is None and not records:
        raise Invalid("there are no records that a version could have")
    if last is not None and last.digest == digest:
        raise Invalid(f"nothing has changed since version {last.number}")
    made = DatasetVersion.objects.create(
        project=project,
        dataset=locked,
        number=locked.draft,
        created_by=by,
        created_at=datetime.now(UTC),
        note=without_nul(note).strip(),
        records=records,
        digest=digest,
        figures=counted.as_json(),
    )
    locked.head = dataset.head = made.number
    locked.save(update_fields=["head"])
    audit.record(
        project, actor=by, verb="dataset.version", subject=dataset.key, version=made.number,
        records=records,
    )  # fmt: skip
    return made


def digest_of(
    dataset: Dataset, version: int | None = None, *, watch: StepWatch | None = None
) -> tuple[int, str]:
    """How many records a version or the draft has, and the SHA-256 of their SHA-256s in order."""
    digest, n, after = sha256(), 0, 0
    while True:
        valid = included_sql(dataset, version) & Sql("position > %s", (after,))
        ((found, last, digests),) = fetch(
            Sql(
                "SELECT count(*), max(position), string_agg("
                f"sha256(convert_to({_SAID}, 'UTF8')), ''::bytea ORDER BY position)"
                f" FROM (SELECT * FROM dataset_item WHERE project_id = %s AND {valid.text}"
                " ORDER BY position LIMIT %s) m",
                (dataset.project_id, *valid.params, READ_AT_ONCE),
            )
        )
        digest.update(digests or b"")
        n += found
        if watch is not None:
            watch(READING, n)
        if found < READ_AT_ONCE:
            return n, digest.hexdigest()
        after = last


def of(dataset: Dataset) -> list[DatasetVersion]:
    """All versions, the latest first."""
    mine = DatasetVersion.objects.in_project(dataset.project).filter(dataset=dataset)
    return list(mine.select_related("created_by").order_by("-number"))


def newest(dataset: Dataset) -> DatasetVersion | None:
    """The latest version, if one was made."""
    return next(iter(of(dataset)[:1]), None)


def known(dataset: Dataset, number: int) -> DatasetVersion:
    """The version with this number. Raises NotFound."""
    mine = DatasetVersion.objects.in_project(dataset.project).filter(dataset=dataset)
    found = mine.select_related("created_by").filter(number=number).first()
    if found is None:
        raise NotFound(f"{dataset.key} has no version {number}")
    found.project, found.dataset = dataset.project, dataset
    return found


def is_changed(dataset: Dataset) -> bool:
    """Whether rows of the draft have come, gone or changed since the last version."""
    ((found,),) = fetch(
        Sql(
            "SELECT EXISTS (SELECT FROM dataset_item WHERE project_id = %s AND dataset_id = %s"
            " AND (since = %s AND until IS NULL OR since < %s AND until = %s))",
            (dataset.project_id, dataset.id, dataset.draft, dataset.draft, dataset.draft),
        )
    )
    return bool(found)
