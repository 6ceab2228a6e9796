"""Datasets made, named, found, put in the bin and taken out of it again."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid, NotFound, check_fields
from interactions.models import Dataset, DatasetVersion, Job
from interactions.models.dataset import DatasetQuerySet
from interactions.services.datasets import drafts
from projects.models import Project, User
from projects.models.project import slug_of
from projects.services import audit
from projects.services.access import EDIT_DATASETS, Caller

LONGEST_KEY = 200
_KEY = re.compile("[A-Za-z0-9_-]+")
# What stands in addresses in the place of a dataset's key.
RESERVED_KEYS = frozenset(("new", "deleted"))


@transaction.atomic
def create(
    project: Project,
    *,
    name: str,
    kind: str,
    by: User,
    key: str | None = None,
    description: str = "",
    state: str = Dataset.State.READY,
    job: Job | None = None,
) -> Dataset:
    """Make an empty dataset; one that a job will fill is made with the state PENDING.

    Without a key it gets one made of its name that no other has. Raises Invalid naming the member
    at fault, also when the key is taken, and Forbidden to who may not write in the project.
    """
    Caller(by).check_may(EDIT_DATASETS, project)
    name = _name(name)
    made = Dataset(
        project=project,
        key=_free(project, slug_of(name)) if key is None else _key(key),
        name=name,
        description=without_nul(description),
        kind=kind,
        created_by=by,
        created_at=datetime.now(UTC),
        state=state,
        job=job,
    )
    _check_fields(made)
    _check_free(made)
    _save(made)
    audit.record(project, actor=by, verb="dataset.created", subject=made.key, kind=made.kind)
    return made


@transaction.atomic
def rename(
    dataset: Dataset, *, by: User, name: str | None = None, key: str | None = None,
    description: str | None = None,
) -> Dataset:  # fmt: skip
    """Change what a dataset is called; what is None stays.

    Raises Invalid naming the member at fault, also when the key is taken.
    """
    project = dataset.project
    Caller(by).check_may(EDIT_DATASETS, project)
    changed = Dataset.objects.in_project(project).get(id=dataset.id)
    if name is not None:
        changed.name = _name(name)
    if key is not None:
        changed.key = _key(key)
    if description is not None:
        changed.description = without_nul(description)
    _check_fields(changed)
    _check_free(changed)
    _save(changed, ["name", "key", "description"])
    audit.record(
        project, actor=by, verb="dataset.renamed", subject=changed.key, name=changed.name,
        before=dataset.key,
    )  # fmt: skip
    dataset.name, dataset.key, dataset.description = changed.name, changed.key, changed.description
    return dataset


@transaction.atomic
def delete(dataset: Dataset, *, by: User) -> None:
    """Put a dataset in the bin, where it stays for some days; `restore` takes it out again.

    Raises Invalid while a job is adding records.
    """
    Caller(by).check_may(EDIT_DATASETS, dataset.project)
    mine = Dataset.objects.in_project(dataset.project).present().select_for_update()
    found = mine.filter(id=dataset.id).first()
    if found is None:
        return
    found.project = dataset.project
    drafts.check_idle(found)
    found.deleted_at, found.grows_next_at = datetime.now(UTC), None
    if found.growth is not None and not found.growth["stopped"]:
        found.growth = {**found.growth, "stopped": "the dataset was deleted"}
    found.save(update_fields=["deleted_at", "grows_next_at", "growth"])
    audit.record(dataset.project, actor=by, verb="dataset.deleted", subject=dataset.key)
    dataset.deleted_at, dataset.grows_next_at = found.deleted_at, None


@transaction.atomic
def restore(dataset: Dataset, *, by: User) -> Dataset:
    """Take a dataset out of the bin; its key gets a number if another has it by now.

    One that grew does not grow again until somebody starts it. Raises NotFound when it has been
    removed for good.
    """
    project = dataset.project
    Caller(by).check_may(EDIT_DATASETS, project)
    found = in_bin(project).select_for_update(of=("self",)).filter(id=dataset.id).first()
    if found is None:
        raise NotFound("there is no such dataset in the bin")
    found.project, found.deleted_at = project, None
    found.key = _free(project, found.key)
    _save(found, ["key", "deleted_at"])
    audit.record(project, actor=by, verb="dataset.restored", subject=found.key)
    return found


def known(project: Project, id_or_key: str | UUID) -> Dataset:
    """The dataset with this key or id that is not in the bin. Raises NotFound."""
    found = present(project).filter(key=without_nul(str(id_or_key))).first()
    if found is None and (id := _uuid(id_or_key)) is not None:
        found = present(project).filter(id=id).first()
    if found is None:
        raise NotFound("there is no such dataset in this project")
    found.project = project
    return found


def present(project: Project) -> DatasetQuerySet:
    """The project's datasets that are not in the bin, with who made them."""
    return Dataset.objects.in_project(project).present().select_related("created_by")


def in_bin(project: Project) -> DatasetQuerySet:
    """The project's deleted datasets that can be restored."""
    return Dataset.objects.in_project(project).exclude(deleted_at=None)


def deleted(project: Project, id: UUID) -> Dataset:
    """The dataset in the bin with this id. Raises NotFound."""
    found = in_bin(project).filter(id=id).first()
    if found is None:
        raise NotFound("there is no such dataset in the bin")
    found.project = project
    return found


def mark_ready(dataset: Dataset) -> None:
    """Say that the first records are in."""
    _mark(dataset, Dataset.State.READY, "")


def mark_pending(dataset: Dataset) -> None:
    """Say that the first records are on their way."""
    _mark(dataset, Dataset.State.PENDING, "")


def mark_failed(dataset: Dataset, error: str) -> None:
    """Say that the first records could not be had, and why."""
    _mark(dataset, Dataset.State.FAILED, without_nul(error)[:1000])


def _mark(dataset: Dataset, state: str, error: str) -> None:
    mine = Dataset.objects.in_project(dataset.project).filter(id=dataset.id)
    mine.update(state=state, error=error)
    dataset.state, dataset.error = state, error


def newest_versions(project: Project, ids: Iterable[UUID]) -> dict[UUID, DatasetVersion]:
    """The newest version of each dataset that has one."""
    found = DatasetVersion.objects.in_project(project).filter(dataset__in=list(ids))
    newest = found.order_by("dataset", "-number").distinct("dataset")
    return {one.dataset_id: one for one in newest}


def _name(given: str) -> str:
    name = " ".join(without_nul(given).split())
    if not name:
        raise Invalid("expected a name", field="name")
    return name


def _key(given: str) -> str:
    key = given.strip()
    if not _KEY.fullmatch(key):  # what an address holds; the SDK's users like underscores
        raise Invalid("expected a-z, A-Z, 0-9, - and _, such as my-data-2", field="key")
    if _uuid(key) is not None:  # it would be taken for the dataset with this id
        raise Invalid("expected another key than an id", field="key")
    if key in RESERVED_KEYS:
        raise Invalid(f"expected another key: the site's own pages are called {key}", field="key")
    return key


def _free(project: Project, wanted: str) -> str:
    """`wanted`, or that with the first number that makes it a key nobody has."""
    wanted = wanted[: LONGEST_KEY - 10] or "dataset"
    alike = present(project).filter(key__startswith=wanted).values_list("key", flat=True)
    taken = RESERVED_KEYS | set(alike)
    number, key = 1, wanted
    while key in taken:
        number += 1
        key = f"{wanted}-{number}"
    return key


def _check_fields(dataset: Dataset) -> None:
    others = ("project", "created_by", "job", "growth", "grows_next_at")  # nobody has typed them
    check_fields(dataset, exclude=others, validate_unique=False, validate_constraints=False)


def _check_free(dataset: Dataset) -> None:
    others = present(dataset.project).filter(key=dataset.key).exclude(id=dataset.id)
    if others.exists():
        raise _taken(dataset.key)


def _save(dataset: Dataset, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            dataset.save(update_fields=fields, force_insert=fields is None)
    except IntegrityError as error:  # somebody made it in between
        raise _taken(dataset.key) from error


def _taken(key: str) -> Invalid:
    return Invalid(f"a dataset with the key {key} exists", field="key")


def _uuid(text: str | UUID) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
