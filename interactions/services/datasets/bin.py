"""The bin of deleted datasets: what has been in it for long is removed for good, in pieces."""

from datetime import UTC, datetime, timedelta

from django.core.files.storage import default_storage
from django.db import connection, transaction

from interactions.models import Dataset

DELETED_KEPT = timedelta(days=30)
ROWS_REMOVED_AT_ONCE = 2_000


@transaction.atomic
def purge_some() -> int:
    """Remove some rows of a dataset that was deleted long ago, or rows that no version has.

    Returns how many that were, 0 when nothing is left.
    """
    old = Dataset.objects.filter(deleted_at__lt=datetime.now(UTC) - DELETED_KEPT)
    dataset = old.order_by("deleted_at").select_for_update(skip_locked=True).first()
    return 0 if dataset is None else _purge(dataset)


def _purge(dataset: Dataset) -> int:
    """Images that it alone held are then swept away with their files."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM dataset_item WHERE project_id = %s AND id IN"
            " (SELECT id FROM dataset_item WHERE project_id = %s AND dataset_id = %s LIMIT %s)",
            [dataset.project_id, dataset.project_id, dataset.id, ROWS_REMOVED_AT_ONCE],
        )
        n = int(cursor.rowcount)
        if n == ROWS_REMOVED_AT_ONCE:
            return n
        cursor.execute("DELETE FROM dataset_image WHERE dataset_id = %s", [dataset.id])
    if dataset.original:
        default_storage.delete(dataset.original)
    dataset.delete()  # versions and batches go with it
    return n + 1
