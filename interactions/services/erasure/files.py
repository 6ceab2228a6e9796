"""Erasing files: exports, uploads, imports in the making, refused records, and images."""

from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone

from interactions.models import Job
from interactions.services.erasure import file_texts, folders
from interactions.services.erasure.stepping import ErasureWaitsError, actor, count, progress
from interactions.services.erasure.targets import sought_ids, words_of
from interactions.services.export import job_files
from interactions.services.images import store

_GONE = "The file was deleted: what it was made of has been erased."


def erase_files(job: Job) -> bool:
    """One kind of files a step; the datasets were found before."""
    place = progress(job)
    kind = place.setdefault("kind", 0)
    if (_erase_exports, _erase_found, _sweep_images)[kind](job):
        place["kind"] = kind + 1
    return bool(place["kind"] == 3)


def _erase_exports(job: Job) -> bool:
    """Delete the files of all selections, and of the datasets that had records of it.

    Those that are being made are cancelled first, which leaves none of their files.

    What a selection held when its file was made nobody can tell afterwards: labels and feedback
    may have changed since.
    """
    there = {UUID(name) for name in folders.names(f"exports/{job.project.uuid}")}
    mine = Job.objects.in_project(job.project).filter(kind=Job.Kind.EXPORT)
    found = mine.filter(Q(uuid__in=there) | Q(state__in=Job.UNDER_WAY)).exclude(id=job.id)
    held = [one for one in found.order_by("id") if _holds(one, job)]
    under_way = [one.id for one in held if one.is_under_way]
    waiting = mine.under_way().filter(id__in=under_way, cancelled_by=None)
    if waiting.update(cancelled_by=job.created_by, next_at=timezone.now()):
        return False
    if under_way:
        raise ErasureWaitsError("files of what is erased are being made")
    for one in held:
        one.project = job.project
        job_files.remove(one)
        one.result = {"words": _GONE}
        one.save(update_fields=["result"])
    count(job, "files of exports", len(held))
    return True


def _holds(export: Job, job: Job) -> bool:
    source = export.arguments.get("source", {})
    return "dataset" not in source or source["dataset"] in job.cursor.get("datasets", ())


def _erase_found(job: Job) -> bool:
    """Delete uploads and what was made of them on the way, where they hold an id or a word."""
    ids, words = sought_ids(job), words_of(job)
    project = job.project
    for upload in folders.uploads_of(project, actor(job)):
        paths = [upload.part_path(number) for number in sorted(upload.parts)]
        made = list(folders.files(f"imports/{upload.id}"))
        said = words.is_in(f"{upload.name} {upload.metadata or ''}") and upload.project is None
        if (
            said
            or file_texts.together_hold(paths, ids, words)
            or file_texts.any_holds(made, ids, words)
        ):
            for path in (*paths, *made):
                default_storage.delete(path)
            upload.delete()
            count(job, "uploads", 1)
    for path in folders.of_jobs(project, "imports-refused"):
        if file_texts.any_holds([path], ids, words):
            default_storage.delete(path)
            count(job, "files of refused records", 1)
    return True


def _sweep_images(job: Job) -> bool:
    while n := store.sweep(job.project):
        count(job, "images", n)
    return True
