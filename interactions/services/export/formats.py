"""The formats of files by name; a new one is a module beside `jsonl.py` and a line here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from interactions.services.export import jsonl
from interactions.services.export.options import ExportChunk, ExportIds, ExportOptions


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """The name, media type and writer of a file format; the writer yields chunks."""

    title: str
    extension: str
    media_type: str
    parts: Callable[[ExportOptions, ExportIds], Iterator[ExportChunk]]


FORMATS = {
    "jsonl": ExportFormat("JSON lines", "jsonl", "application/x-ndjson", jsonl.parts),
}
