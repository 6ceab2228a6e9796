"""Files uploaded and imported as the pages do it, for tests."""

from typing import Any
from uuid import UUID

import orjson

from interactions.models import Job, Upload
from interactions.services.importing import preview
from interactions.services.importing.plan import ImportPlan
from interactions.services.jobs import begin, queue
from interactions.services.uploads import parts
from projects.models import Project, User
from projects.services.access import Caller


def upload(
    project: Project, by: User, data: bytes, *, name: str = "rows.jsonl", part: int = 64 * 1024
) -> Upload:
    """A whole upload of `data` in parts of `part` bytes."""
    pieces = [data[at : at + part] for at in range(0, len(data), part)] or [b""]
    made = parts.begin(by, total_parts=len(pieces), project=project, name=name, size=len(data))
    for number, piece in enumerate(pieces, start=1):
        made = parts.put(made, number, piece)
    return parts.known(by, made.id)


def lines(*records: Any) -> bytes:
    """JSON lines."""
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def run(
    project: Project, by: User, made: Upload, *, plan: ImportPlan | None = None, **changes: Any
) -> Job:
    """The job that imports an upload as its start lets one guess, with some things told."""
    guess = plan or preview.start_of(made).guess
    told = guess.arguments | changes
    return queue.do_all(begin.begin(project, Job.Kind.IMPORT, told, caller=Caller(by)))


def imported(project: Project, by: User, data: bytes, *, name: str = "rows.jsonl") -> Job:
    """A file uploaded and imported."""
    return run(project, by, upload(project, by, data, name=name))


def refused(job: Job) -> list[list[Any]]:
    """The faults that a job shows: number and reason."""
    return list(job.result["faults"])


def counts(job: Job) -> tuple[int, int, int]:
    """How many interactions were stored, were there already, and how many records refused."""
    result = job.result
    return result["interactions"], result["interactions_there"], result["refused"]


def known(id: UUID) -> bool:
    """Whether an upload is still there."""
    return Upload.objects.filter(id=id).exists()
