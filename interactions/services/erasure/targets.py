"""Which interactions a job erases: noted once, since a filter finds them no more afterwards."""

import time
from collections.abc import Collection
from uuid import UUID

from django.db import connection

from interactions.models import ErasureTarget, Job, Selection
from interactions.services import selections
from interactions.services.erasure.sought_words import SoughtWords
from interactions.services.erasure.stepping import STEP_SECONDS, progress

IDS_AT_ONCE = 2_000


def words_of(job: Job) -> SoughtWords:
    """The words that the job looks for."""
    return SoughtWords(tuple(job.arguments.get("words", ())))


def add(job: Job, ids: Collection[UUID]) -> None:
    """Have these interactions erased by the job."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO erasure_target (project_id, job_id, interaction_id)"
            " SELECT %s, %s, unnest(%s::uuid[]) ON CONFLICT DO NOTHING",
            [job.project_id, job.id, list(ids)],
        )


def ids_of(job: Job) -> list[UUID]:
    """All ids, oldest first."""
    mine = ErasureTarget.objects.in_project(job.project).filter(job=job)
    return list(mine.order_by("interaction_id").values_list("interaction_id", flat=True))


def gather(job: Job) -> bool:
    """Note some ids of the job's selection, and at last those in the bin that hold the words."""
    uuid = job.arguments.get("selection")
    ends = time.monotonic() + STEP_SECONDS
    selection = None if uuid is None else selections.known(job.project, UUID(uuid))
    while selection is not None:
        place = progress(job)
        after = UUID(place["after"]) if "after" in place else None
        piece = selections.piece(selection, after=after, limit=IDS_AT_ONCE)
        add(job, piece.ids)
        job.done += len(piece.ids)
        if piece.end is None:
            _forget(selection)
            break
        place["after"] = str(piece.end)
        if time.monotonic() > ends:
            return False
    _add_from_bin(job)
    return True


def _forget(selection: Selection) -> None:
    """What was asked for may be the very words that shall be found nowhere."""
    mine = Selection.objects.in_project(selection.project).filter(id=selection.id)
    mine.update(query=None, came_from="", includes=[], excludes=[])


def _add_from_bin(job: Job) -> None:
    test = words_of(job).test("c.before::text")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO erasure_target (project_id, job_id, interaction_id)"
            " SELECT DISTINCT %s, %s, c.interaction_id FROM bulk_action_change c"
            " JOIN bulk_action a ON a.id = c.action_id"
            f" WHERE a.project_id = %s AND a.kind = 'delete' AND {test.text}"
            " ON CONFLICT DO NOTHING",
            [job.project_id, job.id, job.project_id, *test.params],
        )


def forget(job: Job) -> None:
    """Drop what the job was for: ids, words, filter."""
    uuid = job.arguments.get("selection")
    if uuid is not None:
        _forget(selections.known(job.project, UUID(uuid)))
    ErasureTarget.objects.in_project(job.project).filter(job=job).delete()
    mine = Job.objects.in_project(job.project).filter(id=job.id)
    job.arguments = {}
    mine.update(arguments={})
