"""A project that holds a secret in every place, and a search of all tables and files for it."""

import gzip
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile, is_zipfile

from django.db import connection

from interactions.models import Dataset, DatasetItem, Job
from interactions.services.browsing import saved_views
from interactions.services.datasets import batches, create, edits, items, versions
from interactions.services.editing import labels
from interactions.services.export import downloads
from interactions.services.export.choices import FileChoices
from interactions.services.jobs import exports, queue
from interactions.services.judging import feedback
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.recording.drafts import FeedbackDraft
from interactions.services.training.from_interactions import Chosen, records
from interactions.services.uploads import parts
from interactions.textindex import upkeep
from projects.models import Project, User
from projects.services.access import Caller
from tests import make
from tests.interactions.acting import done, everything
from tests.interactions.api.rest.test_interactions import post

SECRET = "Zara Zebrafink"
PICTURE = make.make_image(colour=(7, 77, 177))


def log_secret(key: str, text: str = "") -> UUID:
    """An interaction that came in under an Idempotency-Key, with the secret wherever it can be."""
    url = make.data_uri(PICTURE)
    body = {
        "project": "maple",
        "messages": [make.image_message(url, text=f"I am {SECRET}. {text}")],
        "completion": f"Hello {SECRET}, {text}",
        "labels": {"customer": SECRET},
    }
    answer = post(key, "interactions", body, **{"Idempotency-Key": f"of {SECRET} {text}"})
    assert answer.status_code == 201, answer.content
    return UUID(answer.json()["completion_id"])


def fill(project: Project, by: User, key: str) -> tuple[list[UUID], Dataset]:
    """Two interactions with the secret, one of them in the bin, and what was made of them."""
    others = make.make_interactions(project, 5, completion="An oak.")
    first, binned = log_secret(key), log_secret(key, "again")
    metric = make.make_metric(project, "helpful")
    given = FeedbackDraft(metric=metric, value=1.0, reason=f"{SECRET} likes it")
    feedback.record(project, first, given=given, by=by)
    withdrawn = feedback.record(project, first, given=given, by=by)
    feedback.withdraw(project, withdrawn.id, by=by, any_author=True)
    feedback.record(project, others[0], given=given, by=by)
    pair = NewComparison(
        metric=metric, preferred_id=others[1], other_id=first, created_at=make.NOON
    )
    compare(project, [pair], by=by)
    labels.set_label(project, first, key="who", value=SECRET, by=by, is_undoable=True)
    caller = Caller(by)
    saved_views.save(project, caller=caller, name="Of one", query=f"label=customer:{SECRET}")
    dataset = with_versions(project, by, [*others[:2], first, binned])
    selection = everything(project, by)
    _export(
        project,
        by,
        {"selection": str(selection.uuid), "kind": Dataset.Kind.COMPLETION},
        container="zip",
    )
    _export(project, by, {"dataset": str(dataset.id)}, container="zip")
    upload = parts.begin(by, total_parts=1, project=project, name=f"{SECRET}.jsonl.gz")
    parts.put(upload, 1, gzip.compress(f'{{"said": "{SECRET}"}}'.encode()))
    while upkeep.index_some(project):
        pass
    done(everything(project, by, f"label=customer:{SECRET}&text=again"), "delete", by)
    return [first, binned], dataset


def with_versions(project: Project, by: User, ids: list[UUID]) -> Dataset:
    """A dataset of two versions; in the second an answer is written anew."""
    made = create.create(project, by=by, name="Customers", kind=Dataset.Kind.COMPLETION)
    batch = batches.begin(made, "selection", by=by, recipe={"filter": f"label=who:{SECRET}"})
    chosen = [Chosen(id) for id in ids]
    items.add(made, records(project, chosen, kind=made.kind), batch=batch)
    batches.finish(batch)
    versions.make(made, by=by, note=f"With {SECRET}")
    item = made_of(made, ids[2])
    edits.correct(made, item, f"Bye, {SECRET}", by=by)
    versions.make(made, by=by)
    return made


def made_of(dataset: Dataset, id: UUID) -> UUID:
    """The record that was made of an interaction."""
    return DatasetItem.objects.in_project(dataset.project).get(interaction_id=id, until=None).item


def begin_export(project: Project, by: User, source: dict[str, Any], **chosen: Any) -> Job:
    """The job that makes a file."""
    kind = Dataset.Kind.COMPLETION
    choices = FileChoices.of({"format": "trl-sft", **chosen}, kind=kind)
    what = downloads.Exported(project, "interactions.exported", "all")
    return exports.begin(
        what, source, choices, image_address="https://a/{sha256}", caller=Caller(by)
    )


def _export(project: Project, by: User, source: dict[str, Any], **chosen: Any) -> Job:
    job = queue.do_all(begin_export(project, by, source, **chosen))
    assert job.state == Job.State.DONE, job.error
    return job


def places_with(folder: Path, *words: str) -> list[str]:
    """Tables, as a dump has them, and files, unpacked too, that hold one of the words."""
    needles = [word.lower().encode() for word in words]
    needles += [word.encode().hex().encode() for word in words]
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200")
        for (table,) in cursor.fetchall():
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                dumped = b"".join(bytes(piece) for piece in copy).lower()
            found += [table] if any(one in dumped for one in needles) else []
    for path in folder.rglob("*"):
        if path.is_file():
            data = _unpacked(path).lower()
            found += [str(path.relative_to(folder))] if any(one in data for one in needles) else []
    return sorted(found)


def _unpacked(path: Path) -> bytes:
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        return data + gzip.decompress(data)
    if is_zipfile(path):
        archive = ZipFile(BytesIO(data))
        return data + b"".join(archive.read(name) for name in archive.namelist())
    return data
