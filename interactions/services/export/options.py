"""The options of an export, and the ids of the interactions its file will hold."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from interactions.models import Image, Interaction, Selection
from interactions.services import selections

IDS_COLLECTED_AT_ONCE = 5_000  # ids at a time
_SIZE = 16


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """A selection to be exported without the feedback that is later than `as_of`.

    `image_url` says what stands for an image: its address, or a data URI with its bytes.
    """

    selection: Selection
    as_of: datetime
    image_url: Callable[[Image], str]


class ExportIds:
    """The ids of the interactions in a file, known before its first byte.

    What is deleted while the file is made is missing from it, and can be counted. An id takes 16
    bytes of memory; no snapshot is held in the database, which a slow reader would hold for hours.
    """

    def __init__(self, selection: Selection) -> None:
        there = Interaction.objects.in_project(selection.project)
        self._ids = b"".join(
            id.bytes
            for ids in selections.pieces(selection, limit=IDS_COLLECTED_AT_ONCE)
            # Of what was ticked some may have gone since.
            for id in there.with_ids(ids).oldest_first().values_list("id", flat=True)
        )

    def __len__(self) -> int:
        return len(self._ids) // _SIZE

    def pieces(self, *, limit: int) -> Iterator[list[UUID]]:
        """Their ids, oldest first, at most `limit` at a time."""
        for start in range(0, len(self._ids), limit * _SIZE):
            piece = self._ids[start : start + limit * _SIZE]
            yield [UUID(bytes=piece[at : at + _SIZE]) for at in range(0, len(piece), _SIZE)]


class ExportChunk(NamedTuple):
    """Some bytes of a file, and how many lines end in them."""

    data: bytes
    lines: int
