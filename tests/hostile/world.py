"""A site that holds the payloads in every field that a person or a program may fill."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.http import QueryDict
from django.utils import timezone

from interactions.models import (
    Dataset,
    DatasetBatch,
    DatasetItem,
    Feedback,
    Image,
    Job,
    SavedView,
    Upload,
)
from interactions.services import selections
from interactions.services.datasets import batches, create, edits, items, versions
from interactions.services.rollups import compaction
from interactions.services.training.from_interactions import Chosen, records
from interactions.textindex import upkeep
from projects.models import Event, Project, User
from tests import make
from tests.hostile import logged, named
from tests.hostile.named import Places
from tests.hostile.payloads import NAMES, SHORT, TOGETHER
from tests.interactions.acting import done
from tests.interactions.importing_files import lines, upload

HERE = "projects/{key}/"


@dataclass
class World:
    """What is there, and what the addresses of its pages name, by how they begin."""

    administrator: User
    project: Project
    places: Places


def build() -> World:
    """Everything, in a few seconds."""
    by = make.make_user("admin", is_superuser=True, is_staff=True)
    project = make.make_project("maple", owner=by)
    User.objects.filter(id=by.id).update(name=SHORT)
    changes = {"name": SHORT, "description": TOGETHER, "masking": named.masking()}
    Project.objects.filter(id=project.id).update(**changes)
    by.refresh_from_db()
    project.refresh_from_db()
    places: Places = {"": {"key": project.key}} | named.people(project, by)
    metrics, llms = named.metrics(project), named.llms(project, by)
    ids = logged.log(project, by, metrics, llms)
    logged.judge(project, by, ids, metrics)
    places |= _of_interactions(project, by, ids)
    places |= _datasets(project, by, ids)
    places |= _files_and_jobs(project, by)
    places |= {
        f"{HERE}metrics/": {"id": metrics[0].uuid},
        f"{HERE}models/": {"id": llms[0].uuid},
    }
    _events(project, by, ids)
    while upkeep.index_some(project):
        pass
    compaction.compact(project)
    return World(by, project, places)


def _of_interactions(project: Project, by: User, ids: list[UUID]) -> Places:
    """Saved views, a selection and a bulk action."""
    views = SavedView.objects.bulk_create(
        SavedView(project=project, owner=by, name=name[:100], query=f"text={n}", is_shared=n > 9)
        for n, name in enumerate(NAMES)
    )
    selection = selections.freeze(project, QueryDict("text=evil"), by=by)
    action = done(selections.tick(project, ids[:3], by=by), "label", by, key=SHORT, value=SHORT)
    action.error = TOGETHER
    action.save()
    image = Image.objects.in_project(project).first()
    feedback = Feedback.objects.in_project(project).first()
    assert image is not None and feedback is not None
    return {
        f"{HERE}interactions/": {"id": ids[0], "feedback_id": feedback.id},
        f"{HERE}interactions/views/": {"id": views[0].id},
        f"{HERE}sessions/": {"session": logged.SESSION},
        f"{HERE}selections/": {"uuid": selection.uuid, "kind": "label", "format": "jsonl"},
        f"{HERE}bulk-actions/": {"uuid": action.uuid},
        f"{HERE}acts/": {"uuid": action.uuid},
        f"{HERE}images/": {"sha256": image.sha256},
    }


def _datasets(project: Project, by: User, ids: list[UUID]) -> Places:
    """One that is called by each name, and one with records, versions and edits."""
    now = timezone.now()
    states = Dataset.State.values
    Dataset.objects.bulk_create(
        Dataset(
            project=project, key=f"d{n}", name=name, description=name, original_name=name,
            kind=Dataset.Kind.COMPLETION, state=states[n % len(states)], error=name,
            created_by=by, created_at=now, deleted_at=now if n % 5 == 0 else None,
        )
        for n, name in enumerate(NAMES)
    )  # fmt: skip
    made = create.create(
        project, by=by, name=SHORT, kind=Dataset.Kind.COMPLETION, key="hostile",
        description=TOGETHER,
    )  # fmt: skip
    recipe = {"filter": "text=evil", "words": TOGETHER, "title": TOGETHER, TOGETHER: TOGETHER}
    batch = batches.begin(made, DatasetBatch.Origin.SELECTION, by=by, recipe=recipe)
    chosen = [Chosen(id) for id in ids]
    items.add(made, records(project, chosen, kind=made.kind), batch=batch)
    batches.finish(batch, steps=[{"step": name, "left": n} for n, name in enumerate(NAMES)])
    versions.make(made, by=by, note=TOGETHER)
    item = DatasetItem.objects.in_project(project).filter(dataset=made).order_by("position")[0]
    edits.correct(made, item.item, TOGETHER, by=by)
    versions.make(made, by=by, note=TOGETHER)
    here = {"dataset": made.key, "item": item.item, "interaction": ids[0], "id": batch.id}
    return {f"{HERE}datasets/": here | {"format": "jsonl"}}


def _files_and_jobs(project: Project, by: User) -> Places:
    """Files of such names with columns of such names, and a job of each kind and state."""
    rows = [dict.fromkeys((*NAMES, SHORT), name) for name in NAMES]
    whole = upload(project, by, lines(*rows), name=f"{SHORT}.jsonl")
    Upload.objects.filter(id=whole.id).update(content_type=SHORT, metadata={SHORT: SHORT})
    now = timezone.now()
    result = {"faults": [[1, TOGETHER], [2, SHORT]], "refused": 2, "unit": SHORT, "kept": True,
              "lines": [[SHORT, 1]], "words": TOGETHER, "filter": SHORT}  # fmt: skip
    told = {"stage": SHORT, "total": 2, "done": 1, "since": now.isoformat()}
    asked = {"name": SHORT, "of": SHORT, "is_new": False, "dataset": str(uuid4()), "what": SHORT,
             "upload": str(whole.id), "format": SHORT, "title": SHORT, "words": SHORT,
             "choices": {"format": "trl-sft"}, "dry_run": False, "mapping": {SHORT: SHORT},
             "label": [SHORT, SHORT]}  # fmt: skip
    jobs = Job.objects.bulk_create(
        Job(
            project=project, kind=kind, arguments=asked, created_by=by, created_at=now,
            state=state, stage=SHORT[:100], result=result, told=told, error=TOGETHER,
            next_at=now + timedelta(days=1), started_at=now, finished_at=now, total=2, done=1,
        )
        for kind, state in zip(Job.Kind.values, ("running", "done", "failed") * 9, strict=False)
    )  # fmt: skip
    each: Places = {
        f"{HERE}jobs/{{uuid}}/#{job.kind} {job.state}": {"uuid": job.uuid} for job in jobs
    }
    known: Places = {
        f"{HERE}import/": {"id": whole.id},
        f"{HERE}import/jobs/": {"uuid": jobs[0].uuid},
        f"{HERE}uploads/": {"id": whole.id, "number": 1},
        f"{HERE}jobs/": {"uuid": jobs[0].uuid},
        f"{HERE}exports/": {"uuid": jobs[0].uuid},
    }
    return known | each


def _events(project: Project, by: User, ids: list[UUID]) -> None:
    """What the audit log keeps from a request: names, addresses, words."""
    Event.objects.bulk_create(
        Event(
            project=where, project_key=name[:100], actor=by, actor_name=name, actor_email=name,
            acting_for=name[:100], verb=("interaction.read", name[:100])[n % 2], subject=name,
            subjects=ids[:2], details={name: name, "query": name}, door=name[:20],
            address=name[:64], key_name=name,
        )
        for n, name in enumerate(NAMES)
        for where in (project, None)
    )  # fmt: skip
