"""Which files of the storage are a project's."""

from collections.abc import Iterator

from django.core.files.storage import default_storage

from interactions.models import Job, Upload
from projects.models import Project


def names(folder: str) -> list[str]:
    """The folders in a folder."""
    return default_storage.listdir(folder)[0] if default_storage.exists(folder) else []


def files(folder: str) -> Iterator[str]:
    """The paths of all files below a folder."""
    if not default_storage.exists(folder or "."):
        return
    inner, here = default_storage.listdir(folder)
    for name in sorted(here):
        yield f"{folder}/{name}" if folder else name
    for name in sorted(inner):
        yield from files(f"{folder}/{name}" if folder else name)


def of_jobs(project: Project, folder: str) -> Iterator[str]:
    """The files in folders that are named by jobs of the project."""
    there = set(names(folder))
    for uuid in Job.objects.in_project(project).values_list("uuid", flat=True).order_by("id"):
        if str(uuid) in there:
            yield from files(f"{folder}/{uuid}")


def of_project(project: Project) -> Iterator[str]:
    """All files that hold something of the project's."""
    for kind in ("images", "thumbnails", "datasets"):
        yield from files(f"{kind}/{project.id}")
    yield from files(f"exports/{project.uuid}")
    for id in Upload.objects.filter(project=project).values_list("id", flat=True).order_by("id"):
        yield from files(f"uploads/{id}")
        yield from files(f"imports/{id}")
    yield from of_jobs(project, "imports-refused")


def size(path: str) -> int:
    """The bytes of a file."""
    return default_storage.size(path)
