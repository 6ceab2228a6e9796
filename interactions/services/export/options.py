"""The options of an export, and the ids of the interactions its file will hold."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from adaptive_site.lib.database.raw_rows import raw_rows, uuid_list
from adaptive_site.lib.database.time_limits import stop_if_late
from interactions.models import Image, Selection
from interactions.services import selections

IDS_COLLECTED_AT_ONCE = 5_000  # ids at a time
_SIZE = 16
_THERE = "SELECT id FROM interaction WHERE project_id = %s AND id = ANY(%s::uuid[]) ORDER BY id"


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """A selection to be exported without the feedback that is later than `as_of`.

    `image_url` says what stands for an image: its address, or a data URI with its bytes.
    """

    selection: Selection
    as_of: datetime
    image_url: Callable[[Image], str]


class PackedIds:
    """Ids in their order, 16 bytes of memory each."""

    def __init__(self, packed: bytes) -> None:
        self.packed = packed

    def __len__(self) -> int:
        return len(self.packed) // _SIZE

    def __contains__(self, id: UUID) -> bool:
        """Whether it is among them; they are in ascending order."""
        place = bisect_left(range(len(self)), id.bytes, key=self._at)
        return place < len(self) and self._at(place) == id.bytes

    def _at(self, place: int) -> bytes:
        return self.packed[place * _SIZE : (place + 1) * _SIZE]

    def between(self, start: int, stop: int | None) -> bytes:
        """The ids in places from `start` on and before `stop`, 16 bytes each."""
        return self.packed[start * _SIZE : None if stop is None else stop * _SIZE]

    def pieces(
        self, *, limit: int, start: int = 0, stop: int | None = None
    ) -> Iterator[list[UUID]]:
        """The ids in places from `start` on and before `stop`, at most `limit` at a time."""
        end = len(self) if stop is None else min(stop, len(self))
        for first in range(start, end, limit):
            yield [UUID(bytes=self._at(at)) for at in range(first, min(first + limit, end))]


class ExportIds(PackedIds):
    """The ids of the interactions in a file, oldest first, known before its first byte.

    What is deleted while the file is made is missing from it, and can be counted. No snapshot is
    held in the database, which a slow reader would hold for hours.
    """

    def __init__(self, selection: Selection) -> None:
        packed = bytearray()
        for ids in _in_time(selections.pieces(selection, limit=IDS_COLLECTED_AT_ONCE)):
            wanted = uuid_list(b"".join(id.bytes for id in ids))
            # Of what was ticked some may have gone since.
            packed += b"".join(id for (id,) in raw_rows(_THERE, [selection.project_id, wanted]))
        super().__init__(bytes(packed))


def _in_time(pieces: Iterator[list[UUID]]) -> Iterator[list[UUID]]:
    """The pieces, as long as a page that waits for them has time."""
    for piece in pieces:
        stop_if_late()
        yield piece


class ExportChunk(NamedTuple):
    """Some bytes of a file, and how many lines end in them."""

    data: bytes
    lines: int
