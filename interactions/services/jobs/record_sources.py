"""The source of a file's records, from what a job's arguments or an address say of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict

from interactions.models import Dataset
from interactions.services import selections
from interactions.services.datasets import create as datasets
from interactions.services.datasets import item_pages
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.datasets.source import DatasetSource
from interactions.services.export.record_source import LastingSource, SelectionSource
from projects.models import Project


def record_source(project: Project, said: Mapping[str, Any]) -> LastingSource:
    """The source: of a `selection` with `kind` and `as_of`, or of a `dataset` and `version`,
    of which `records` are those that this query string asks for.

    Raises NotFound if it is no more.
    """
    if "dataset" in said:
        return _of_dataset(datasets.known(project, said["dataset"]), said)
    as_of = said.get("as_of")
    return SelectionSource(
        selections.known(project, UUID(said["selection"])),
        said["kind"],
        datetime.fromisoformat(as_of) if as_of else None,
        with_ties=said.get("with_ties", False),
        places=said.get("places"),
    )


def _of_dataset(dataset: Dataset, said: Mapping[str, Any]) -> DatasetSource:
    version, places = said.get("version"), said.get("places")
    if not said.get("records"):
        return DatasetSource(dataset, version, places=places)
    if places is None:
        where = ItemFilter.of(QueryDict(said["records"]))
        places = item_pages.file_rows(dataset, version, where)
    source = DatasetSource(dataset, version, places=places)
    source.title += ", filtered"
    source.name += "-filtered"
    return source
