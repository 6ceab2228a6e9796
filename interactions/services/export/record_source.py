"""What a file of training records is made of: a selection, or a version of a dataset.

A source counts its records before the first is read, by *places*: a record that is gone by its
turn leaves its place empty, and none after it moves up.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db.models import Q

from adaptive_site.lib.database.time_limits import stop_if_late
from interactions.models import Comparison, Dataset, Interaction, Selection
from interactions.services import selections
from interactions.services.export.options import ExportIds, PackedIds
from interactions.services.training import from_interactions
from interactions.services.training.from_interactions import Chosen
from interactions.services.training.record import EVERYTHING, ReadBeside, TrainingRecord
from projects.models import Project

RECORDS_READ_AT_ONCE = 500
BEGINNING = 5_000  # interactions


class RecordSource(Protocol):
    """Records of one kind, in an order that stays."""

    @property
    def project(self) -> Project:
        """The project of all records."""

    @property
    def kind(self) -> str:
        """One of `Dataset.Kind`."""

    @property
    def title(self) -> str:
        """What it is, in words."""

    @property
    def name(self) -> str:
        """Short, of letters, digits and hyphens: the name of a file begins with it."""

    @property
    def as_of(self) -> datetime | None:
        """The moment after which feedback is left out."""

    def count(self) -> int:
        """How many places there are."""

    def records(
        self, *, start: int = 0, stop: int | None = None, beside: ReadBeside = EVERYTHING
    ) -> Iterator[TrainingRecord]:
        """The records whose places are from `start` on and before `stop`, few held at a time.

        What `beside` does not ask for may be there all the same.
        """


class LastingSource(RecordSource, Protocol):
    """A source that a job opens anew at each of its steps."""

    @property
    def places(self) -> bytes | None:
        """What says at a later time which records these are; None where they stay the same."""


class SelectionSource:
    """The interactions of a selection, oldest first, or the comparisons they are part of.

    A comparison counts once, however many of its sides are selected, and ties only `with_ties`.
    Which ones there are is found out once, when it is first asked; `places` brings that along from
    an earlier time, as a job does between its steps.
    """

    def __init__(
        self,
        selection: Selection,
        kind: str,
        as_of: datetime | None = None,
        *,
        with_ties: bool = False,
        places: bytes | None = None,
    ) -> None:
        self.project: Project = selection.project
        self.kind, self.as_of = kind, as_of
        self.name = f"{self.project.key}-{str(selection.uuid)[:8]}"
        self._selection, self._with_ties = selection, with_ties
        self._found = None if places is None else PackedIds(places)

    @property
    def title(self) -> str:
        """The selection in words."""
        return selections.sentence(self._selection)

    @property
    def places(self) -> bytes:
        """The ids of its interactions or comparisons, 16 bytes each."""
        return self._ids.packed

    def beginning(self) -> "SelectionSource":
        """The first of its interactions, found in a moment; of comparisons all."""
        if self.kind == Dataset.Kind.PREFERENCE:
            return self
        ids = selections.piece(self._selection, after=None, limit=BEGINNING).ids
        there = Interaction.objects.in_project(self.project).with_ids(ids).oldest_first()
        places = b"".join(id.bytes for id in there.values_list("id", flat=True))
        return SelectionSource(self._selection, self.kind, self.as_of, places=places)

    def count(self) -> int:
        """How many interactions, or comparisons."""
        return len(self._ids)

    def records(
        self, *, start: int = 0, stop: int | None = None, beside: ReadBeside = EVERYTHING
    ) -> Iterator[TrainingRecord]:
        """The records in these places, without those of which an interaction is gone."""
        if self.kind != Dataset.Kind.PREFERENCE:
            packed = self._ids.between(start, stop)
            return from_interactions.of_ids(
                self.project, packed, kind=self.kind, as_of=self.as_of, beside=beside
            )
        return self._pairs(start, stop)

    def _pairs(self, start: int, stop: int | None) -> Iterator[TrainingRecord]:
        for ids in self._ids.pieces(start=start, stop=stop, limit=RECORDS_READ_AT_ONCE):
            chosen = self._compared(ids)
            yield from from_interactions.records(self.project, chosen, kind=self.kind)

    @property
    def _ids(self) -> PackedIds:
        if self._found is None:
            selected = ExportIds(self._selection)
            is_of_pairs = self.kind == Dataset.Kind.PREFERENCE
            self._found = PackedIds(self._comparisons(selected)) if is_of_pairs else selected
        return self._found

    def _comparisons(self, selected: PackedIds) -> bytes:
        """Ids of the comparisons of which a side is selected, in the order of that side."""
        there = Comparison.objects.in_project(self.project)
        if not self._with_ties:
            there = there.filter(tied=None)
        if self.as_of is not None:
            there = there.filter(created_at__lte=self.as_of)
        found: list[bytes] = []
        for ids in selected.pieces(limit=5_000):
            stop_if_late()
            sides = there.filter(Q(preferred_id__in=ids) | Q(other_id__in=ids)).order_by("id")
            here = set(ids)
            for id, preferred in sides.values_list("id", "preferred_id"):
                # By its other side only where the preferred one does not bring it as well.
                if preferred in here or preferred not in selected:
                    found.append(id.bytes)
        return b"".join(found)

    def _compared(self, ids: Sequence[UUID]) -> list[Chosen]:
        there = Comparison.objects.in_project(self.project).filter(id__in=ids)
        rows = there.values_list("id", "preferred_id", "other_id", "metric__key", "tied")
        sides = {id: Chosen(one, other, metric, tied) for id, one, other, metric, tied in rows}
        return [sides[id] for id in ids if id in sides]
