"""Uploads: a file that comes in numbered parts, each whole or not there, until somebody takes it.

Parts may come in any order, several at a time, and again. An upload is seen and sent to by
whoever began it alone. Who takes one (`take`) reads it (`reader.py`) and drops it when done.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from typing_extensions import TypedDict

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid, NotFound, TooLarge
from adaptive_site.lib.files.media import rename
from adaptive_site.lib.files.streamed_file import StreamedFile
from interactions.models import Upload
from projects.models import ApiKey, Project, User
from projects.services import audit
from projects.services.access import READ, Caller

MAX_PARTS = 10_000
MAX_PART_BYTES = 100 * 1024 * 1024
# After which nobody will send the rest any more; and a job that took one should have dropped it.
UNFINISHED_FOR, TAKEN_FOR = timedelta(days=3), timedelta(days=30)
_EXPIRED_AT_ONCE = 20  # uploads
_NOT_THERE = "there is no such upload of yours; it may have been given up, or expired"


class UploadStatus(TypedDict):
    """What is here of an upload; `received` are bytes."""

    session_id: str
    completed_parts: list[int]
    total_parts_count: int
    received: int


def begin(
    by: User,
    *,
    total_parts: int,
    project: Project | None = None,
    name: str = "",
    size: int | None = None,
    content_type: str = "",
    metadata: Any = None,
    key: ApiKey | None = None,
) -> Upload:
    """A new upload of `total_parts` parts, and of `size` bytes where that is known already.

    With `key`, a narrowed API key, it is for that key alone.
    """
    if not 1 <= total_parts <= MAX_PARTS:
        raise Invalid(f"expected a number from 1 to {MAX_PARTS}", field="total_parts_count")
    if size is not None and size < 0:
        raise Invalid("expected a number of bytes", field="size")
    if size is not None and size > settings.MAX_UPLOAD_BYTES:
        raise _too_large()
    made = Upload.objects.create(
        created_by=by,
        project=project,
        key=key,
        created_at=datetime.now(UTC),
        name=without_nul(name)[-255:],
        content_type=without_nul(content_type)[:255],
        metadata=metadata,
        total_parts=total_parts,
        size=size,
    )
    audit.record(
        project, actor=by, verb="upload.begun", subject=str(made.id), file=made.name, size=size
    )
    return made


def known(by: User, id: UUID) -> Upload:
    """An upload that `by` has begun and nobody has dropped. Raises NotFound."""
    found = _uploads_of(by).select_related("project", "created_by").filter(id=id).first()
    if found is None:
        raise NotFound(_NOT_THERE)
    return found


def waiting(by: User, project: Project) -> list[Upload]:
    """The uploads to a project that `by` has begun and nobody has taken, the newest first."""
    found = _uploads_of(by).filter(project=project, taken_at=None).order_by("-created_at")
    return list(found[:50])


def is_there(id: UUID) -> bool:
    """Whether an upload of anybody's has not been dropped."""
    return Upload.objects.filter(id=id).exists()


def put(
    upload: Upload, number: int, data: bytes | Iterable[bytes], *, keeps_whole: bool = False
) -> Upload:
    """Store a part; one that is there already is replaced. Returns the upload as it is then.

    With `keeps_whole` an upload whose parts are all here stays as it is: somebody may read it.

    `data` may be an iterable of pieces, which is written as it comes. When that fails the upload
    stays as it was. Of two that come at once under one number the last to be whole stays.
    """
    if not 1 <= number <= upload.total_parts:
        said = f"expected a number from 1 to {upload.total_parts}"
        raise Invalid(said, field="part_number")
    path = upload.part_path(number)
    with transaction.atomic():
        replaced = default_storage.size(path) if number in _locked(upload).parts else 0
    room = settings.MAX_UPLOAD_BYTES - _waiting_bytes(upload.created_by) + replaced
    came = default_storage.save(f"{path}-{uuid4().hex}", StreamedFile(_bounded(data, room)))
    try:
        with transaction.atomic():
            current = _locked(upload)
            if keeps_whole and current.is_whole:
                return current
            if number in current.parts:
                current.received -= default_storage.size(path)
            rename(came, path)
            current.received += default_storage.size(path)
            current.parts = sorted({*current.parts, number})
            current.save(update_fields=["parts", "received"])
    finally:
        default_storage.delete(came)
    return current


def status(upload: Upload) -> UploadStatus:
    """What is here of an upload, with the names of the SDK's type for it."""
    return {
        "session_id": str(upload.id),
        "completed_parts": upload.parts,
        "total_parts_count": upload.total_parts,
        "received": upload.received,
    }


def missing(upload: Upload) -> list[int]:
    """The numbers of the parts that have not come yet, at most a hundred."""
    there = set(upload.parts)
    absent = (number for number in range(1, upload.total_parts + 1) if number not in there)
    return [number for number, _ in zip(absent, range(100), strict=False)]


def known_to_api(caller: Caller, id: UUID) -> Upload:
    """As `known`, of uploads that were begun for no project.

    What a page has begun for one is for that page: an API key may be for another project. For the
    same reason what a narrowed key has begun is for that key, and what others have is not for it.
    One that a dataset has taken is of that project.
    """
    found = known(caller.user, id)
    mine = caller.narrowed_by
    if found.project is not None and found.taken_at is not None:
        is_theirs = caller.may(READ, found.project)
    else:
        is_theirs = found.project is None and found.key_id == (mine.pk if mine else None)
    if not is_theirs:
        raise NotFound(_NOT_THERE)
    return found


def take(caller: Caller, id: UUID, *, project: Project) -> Upload:
    """An upload of the API whose parts are all here, which from now on is of `project`.

    The caller's user reads and drops it.

    Raises NotFound, or Invalid when parts are missing or it has been taken before.
    """
    known_to_api(caller, id)
    with transaction.atomic():
        upload = _uploads_of(caller.user).select_for_update(of=("self",)).get(id=id)
        if upload.taken_at is not None:
            raise Invalid("this upload has been used already", field="upload")
        if not upload.is_whole:
            first = ", ".join(str(number) for number in missing(upload)[:5])
            here = f"{len(upload.parts)} of {upload.total_parts} parts are here"
            raise Invalid(f"{here}; part {first} is missing", field="upload")
        if upload.size is not None and upload.size != upload.received:
            said = f"{upload.received} bytes came, where {upload.size} were told"
            raise Invalid(said, field="upload")
        upload.taken_at, upload.project = datetime.now(UTC), project
        upload.save(update_fields=["taken_at", "project"])
    return upload


def abort(by: User, id: UUID) -> None:
    """Give an upload up that nobody has taken; one that is not there is given up already."""
    upload = _uploads_of(by).filter(id=id, taken_at=None).first()
    if upload is not None:
        drop(upload)


def drop(upload: Upload) -> None:
    """Delete an upload with its parts."""
    with transaction.atomic():
        _uploads_of(upload.created_by).filter(id=upload.id).delete()
    transaction.on_commit(lambda: _delete_files(f"uploads/{upload.id}"))


def expire_some() -> int:
    """Drop uploads that were never finished, or never dropped; returns how many."""
    now = datetime.now(UTC)
    is_over = Q(taken_at=None, created_at__lt=now - UNFINISHED_FOR)
    is_over |= Q(taken_at__lt=now - TAKEN_FOR)
    over = list(Upload.objects.select_related("created_by").filter(is_over)[:_EXPIRED_AT_ONCE])
    for upload in over:
        drop(upload)
    return len(over)


def _bounded(data: bytes | Iterable[bytes], room: int) -> Iterator[bytes]:
    """The pieces as they come. Raises TooLarge where they are more than there is room for."""
    size = 0
    for piece in [data] if isinstance(data, bytes) else data:
        size += len(piece)
        if size > MAX_PART_BYTES:
            raise TooLarge(f"expected at most {MAX_PART_BYTES >> 20} MB in a part")
        if size > room:
            raise _too_large()
        yield piece


def _uploads_of(user: User) -> QuerySet[Upload]:
    return Upload.objects.filter(created_by=user)


def _locked(upload: Upload) -> Upload:
    """The row, till the end of the transaction. Raises NotFound once it has been dropped."""
    mine = _uploads_of(upload.created_by).select_for_update(of=("self",)).filter(id=upload.id)
    current = mine.first()
    if current is None or current.taken_at is not None:
        raise NotFound("this upload has been given up, or used")
    return current


def _waiting_bytes(user: User) -> int:
    """How much of a user's is here that nobody has taken: it has a limit all together."""
    return _uploads_of(user).filter(taken_at=None).aggregate(all=Sum("received"))["all"] or 0


def _delete_files(directory: str) -> None:
    try:
        _, names = default_storage.listdir(directory)
    except FileNotFoundError:  # not one part came
        return
    for name in names:
        default_storage.delete(f"{directory}/{name}")
    default_storage.delete(directory)


def _too_large() -> TooLarge:
    most = settings.MAX_UPLOAD_BYTES / 1024**3
    return TooLarge(f"expected at most {most:g} GB in all of your uploads that are under way")
