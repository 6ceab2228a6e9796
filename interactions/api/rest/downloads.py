"""Files of datasets and selections, at the addresses that GraphQL gives for them."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from adaptive_site.lib.concurrency.database_threads import in_database
from adaptive_site.lib.errors import Invalid, NotFound
from adaptive_site.lib.http.methods import by_method
from adaptive_site.lib.openapi.members import OptionalMember, RequestShape
from adaptive_site.lib.openapi.operations import DescribedAnswer, operation
from interactions.api.answers import LINES
from interactions.api.kinds import one_of
from interactions.api.rest.methods import CallerRequest, by_key_or_session
from interactions.models import Dataset, Image, Selection
from interactions.services.datasets.source import DatasetSource
from interactions.services.datasets.uploaded import storing
from interactions.services.export import jsonl
from interactions.services.export.choices import FileChoices
from interactions.services.export.making import LineMaker, Tally
from interactions.services.export.options import ExportChunk, ExportIds, ExportOptions
from interactions.services.export.record_source import RecordSource, SelectionSource
from interactions.services.images import store
from projects.models import Project
from projects.services import audit
from projects.services.access import EXPORT

SDK_FORMAT = "adaptive"
ORIGINAL, RECIPE = "original", "recipe"
COMPLETIONS, DATASET = "completions", "dataset"
_PIECE = 256 * 1024
LINES_ANSWER = DescribedAnswer("A line of JSON each.", {LINES: {"type": "string"}})


class DatasetQuery(RequestShape):
    """In which form a dataset comes."""

    format = OptionalMember(
        one_of(ORIGINAL, RECIPE), "`original` are the bytes that came, `recipe` its records."
    )


class SelectionQuery(RequestShape):
    """In which form a selection comes."""

    format = OptionalMember(
        one_of(COMPLETIONS, DATASET), "`dataset` are the lines that the SDK uploads."
    )


@operation(
    "Files",
    query=DatasetQuery,
    answers={"200": LINES_ANSWER},
    refuses=(403, 404),
    takes_session=True,
)
@by_key_or_session
def _dataset(request: CallerRequest, id: UUID) -> HttpResponseBase:
    """A dataset as it came (`original`), or as it is now in the SDK's lines (`recipe`)."""
    mine = Dataset.objects.visible_to(request.caller).present().select_related("project")
    dataset = mine.filter(id=id).first()
    if dataset is None:
        raise NotFound("there is no such dataset")
    request.caller.check_may(EXPORT, dataset.project)
    usual = ORIGINAL if dataset.original else RECIPE
    format = DatasetQuery.format.of(request.GET) or usual
    name = f"{dataset.key}.jsonl"
    if format == ORIGINAL:
        file = storing.open_original(dataset)
        answer = _answer(request, iter(lambda: file.read(_PIECE), b""), name)
        answer["Content-Length"] = str(file.size)
    elif dataset.state != Dataset.State.READY:
        raise Invalid(f"this dataset is not ready: {dataset.error or 'it is still being made'}")
    else:
        answer = _answer(request, _lines(DatasetSource(dataset)), name)
    _tell(request, dataset.project, "dataset.downloaded", str(dataset.id), format)
    return answer


@operation(
    "Files",
    query=SelectionQuery,
    answers={"200": LINES_ANSWER},
    refuses=(403, 404),
    takes_session=True,
)
@by_key_or_session
def _selection(request: CallerRequest, uuid: UUID) -> HttpResponseBase:
    """The interactions of a selection, as `completions` or as the lines of a `dataset`."""
    mine = Selection.objects.visible_to(request.caller).select_related("project")
    selection = mine.filter(uuid=uuid).first()
    if selection is None:
        raise NotFound("there is no such selection")
    request.caller.check_may(EXPORT, selection.project)
    format = SelectionQuery.format.of(request.GET) or COMPLETIONS
    if format == COMPLETIONS:
        options = ExportOptions(selection, datetime.now(UTC), store.as_data_uri)
        pieces = _data(jsonl.parts(options, ExportIds(selection)))
    else:
        pieces = _lines(SelectionSource(selection, Dataset.Kind.COMPLETION, datetime.now(UTC)))
    _tell(request, selection.project, "selection.downloaded", str(uuid), format)
    return _answer(request, pieces, f"{selection.project.key}-{str(uuid)[:8]}.jsonl")


def _lines(source: RecordSource) -> Iterator[bytes]:
    """The lines that the SDK uploads, with the images in them, many at a time."""
    choices = FileChoices.of({"format": SDK_FORMAT}, kind=source.kind)
    held: list[bytes | bytearray] = []
    size = 0
    for _, line in LineMaker(source, choices, _no_address).lines(Tally()):
        held.append(line)
        size += len(line)
        if size >= _PIECE:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _data(parts: Iterator[ExportChunk]) -> Iterator[bytes]:
    return (part.data for part in parts)


def _no_address(image: Image) -> str:
    raise NotImplementedError("images stand in the lines")


def _answer(request: HttpRequest, pieces: Iterator[bytes], name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(
        _nothing() if request.method == "HEAD" else _sent(pieces),
        content_type=LINES,
    )
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


async def _sent(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each piece, read in a thread that is kept no longer than that."""
    while piece := await in_database(next, pieces, b""):
        yield piece


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


def _tell(request: CallerRequest, project: Project, verb: str, subject: str, format: str) -> None:
    if request.method != "HEAD":
        audit.record(project, actor=request.caller.user, verb=verb, subject=subject, format=format)


dataset = by_method(GET=_dataset)
selection = by_method(GET=_selection)
