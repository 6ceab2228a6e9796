"""Which files of the storage are a project's."""

from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet

from interactions.models import Job, Upload
from projects.models import Project, User


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


def uploads_of(project: Project, by: User) -> QuerySet[Upload]:
    """The uploads to a project, and those to none that `by` may look into.

    Clients name no project when they upload. Such a file is for its user, and for administrators,
    until a job of a project takes it.
    """
    taken = Job.objects.in_project(project).exclude(arguments__upload=None)
    ids = [id for id in taken.values_list("arguments__upload", flat=True) if id]
    mine = Q(created_by=by) | Q(id__in=ids)
    free = Q(project=None) if by.is_superuser else Q(project=None) & mine
    return Upload.objects.filter(Q(project=project) | free).order_by("id")


def unseen_uploads(project: Project, by: User) -> int:
    """How many uploads to no project, of other people in this one, `by` may not look into."""
    people = User.objects.filter(memberships__team__shares__project=project)
    others = Upload.objects.filter(project=None, created_by__in=people)
    return others.exclude(id__in=uploads_of(project, by).values("id")).distinct().count()


def of_project(project: Project, by: User) -> Iterator[str]:
    """All files that hold something of the project's, as far as `by` may look."""
    for kind in ("images", "thumbnails", "datasets"):
        yield from files(f"{kind}/{project.id}")
    yield from files(f"exports/{project.uuid}")
    for id in uploads_of(project, by).values_list("id", flat=True):
        yield from files(f"uploads/{id}")
        yield from files(f"imports/{id}")
    yield from of_jobs(project, "imports-refused")


def size(path: str) -> int:
    """The bytes of a file."""
    return default_storage.size(path)
