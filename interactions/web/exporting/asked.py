"""What a request asks of a file: parameters of the page's address, and of the download's."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict

from adaptive_site.lib.errors import Invalid
from interactions.filters.notation import parse_time
from interactions.models import Dataset, Image, Selection
from interactions.services.datasets.finding.item_filter import ItemFilter
from interactions.services.export.addresses import EXTENSION, SHA256
from interactions.web.images.files import image_url
from projects.web.requests import ProjectRequest

AS_LOGGED = ""  # the kind of a file of interactions that are no training records
_HASH = "0" * 64

# Of the parameters those that say which records, not how they are written.
OF_RECORDS = ("kind", "as_of", "with_ties", "version", "records")


def kind_in(data: QueryDict) -> str:
    """The kind of records that is asked for; AS_LOGGED for interactions."""
    given = data.get("kind", AS_LOGGED)
    if given not in (AS_LOGGED, *Dataset.Kind.values):
        raise Invalid(f"expected one of {', '.join(Dataset.Kind.values)}", field="kind")
    return given


def as_of_in(data: QueryDict) -> datetime | None:
    """The moment after which feedback is left out; None for none."""
    given = data.get("as_of", "").strip()
    try:
        return parse_time(given) if given else None
    except ValueError as error:
        raise Invalid(str(error), field="as_of") from error


def of_selection(selection: Selection, kind: str, data: QueryDict) -> dict[str, Any]:
    """The records of a selection, as `record_source` reads it."""
    # Settled now, so that what a job writes later is what was asked for.
    as_of = as_of_in(data) or datetime.now(UTC)
    return {
        "selection": str(selection.uuid),
        "kind": kind,
        "as_of": as_of.isoformat(),
        "with_ties": bool(data.get("with_ties")),
    }


def of_dataset(dataset: Dataset, data: QueryDict) -> dict[str, Any]:
    """The records of a version, or of the draft; without a word those of the newest version.

    With `records` those that this query string of the dataset's page asks for.
    """
    given = data.get("version", "")
    if given and given != "draft" and not (given.isdecimal() and len(given) < 10):
        raise Invalid("expected the number of a version, or draft", field="version")
    version = dataset.head or None if not given else int(given) if given != "draft" else None
    said: dict[str, Any] = {"dataset": str(dataset.id), "version": version}
    if records := data.get("records", ""):
        if ItemFilter.of(QueryDict(records)).removed:
            raise Invalid("expected records that are in files", field="records")
        said["records"] = records
    return said


def image_address(request: ProjectRequest) -> str:
    """The absolute address of an image, with places for hash and extension."""
    some = Image(project=request.project, sha256=_HASH, format="png")
    path = image_url(request.project, some).removesuffix(f"{_HASH}.png")
    return f"{request.build_absolute_uri(path)}{SHA256}.{EXTENSION}"


def changed(data: Mapping[str, str], **changes: str) -> str:
    """The query of an address with these parameters changed; empty ones are left out."""
    query = QueryDict(mutable=True)
    for name, value in {**data, **changes}.items():
        if value:
            query[name] = value
    return f"?{query.urlencode()}"
