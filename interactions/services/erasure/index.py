"""Erasing interactions from the index of texts: segment by segment, then the list of words."""

from django.db import connection

from interactions.models import Job
from interactions.services.erasure.stepping import count, is_mask, progress
from interactions.services.erasure.targets import ids_of
from interactions.textindex import erasing


def erase_from_index(job: Job) -> bool:
    """Write the next segment anew that holds what is erased; at the end forget its words.

    What is written here comes last, and holds nothing of it. Whoever indexed texts that were just
    being deleted has ended when the words are locked: then there may be a segment more.
    """
    place = progress(job)
    segment = erasing.next_segment(job.project_id, after=place.get("after", 0))
    if segment is None and is_mask(job):
        _index_again(job)
    if segment is None:
        erasing.drop_unused_words(job.project_id)
        return erasing.next_segment(job.project_id, after=place.get("after", 0)) is None
    if held := erasing.take_out(job.project_id, segment, {id.bytes for id in ids_of(job)}):
        count(job, "interactions in the index of texts", held)
    place["after"] = segment
    job.done += 1
    return False


def _index_again(job: Job) -> None:
    """Have what was masked wait for the index, with the texts as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO arrival (project_id, interaction_ids)"
            " SELECT %s, array_agg(i.id ORDER BY i.id) FROM interaction i JOIN erasure_target t"
            "  ON t.project_id = i.project_id AND t.interaction_id = i.id"
            " WHERE i.project_id = %s AND t.job_id = %s HAVING count(*) > 0",
            [job.project_id, job.project_id, job.id],
        )
