"""What is left of deleted projects, removed for good a little at a time.

Nobody sees a project from the moment it is deleted (`projects.services.projects.delete`). Rows go
in batches, files with them, the project's name at the very end: so whatever is interrupted is
taken up again. The project's id stays, since the audit log names it.
"""

import logging
import time
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from interactions.models import Dataset, Upload
from interactions.services.editing.deletion import delete_together
from interactions.services.images import store
from interactions.services.uploads import parts
from projects.models import Project

INTERACTIONS_REMOVED_AT_ONCE = 1_000
ROWS_REMOVED_AT_ONCE = 20_000
SECONDS_OF_REMOVING = 2.0
# Any number: with a project's id it names the lock under which that project is removed.
_LOCK = 0x5EED_DE1E
_OF_PROJECT = "project_id = %s"
_OF = "IN (SELECT id FROM {} WHERE project_id = %s)"
# After the interactions, in an order in which nothing is pointed to any more when it goes.
_ROWS = (
    ("bulk_action_change", f"action_id {_OF.format('bulk_action')}"),
    ("bulk_action_image", f"action_id {_OF.format('bulk_action')}"),
    ("dataset_image", f"dataset_id {_OF.format('dataset')}"),
    ("planned_record", f"job_id {_OF.format('job')}"),
    *(
        (table, _OF_PROJECT)
        for table in (
            "dataset_item", "search_posting", "search_ids", "search_words", "search_segment",
            "arrival", "label_delta", "feedback_delta", "label_count", "feedback_count",
            "erasure_target", "legal_hold", "retention", "erasure_record",
            "interaction_label", "undo_entry", "interactions_listpreference",
            "interactions_savedview", "dataset_version", "dataset_batch", "dataset", "job",
            "bulk_action", "selection", "label", "preview_renewal", "masked_count",
            "projects_invitation", "projects_projectllm", "projects_metric",
        )
    ),
)  # fmt: skip

logger = logging.getLogger(__name__)


def remove_some() -> int:
    """Remove some of a deleted project, for about two seconds; 0 when nothing is left of any."""
    project = Project.objects.filter(deleted_at__isnull=False).exclude(name="").first()
    if project is None:
        return 0
    deadline = time.monotonic() + SECONDS_OF_REMOVING
    done = 0
    while time.monotonic() < deadline and (n := _remove_batch(project)):
        done += n
    return done


@transaction.atomic
def _remove_batch(project: Project) -> int:
    """Remove the next of it; how much that was, 0 when all is gone, or another worker is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, project.id])
        if cursor.fetchone() != (True,):
            return 0
        cursor.execute(
            "SELECT id FROM interaction WHERE project_id = %s ORDER BY id LIMIT %s",
            [project.id, INTERACTIONS_REMOVED_AT_ONCE],
        )
        ids: list[UUID] = [id for (id,) in cursor.fetchall()]
    if ids:
        return delete_together(project, ids, with_held=True).interactions
    return _remove_files(project) or _remove_rows(project) or _finish(project)


def _remove_files(project: Project) -> int:
    """Uploads, what datasets were made from, and exports; images follow their rows."""
    for upload in Upload.objects.filter(project=project).select_related("created_by")[:20]:
        parts.drop(upload)
        return 1
    for dataset in Dataset.objects.in_project(project).exclude(original="")[:20]:
        default_storage.delete(dataset.original)
        dataset.original = ""
        dataset.save(update_fields=["original"])
        return 1
    return 0


def _remove_rows(project: Project) -> int:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE selection SET changed_by_id = NULL WHERE project_id = %s"
                       " AND changed_by_id IS NOT NULL", [project.id])  # fmt: skip
        cursor.execute(
            "UPDATE projects_project SET primary_metric_id = NULL"
            " WHERE id = %s AND primary_metric_id IS NOT NULL",
            [project.id],
        )
        for table, condition in _ROWS:
            cursor.execute(
                f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("
                f"SELECT ctid FROM {table} WHERE {condition} LIMIT %s))",
                [project.id, ROWS_REMOVED_AT_ONCE],
            )
            if cursor.rowcount:
                return int(cursor.rowcount)
    return store.sweep(project)


def _finish(project: Project) -> int:
    """Remove the folders, and the name: then nothing is left to be done."""
    for folder in (f"images/{project.id}", f"datasets/{project.id}", f"exports/{project.uuid}"):
        _remove_folder(folder)
    project.own_teams.all().delete()
    project.name = project.description = ""
    project.keep_days = None
    project.save(update_fields=["name", "description", "keep_days"])
    took = timezone.now() - (project.deleted_at or timezone.now())
    logger.info("project %s is removed, %s after it was deleted", project.uuid, took)
    return 1


def _remove_folder(folder: str) -> None:
    """A folder of the storage, with all that is in it."""
    if not default_storage.exists(folder):
        return
    folders, files = default_storage.listdir(folder)
    for name in files:
        default_storage.delete(f"{folder}/{name}")
    for name in folders:
        _remove_folder(f"{folder}/{name}")
    default_storage.delete(folder)
