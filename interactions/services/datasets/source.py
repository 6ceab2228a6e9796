"""The records of a version or of the draft, in order, as files are written of them."""

import re
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID

import orjson

from adaptive_site.lib import exact_json
from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.errors import NotFound
from interactions.models import Dataset, DatasetVersion
from interactions.services.browsing.body_sizes import STREAM_PIECE_BYTES
from interactions.services.datasets.item_records import corrected, included, included_sql
from interactions.services.training.record import EVERYTHING, ReadBeside, TrainingRecord
from projects.models import Project

ROWS_AT_ONCE = 200
PLACES_OF_A_VERSION = 1_000
VERSIONS_REMEMBERED = 16
_LONG = re.compile("[0-9.]{16}")  # digits of a number that a double might not hold
# By dataset and version: places, and the positions of the records before them.
_places: dict[tuple[UUID, int | None], list[tuple[int, int]]] = {}
_BYTES = (
    "CASE WHEN pg_column_compression(content) IS NULL THEN pg_column_size(content)"
    " ELSE octet_length(content::text) END"
)


class DatasetSource:
    """The records of a dataset's version that are in files; of the draft without a number.

    A version stays as it is while it is read; what is changed in the draft meanwhile may show.
    `places` brings along which rows it is of, as a job does between steps: those that the draft had
    at an earlier time, or that a filter leaves.
    Raises NotFound for a version that was not made.
    """

    def __init__(
        self, dataset: Dataset, version: int | None = None, *, places: bytes | None = None
    ) -> None:
        self.dataset, self.version = dataset, version
        self.project: Project = dataset.project
        self.kind: str = dataset.kind
        self.made = None if version is None else _made(dataset, version)
        self.as_of: datetime | None = self.made.created_at if self.made else datetime.now(UTC)
        which = "draft" if version is None else f"v{version}"
        self.title = f"{dataset.name} {which}"
        self.name = f"{dataset.key}-{which}"
        self._rows = None if places is None else array("q", places)

    @property
    def places(self) -> bytes | None:
        """The ids of the draft's rows, 8 bytes each; None of a version."""
        if self.made is None and self._rows is None:
            ordered = included(self.dataset).order_by("position", "id")
            self._rows = array("q", ordered.values_list("id", flat=True).iterator())
        return None if self._rows is None else self._rows.tobytes()

    def count(self) -> int:
        """How many records there are."""
        if self._rows is not None:
            return len(self._rows)
        return self.made.records if self.made is not None else included(self.dataset).count()

    def records(
        self, *, start: int = 0, stop: int | None = None, beside: ReadBeside = EVERYTHING
    ) -> Iterator[TrainingRecord]:
        """The records from the place `start` on and before `stop`; few are held at a time.

        An item has all of it in one piece, so `beside` saves nothing.
        """
        if self._rows is not None:
            return self._of_rows(self._rows[start:stop])
        return islice(self._from(start), None if stop is None else max(0, stop - start))

    def _from(self, start: int) -> Iterator[TrainingRecord]:
        after = self._position_before(start)
        place = start
        while after is not None:
            found = self._next(after)
            for ids in _of_few_bytes(found):
                yield from self._read(ids)
            after = found[-1][1] if len(found) == ROWS_AT_ONCE else None
            place += len(found)
            if after is not None:
                self._remember(place, after)

    def _of_rows(self, rows: Sequence[int]) -> Iterator[TrainingRecord]:
        for first in range(0, len(rows), ROWS_AT_ONCE):
            some = list(rows[first : first + ROWS_AT_ONCE])
            for ids in _of_few_bytes(self._sizes(Sql("id = ANY(%s)", (some,)))):
                yield from self._read(ids)

    def _position_before(self, start: int) -> int | None:
        """The position of the last of the first `start` records; None when there are no more."""
        place, position = self._nearest(start)
        if place == start:
            return position
        ordered = included(self.dataset, self.version).filter(position__gt=position)
        positions = ordered.order_by("position").values_list("position", flat=True)
        found: int | None = positions[start - place - 1 : start - place].first()
        return found

    def _nearest(self, start: int) -> tuple[int, int]:
        """The last place up to `start` whose position is known: a file is made in steps, and each
        would count all records before it.
        """
        known = _places.get((self.dataset.id, self.version), [])
        return max((one for one in known if one[0] <= start), default=(0, -1))

    def _remember(self, place: int, position: int) -> None:
        if self.version is None:
            return  # what is where in the draft may change
        known = _places.pop((self.dataset.id, self.version), [])
        _places[self.dataset.id, self.version] = [*known, (place, position)][-PLACES_OF_A_VERSION:]
        while len(_places) > VERSIONS_REMEMBERED:
            _places.pop(next(iter(_places)), None)

    def _read(self, ids: list[int]) -> list[TrainingRecord]:
        rows = fetch(
            Sql(
                "SELECT content::text, correction, interaction_id, other_id, split, item"
                " FROM dataset_item WHERE project_id = %s AND id = ANY(%s) ORDER BY position",
                (self.project.id, ids),
            )
        )
        key = self.dataset.key
        return [
            corrected(
                TrainingRecord.of(
                    _json(content),
                    interaction_id=one,
                    other_id=other,
                    split=split,
                    item=(key, item),
                ),
                correction,
            )
            for content, correction, one, other, split, item in rows
        ]

    def _next(self, after: int) -> list[tuple[int, int, int]]:
        valid = included_sql(self.dataset, self.version)
        return self._sizes(valid & Sql("position > %s", (after,)))

    def _sizes(self, test: Sql) -> list[tuple[int, int, int]]:
        """Row id, position and bytes of the first rows that pass."""
        return [
            (id, position, size)
            for id, position, size in fetch(
                Sql(
                    f"SELECT id, position, {_BYTES} FROM dataset_item WHERE project_id = %s"
                    f" AND {test.text} ORDER BY position, id LIMIT %s",
                    (self.project.id, *test.params, ROWS_AT_ONCE),
                )
            )
        ]


def _json(text: str) -> dict[str, Any]:
    """The value of JSON as PostgreSQL writes it, 4 times as quick where no number is long."""
    found: dict[str, Any] = exact_json.read(text) if _LONG.search(text) else orjson.loads(text)
    return found


def _made(dataset: Dataset, number: int) -> DatasetVersion:
    mine = DatasetVersion.objects.in_project(dataset.project).filter(dataset=dataset)
    found = mine.filter(number=number).first()
    if found is None:
        raise NotFound(f"{dataset.key} has no version {number}")
    return found


def _of_few_bytes(found: list[tuple[int, int, int]]) -> Iterator[list[int]]:
    """Row ids in pieces of no more bytes than are read at once, and of one row at least."""
    piece: list[int] = []
    size = 0
    for id, _, mine in found:
        if piece and size + mine > STREAM_PIECE_BYTES:
            yield piece
            piece, size = [], 0
        piece.append(id)
        size += mine
    if piece:
        yield piece
