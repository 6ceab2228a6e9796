"""Datasets through GraphQL: listed, looked at, uploaded, deleted."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile

from adaptive_site.lib.errors import Invalid, NotFound
from interactions.api.graphql import selected_fields
from interactions.api.graphql.present_datasets import ShownDatasets, show_status
from interactions.models import Dataset
from interactions.services.datasets import create
from interactions.services.datasets.uploaded import storing
from interactions.services.jobs.datasets import begin_upload
from projects.api.present import Shown
from projects.api.roots import Info, mutation, project_named, query
from projects.models import Project
from projects.services.access import EDIT_DATASETS


@query.field("datasets")
def datasets(_: None, info: Info, **given: Any) -> list[Shown]:
    """All of a project that are not deleted, the latest first."""
    project = project_named(info.context, given)
    found = create.present(project).newest_first()
    return _shown(info, project, list(found)).all()


@query.field("dataset")
def dataset(_: None, info: Info, *, idOrKey: str, **given: Any) -> Shown | None:
    """One of them; null when there is none."""
    project = project_named(info.context, given)
    try:
        found = create.known(project, idOrKey)
    except NotFound:
        return None
    return show_dataset(info, found)


@mutation.field("createDataset")
def create_dataset(_: None, info: Info, *, input: dict[str, Any], file: object) -> Shown:
    """A dataset of a small file, read now: what is wrong with it is said, and nothing stored."""
    project = project_named(info.context, input, EDIT_DATASETS, field="input.project")
    if not isinstance(file, UploadedFile):
        raise Invalid("expected a file of a multipart request", field="file")
    # One byte too many says that it is too large; more need not be in memory.
    made = storing.create_at_once(
        project,
        file.read(storing.MAX_AT_ONCE + 1),
        name=input["name"],
        key=input.get("key"),
        file_name=file.name or "",
        by=info.context.user,
    )
    return show_dataset(info, made)


@mutation.field("createDatasetFromMultipartUpload")
def create_dataset_from_multipart_upload(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """A dataset that is read, from now on, from the parts that were uploaded."""
    project = project_named(info.context, input, EDIT_DATASETS, field="input.project")
    made = begin_upload(
        project,
        _session(input["uploadSessionId"]),
        name=input["name"],
        key=input.get("key"),
        caller=info.context,
    )
    return show_status(made, made.job)


@query.field("datasetUploadProcessingStatus")
def dataset_upload_processing_status(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """How far the reading is."""
    project = project_named(info.context, input, field="input.project")
    found = _known(project, input["datasetId"])
    return show_status(found, found.job)


@mutation.field("deleteDataset")
def delete_dataset(_: None, info: Info, *, idOrKey: str, **given: Any) -> bool:
    """Put it in the bin."""
    project = project_named(info.context, given, EDIT_DATASETS)
    create.delete(_known(project, idOrKey), by=info.context.user)
    return True


def show_dataset(info: Info, found: Dataset) -> Shown:
    """One dataset as the operation asks for it."""
    return _shown(info, found.project, [found]).one(found)


def _shown(info: Info, project: Project, found: list[Dataset]) -> ShownDatasets:
    for one in found:
        one.project = project
    return ShownDatasets(info.context, project, found, selected_fields.names(info))


def _known(project: Project, id_or_key: str | UUID) -> Dataset:
    try:
        return create.known(project, id_or_key)
    except NotFound as error:
        # In words that the SDK does not replace by its own.
        raise NotFound("EntityNotFound: dataset not found") from error


def _session(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError as error:
        raise NotFound("there is no such upload of yours", field="uploadSessionId") from error
