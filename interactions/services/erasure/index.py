"""Erasing interactions from the index of texts: segment by segment, then the list of words."""

from interactions.models import Job
from interactions.services.erasure.stepping import count, progress
from interactions.services.erasure.targets import ids_of
from interactions.textindex import erasing


def erase_from_index(job: Job) -> bool:
    """Write the next segment anew that holds what is erased; at the end forget its words.

    What is written here comes last, and holds nothing of it. Whoever indexed texts that were just
    being deleted has ended when the words are locked: then there may be a segment more.
    """
    place = progress(job)
    segment = erasing.next_segment(job.project_id, after=place.get("after", 0))
    if segment is None:
        erasing.drop_unused_words(job.project_id)
        return erasing.next_segment(job.project_id, after=place.get("after", 0)) is None
    if held := erasing.take_out(job.project_id, segment, {id.bytes for id in ids_of(job)}):
        count(job, "interactions in the index of texts", held)
    place["after"] = segment
    job.done += 1
    return False
