"""The source of a file's records, from what a job's arguments or an address say of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from interactions.services import selections
from interactions.services.datasets import create as datasets
from interactions.services.datasets.source import DatasetSource
from interactions.services.export.record_source import LastingSource, SelectionSource
from projects.models import Project


def record_source(project: Project, said: Mapping[str, Any]) -> LastingSource:
    """The source: of a `selection` with `kind` and `as_of`, or of a `dataset` and `version`.

    Raises NotFound if it is no more.
    """
    if "dataset" in said:
        dataset = datasets.known(project, said["dataset"])
        return DatasetSource(dataset, said.get("version"), places=said.get("places"))
    as_of = said.get("as_of")
    return SelectionSource(
        selections.known(project, UUID(said["selection"])),
        said["kind"],
        datetime.fromisoformat(as_of) if as_of else None,
        with_ties=said.get("with_ties", False),
        places=said.get("places"),
    )
