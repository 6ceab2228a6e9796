"""Training records made of interactions and of pairs of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from adaptive_site.lib.database.raw_rows import UUID_BYTES, packed_uuids
from interactions.services.training.bodies import FEW_BYTES, BodyReader
from interactions.services.training.record import EVERYTHING, ReadBeside, TrainingRecord
from projects.models import Project

INTERACTIONS_READ_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """An interaction chosen for a record, or two of one prompt, the preferred one first."""

    interaction_id: UUID
    other_id: UUID | None = None
    metric: str | None = None
    tied: str | None = None
    split: str = "train"


def of_ids(
    project: Project,
    packed: bytes,
    *,
    kind: str,
    as_of: datetime | None = None,
    beside: ReadBeside = EVERYTHING,
) -> Iterator[TrainingRecord]:
    """The record of each interaction, in order, by ids of 16 bytes, without those that are gone.

    `kind` is one of `Dataset.Kind`: what it does not ask for is left out. `as_of` leaves out
    later feedback. Few rows at a time are read, and few bytes.
    """
    reader = BodyReader(project, kind, as_of, beside)
    step = INTERACTIONS_READ_AT_ONCE * UUID_BYTES
    for start in range(0, len(packed), step):
        for piece in reader.pieces(packed[start : start + step]):
            found = reader.read(piece)
            yield from (found[id] for id in packed_uuids(piece) if id in found)


def records(
    project: Project,
    chosen: Sequence[Chosen],
    *,
    kind: str,
    as_of: datetime | None = None,
    beside: ReadBeside = EVERYTHING,
) -> Iterator[TrainingRecord]:
    """The record of each of `chosen`, in order, without those of which an interaction is gone.

    As `of_ids` in all else.
    """
    reader = BodyReader(project, kind, as_of, beside)
    for start in range(0, len(chosen), INTERACTIONS_READ_AT_ONCE):
        for some in _of_few_bytes(reader, chosen[start : start + INTERACTIONS_READ_AT_ONCE]):
            yield from _some(reader, some)


def _of_few_bytes(reader: BodyReader, chosen: Sequence[Chosen]) -> Iterator[Sequence[Chosen]]:
    """`chosen` in pieces, each of one at least and of no more bytes than are read at once."""
    known = reader.sizes(_ids(chosen))
    if known is None:
        yield chosen
        return
    piece: list[Chosen] = []
    size = 0
    for one in chosen:
        mine = sum(known.get(id, 0) for id in packed_uuids(_ids([one])))
        if piece and size + mine > FEW_BYTES:
            yield piece
            piece, size = [], 0
        piece.append(one)
        size += mine
    if piece:
        yield piece


def _ids(chosen: Sequence[Chosen]) -> bytes:
    both = [id for one in chosen for id in (one.interaction_id, one.other_id)]
    return b"".join(dict.fromkeys(id.bytes for id in both if id is not None))


def _some(reader: BodyReader, chosen: Sequence[Chosen]) -> Iterator[TrainingRecord]:
    found = reader.read(_ids(chosen))
    for one in chosen:
        record = found.get(one.interaction_id.bytes)
        if record is None:
            continue
        if one.other_id is None:
            yield record if one.split == record.split else replace(record, split=one.split)
        elif (second := found.get(one.other_id.bytes)) is not None:
            is_pair = second.answer is not None
            yield replace(
                record,
                other=second.answer,
                metric=one.metric if is_pair else None,
                tied=one.tied if is_pair else None,
                other_id=one.other_id,
                split=one.split,
            )
