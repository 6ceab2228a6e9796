"""Which interactions a job erases: noted once, since a filter finds them no more afterwards."""

import time
from collections.abc import Callable, Collection
from uuid import UUID

from django.db import connection

from interactions.models import ErasureTarget, Job, Selection
from interactions.services import selections
from interactions.services.erasure.sought_words import SoughtWords
from interactions.services.erasure.stepping import STEP_SECONDS, is_mask, progress
from interactions.services.holds import held

IDS_AT_ONCE = 2_000
BODIES_AT_ONCE = 500
BODY_TEXT = (
    "concat_ws(E'\\n', b.messages::text, b.completion, b.completion_parts::text,"
    " b.parameters::text, b.usage::text, b.system::text, b.user_metadata::text)"
)


def words_of(job: Job) -> SoughtWords:
    """The words that the job looks for."""
    return SoughtWords(tuple(job.arguments.get("words", ())), is_mask(job))


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


def each(job: Job, do: Callable[[list[UUID]], None], *, at_once: int) -> bool:
    """Do it to all ids, `at_once` at a time, until the step has taken its time.

    Returns whether that was all; what came under a hold since they were found is forgotten then.
    """
    place = progress(job)
    mine = ErasureTarget.objects.in_project(job.project).filter(job=job)
    if job.total is None:
        job.total = mine.count()
    ends = time.monotonic() + STEP_SECONDS
    while time.monotonic() < ends:
        later = mine.filter(interaction_id__gt=UUID(place["after"])) if "after" in place else mine
        some = later.order_by("interaction_id").values_list("interaction_id", flat=True)
        ids = list(some[:at_once])
        if not ids:
            spare_held(job)
            return True
        do(ids)
        place["after"] = str(ids[-1])
        job.done += len(ids)
    return False


def sought_ids(job: Job) -> set[str]:
    """The ids that are looked for, as texts have them; what is masked keeps its own."""
    return set() if is_mask(job) else {str(id) for id in ids_of(job)}


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
    if job.arguments.get("by_words") and not _gather_by_words(job, ends):
        return False
    _add_from_bin(job)
    spare_held(job)
    return True


def _gather_by_words(job: Job, ends: float) -> bool:
    """Note interactions in which a word stands, some a step; whether these were all."""
    place, words = progress(job), words_of(job)
    row = words.test("concat_ws(E'\\n', i.external_id, i.said_by)")
    body = words.test(BODY_TEXT)
    while time.monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT i.id, {row.text} OR {body.text} FROM interaction i"
                " LEFT JOIN interaction_body b ON b.interaction_id = i.id"
                " WHERE i.project_id = %s AND i.id > %s ORDER BY i.id LIMIT %s",
                [
                    *row.params,
                    *body.params,
                    job.project_id,
                    UUID(place.get("after", str(UUID(int=0)))),
                    BODIES_AT_ONCE,
                ],
            )
            found: list[tuple[UUID, bool]] = cursor.fetchall()
        if not found:
            return True
        add(job, [id for id, holds in found if holds])
        place["after"] = str(found[-1][0])
        job.done += len(found)
    return False


def spare_held(job: Job) -> None:
    """Let the job forget those under legal hold, in the list or in the bin, and count them."""
    held.share_lock(job.project)
    test = held.is_held_anywhere(job.project, "t.interaction_id")
    if test is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM erasure_target t WHERE t.project_id = %s AND t.job_id = %s"
            f" AND {test.text}",
            [job.project_id, job.id, *test.params],
        )
        job.cursor["held"] = job.cursor.get("held", 0) + cursor.rowcount


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
    job.arguments = {"mask": True} if is_mask(job) else {}
    mine.update(arguments=job.arguments)
