"""Two projects that have one of everything, and the ids of it by what a route calls them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import QueryDict

from interactions.models import (
    BulkAction,
    Comparison,
    DatasetBatch,
    DatasetItem,
    Feedback,
    Image,
    Job,
)
from interactions.services import selections
from interactions.services.browsing import saved_views
from interactions.services.bulk import actions as bulk_actions
from interactions.services.datasets import create, versions
from interactions.services.importing import pieces
from interactions.services.importing.plan import ImportPlan
from interactions.services.jobs import begin as jobs
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.uploads import parts
from projects.models import ApiKey, Llm, Metric, Project, Registration, User
from projects.services import llms, project_llms
from projects.services.access import Caller
from tests import make
from tests.interactions.doors.people_there import people_of
from tests.interactions.services.datasets.making import make_dataset, record

SECRET = "only-for-"  # and the project's key: what no stranger may read


@dataclass
class World:
    """A project with one of everything, all of it begun by its owner."""

    project: Project
    owner: User
    # What stands for a place in an address or a form: `{interaction}`, `{dataset}` …
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def secret(self) -> str:
        """A text that stands in everything that is only for who may read the project."""
        return f"{SECRET}{self.project.key}"


def make_world(key: str, owner: User) -> World:
    """A project `key` of `owner`'s, filled."""
    world = World(make.make_project(key, owner=owner), owner)
    world.ids = {
        "key": key,
        "project": str(world.project.uuid),
        "project_name": world.project.name,
        "secret": world.secret,
    }
    _interactions(world)
    _around(world)
    _datasets(world)
    _jobs(world)
    world.ids |= people_of(world.project, owner)
    return world


def _interactions(world: World) -> None:
    """Two of a session, with an image, labels, feedback and a comparison between them."""
    project, owner, secret = world.project, world.owner, world.secret
    helpful: Metric = make.make_metric(project, "helpful", description=secret)
    llm: Llm = project_llms.register(
        Caller(owner),
        project,
        name=secret,
        provider="OPEN_AI",
        external_id="big-1",
        api_key="not-a-key",
        base_url="http://127.0.0.1:9/v1",
    )
    colour = tuple(sha256(project.key.encode()).digest()[:3])
    picture = make.data_uri(make.make_image(colour=colour))  # type: ignore[arg-type]
    session = uuid4()
    one, other = (
        make.make_interaction(
            project,
            messages=[make.image_message(picture, text=f"What is {secret}?")],
            completion=f"{secret} {answer}",
            session_id=session,
            labels={"env": secret},
            llm=llm,
            feedback={helpful: True},
            created_by=owner,
        )
        for answer in ("a tree", "a bush")
    )
    given = NewComparison(
        metric=helpful, preferred_id=one.id, other_id=other.id, created_at=make.NOON
    )
    compare(project, [given], by=owner)
    mine = Feedback.objects.in_project(project).filter(interaction_id=one.id)
    mine.update(created_by=owner)
    world.ids |= {
        "interaction": str(one.id),
        "other": str(other.id),
        "session": str(session),
        "feedback": str(mine.get().id),
        "comparison": str(Comparison.objects.in_project(project).get().id),
        "metric": str(helpful.uuid),
        "model": str(llm.uuid),
        "model_key": llm.key,
        "registration": str(Registration.objects.get(llm=llm).uuid),
        "image": Image.objects.in_project(project).get().sha256,
    }


def _around(world: World) -> None:
    """What is kept beside interactions: selections, views, bulk actions, keys, uploads."""
    project, owner, ids = world.project, world.owner, world.ids
    selection = selections.freeze(project, QueryDict("label=env"), by=owner)
    view = saved_views.save(
        project, caller=Caller(owner), name=world.secret, query="label=env", is_shared=True
    )
    one = selections.tick(project, [UUID(ids["interaction"])],
                          by=owner)  # fmt: skip
    action = bulk_actions.do_now(
        one, BulkAction.Kind.LABEL, {"key": "seen", "value": world.secret}, caller=Caller(owner)
    )
    make.make_key(owner)
    line = b'{"messages": [{"role": "user", "content": "hi"}], "completion": "x"}\n'
    for name, of in (("upload", project), ("api_upload", None)):
        upload = parts.begin(owner, total_parts=1, project=of, name="a.jsonl", size=len(line))
        if of:
            parts.put(upload, 1, [line], keeps_whole=True)
        ids[name] = str(upload.id)
    ids |= {
        "selection": str(selection.uuid),
        "view": str(view.id),
        "bulk_action": str(action.uuid),
        "api_key": str(ApiKey.objects.filter(user=owner).latest("id").id),
    }


def _datasets(world: World) -> None:
    """One with a record and a version, and one in the bin."""
    project, owner, ids = world.project, world.owner, world.ids
    known: dict[str, Any] = {"interaction_id": ids["interaction"], "labels": {"env": world.secret}}
    dataset = make_dataset(
        project, owner, [record(f"What is {world.secret}?", **known)], name=f"Of {project.key}"
    )
    versions.make(dataset, by=owner)
    gone = create.create(project, by=owner, name="Gone", kind=dataset.kind)
    create.delete(gone, by=owner)
    ids |= {
        "dataset": dataset.key,
        "dataset_id": str(dataset.id),
        "dataset_name": dataset.name,
        "item": str(DatasetItem.objects.in_project(project).get().item),
        "batch": str(DatasetBatch.objects.in_project(project).get().id),
        "deleted_dataset": str(gone.id),
    }


def _jobs(world: World) -> None:
    """One that made a file, and an import that has refused a line; both are done."""
    project, owner, ids = world.project, world.owner, world.ids
    path = default_storage.save(f"doors/{project.key}.jsonl", ContentFile(world.secret.encode()))
    file = {"path": path, "name": "a.jsonl", "media_type": "application/x-ndjson",
            "size": len(world.secret), "sha256": "0" * 64, "lines": 1}  # fmt: skip
    for name, kind, result in (
        ("export", Job.Kind.EXPORT, {"file": file}),
        ("import", Job.Kind.IMPORT, {"refused": 1, "words": world.secret}),
    ):
        plan = ImportPlan(UUID(ids["upload"]), world.secret, "interactions", is_dry_run=True)
        arguments = {**plan.arguments, "title": world.secret, "choices": {"format": "adaptive"}}
        job = jobs.begin(project, kind, arguments, caller=Caller(owner))
        Job.objects.in_project(project).filter(id=job.id).update(
            state=Job.State.DONE, result=result, finished_at=datetime.now(UTC)
        )
        ids[f"{name}_job"] = str(job.uuid)
    pieces.keep_refused(job.uuid, 0, [world.secret.encode()])
    assert llms.attached(project, ids["model"])
