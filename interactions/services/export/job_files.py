"""The files of export jobs in the storage: the parts while one is made, and what it leaves.

They are under `exports/`, by project and job, for `DAYS_KEPT` days after the job has ended.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import IO, Any
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage

from interactions.models import Job
from projects.models import Project

DAYS_KEPT = 7
PLACES = "places"
_PARTS = "parts"
_ALL = "all"  # the name of the file of those that have one for all splits


def save(job: Job, name: str, file: "File[Any]") -> str:
    """Save a file of the job, in the place of one that an earlier try left; returns its path."""
    path = f"{_folder(job.project, job.uuid)}/{name}"
    default_storage.delete(path)
    return default_storage.save(path, file)


def part(name: str, number: int) -> str:
    """The name of a part of the lines of a split, or of all."""
    return f"{_PARTS}/{name or _ALL}-{number:06}"


def has(job: Job, name: str) -> bool:
    """Whether there is such a file of the job."""
    return default_storage.exists(f"{_folder(job.project, job.uuid)}/{name}")


def read(job: Job, name: str) -> bytes:
    """The bytes of a small file of the job."""
    with default_storage.open(f"{_folder(job.project, job.uuid)}/{name}") as file:
        return bytes(file.read())


def parts(job: Job) -> dict[str, list[str]]:
    """The paths of the parts in their order, by split, or under "" where there is one file."""
    folder = f"{_folder(job.project, job.uuid)}/{_PARTS}"
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted(_files(folder)):
        split = name.rpartition("-")[0]
        found["" if split == _ALL else split].append(f"{folder}/{name}")
    return dict(found)


def opened(paths: list[str]) -> Iterator[IO[bytes]]:
    """These files, one after the other, each open until the next is asked for."""
    for path in paths:
        with default_storage.open(path) as file:
            # Django's own way over the lines splits at other characters as well.
            yield file.file or BytesIO()


def remove_parts(job: Job, *, start: int) -> None:
    """Remove the parts with this number and later ones."""
    folder = f"{_folder(job.project, job.uuid)}/{_PARTS}"
    for name in _files(folder):
        if int(name.rpartition("-")[2]) >= start:
            default_storage.delete(f"{folder}/{name}")


def remove_workings(job: Job) -> None:
    """Remove what was needed while the file was made."""
    folder = _folder(job.project, job.uuid)
    _remove(f"{folder}/{_PARTS}")
    default_storage.delete(f"{folder}/{PLACES}")


def remove(job: Job) -> None:
    """Remove all files of the job."""
    remove_workings(job)
    _remove(_folder(job.project, job.uuid))


def remove_old(project: Project) -> int:
    """Remove the files of jobs that ended days ago, or that are no more; returns of how many."""
    there = {UUID(name) for name in _folders(f"exports/{project.uuid}")}
    if not there:
        return 0
    limit = datetime.now(UTC) - timedelta(days=DAYS_KEPT)
    jobs = Job.objects.in_project(project).filter(uuid__in=there)
    kept = {job.uuid for job in jobs if job.finished_at is None or job.finished_at > limit}
    for uuid in there - kept:
        folder = _folder(project, uuid)
        _remove(f"{folder}/{_PARTS}")
        _remove(folder)
    return len(there - kept)


def _folder(project: Project, uuid: UUID) -> str:
    return f"exports/{project.uuid}/{uuid}"


def _remove(folder: str) -> None:
    """The files in a folder, and the folder."""
    for name in _files(folder):
        default_storage.delete(f"{folder}/{name}")
    default_storage.delete(folder)


def _files(folder: str) -> list[str]:
    return default_storage.listdir(folder)[1] if default_storage.exists(folder) else []


def _folders(folder: str) -> list[str]:
    return default_storage.listdir(folder)[0] if default_storage.exists(folder) else []
