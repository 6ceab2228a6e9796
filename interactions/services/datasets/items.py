"""Records added to a dataset, many at a time."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Max

from adaptive_site.lib import exact_json
from adaptive_site.lib.database.bulk_insert import Row, write_rows
from adaptive_site.lib.database.nul import without_nul_inside
from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.ids import uuid4
from interactions.models import Dataset, DatasetBatch, DatasetItem
from interactions.services.datasets import drafts
from interactions.services.datasets.placing import answer_digests
from interactions.services.recording.log import prompt_hash
from interactions.services.training import tokens
from interactions.services.training.record import ModelAnswer, TrainingRecord

RECORDS_AT_ONCE = 500
BYTES_AT_ONCE = 16 * 1024 * 1024
_COLUMNS = (
    "item", "project_id", "dataset_id", "batch_id", "position", "since", "interaction_id",
    "other_id", "split", "review", "prompt_hash", "session_id", "model", "tokens", "content",
    "answer_digest",
)  # fmt: skip
_NUL = b"\\u0000"


@transaction.atomic
def add(
    dataset: Dataset,
    records: Iterable[TrainingRecord],
    *,
    batch: DatasetBatch,
    review: str = DatasetItem.Review.NONE,
) -> int:
    """Add records after the last of the draft; returns how many that were.

    May be called again for the same batch, as the steps of a job do. Raises Invalid naming the
    first record (from 1) that lacks what the kind of the dataset asks for, and adds none then.
    """
    locked = drafts.lock(dataset)
    mine = DatasetItem.objects.in_project(locked.project).filter(dataset=locked)
    last = mine.aggregate(last=Max("position"))["last"] or 0
    writing = _Writing(locked, batch, review, last)
    for some in _of_few_bytes(writing.row(one) for one in records):
        writing.write(some)
    n = writing.position - last
    DatasetBatch.objects.in_project(locked.project).filter(id=batch.id).update(
        records=F("records") + n
    )
    batch.records += n
    if review in DatasetItem.INCLUDED:
        drafts.count(locked, n)
    dataset.records = locked.records
    return n


class _Writing:
    """Records as they are made rows."""

    def __init__(self, dataset: Dataset, batch: DatasetBatch, review: str, last: int) -> None:
        self.dataset = dataset
        self.position = last
        self._first = last
        self._review = review
        self._ids = (str(dataset.project_id), str(dataset.id), batch.id)
        self._answers: list[Sequence[ModelAnswer]] = []
        self._images: set[str] = set()
        self._known: set[str] = set()

    def row(self, record: TrainingRecord) -> tuple[Row, int]:
        """The row of the next record, with its bytes."""
        check(self.dataset.kind, record, number=self.position - self._first + 1)
        content = exact_json.dumps(record.content)
        if _NUL in content:
            record, content = _without_nul(record)
        self._images.update(record.images)
        self._answers.append(record.answers)
        self.position += 1
        row = (
            str(uuid4()), *self._ids, self.position, self.dataset.draft,
            _text(record.interaction_id), _text(record.other_id), record.split, self._review,
            str(prompt_hash(record.messages)), _session(record),
            (record.answer.model or "") if record.answer else "",
            tokens.of_record(record), content.decode(),
        )  # fmt: skip
        return row, len(content)

    def write(self, rows: list[Row]) -> None:
        """Write rows, and hold the images in them."""
        self._hold(self._images - self._known)
        self._known |= self._images
        self._images = set()
        digests = answer_digests.of_records(self._answers)
        self._answers = []
        whole = [(*row, _text(one)) for row, one in zip(rows, digests, strict=True)]
        write_rows("dataset_item", _COLUMNS, whole)

    def _hold(self, hashes: set[str]) -> None:
        """Have images stay while the dataset does; their rows are locked till then, so that
        none is swept away in between. Those of other projects are not ours to hold.
        """
        if not hashes:
            return
        held = fetch(
            Sql(
                "SELECT id FROM image WHERE project_id = %s AND sha256 = ANY(%s)"
                " ORDER BY sha256 FOR KEY SHARE",
                (self.dataset.project_id, sorted(hashes)),
            )
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO dataset_image (dataset_id, image_id, batch_id)"
                " SELECT %s, unnest(%s::bigint[]), %s ON CONFLICT DO NOTHING",
                [self.dataset.id, [id for (id,) in held], self._ids[-1]],
            )


def _of_few_bytes(rows: Iterable[tuple[Row, int]]) -> Iterator[list[Row]]:
    """Rows as many at a time as are few, and few bytes."""
    rows = iter(rows)
    while some := list(islice(rows, 1)):
        size = some[0][1]
        while len(some) < RECORDS_AT_ONCE and size < BYTES_AT_ONCE:
            if not (more := list(islice(rows, 1))):
                break
            some += more
            size += more[0][1]
        yield [row for row, _ in some]


def check(kind: str, record: TrainingRecord, *, number: int) -> None:
    """Raise Invalid, naming the record, when it lacks what the kind asks for or has more."""
    answers = len(record.answers)
    wanted = {Dataset.Kind.PROMPT: 0, Dataset.Kind.PREFERENCE: 2}.get(Dataset.Kind(kind), 1)
    if answers != wanted or (wanted and record.answer is None):
        said = ["no completion", "a completion", "a preferred completion and another"][wanted]
        raise Invalid(f"expected {said} in a dataset of the kind {kind}",
                      field=f"records.{number}")  # fmt: skip
    if not record.messages:
        raise Invalid("expected at least one message", field=f"records.{number}.messages")


def _without_nul(record: TrainingRecord) -> tuple[TrainingRecord, bytes]:
    """The record as the database can hold it. A backslash may stand before `u0000`, too."""
    content = without_nul_inside(record.content)
    cleaned = TrainingRecord.of(
        content,
        interaction_id=record.interaction_id,
        other_id=record.other_id,
        split=record.split,
    )
    return cleaned, exact_json.dumps(content)


def _session(record: TrainingRecord) -> str | None:
    """The id of the session; None of none, and of a file's own that are no UUID."""
    try:
        return str(UUID(record.session_id)) if record.session_id else None
    except ValueError:
        return None


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)
