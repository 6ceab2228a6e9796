"""What a dataset has already, so that nothing comes into it twice or into another split."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.models import Dataset
from interactions.services.building.candidates import answer_sql
from interactions.services.building.candidates.mining import both
from interactions.services.building.candidates.narrow import CandidateColumns
from interactions.services.building.recipe import Dedupe, Recipe
from interactions.services.building.splitting import SPLITS, Settled

READ_AT_ONCE = 20_000


@dataclass(slots=True)
class AlreadyThere:
    """The records of a draft, also those that were rejected or wait for review.

    `sources` are their interactions, two of a preference; `keys` what duplicates are told by;
    `rows` the ids of their rows where near-duplicates are looked for.
    """

    sources: set[bytes] = field(default_factory=set)
    keys: set[bytes] = field(default_factory=set)
    rows: list[int] = field(default_factory=list)
    settled: Settled = field(default_factory=Settled)

    def new(self, candidates: CandidateColumns, chosen: Sequence[int]) -> list[int]:
        """The chosen places whose interactions are not in the dataset."""
        return [at for at in chosen if candidates.key(at) not in self.sources]


def of_dataset(dataset: Dataset, recipe: Recipe) -> AlreadyThere:
    """What is in the dataset's draft now."""
    prompts: dict[bytes, int] = {}
    sessions: dict[bytes, int] = {}
    there = AlreadyThere(settled=Settled(prompts, sessions))
    for row, id, other, prompt, split, session, digest, other_digest in _rows(dataset, recipe):
        if recipe.near is not None:
            there.rows.append(row)
        if id is not None:
            there.sources.add(id + (other or b""))
        place = SPLITS.index(split)
        prompts[prompt] = min(place, prompts.get(prompt, place))
        if (known := _packed(session)) is not None:
            sessions[known] = min(place, sessions.get(known, place))
        if recipe.dedupe == Dedupe.PROMPT:
            there.keys.add(prompt)
        elif recipe.dedupe == Dedupe.ANSWER:
            there.keys.add(prompt + _digest(digest, other_digest))
    return there


def _digest(digest: bytes | None, other: bytes | None) -> bytes:
    """As a candidate has it."""
    if other is not None and digest is not None:
        return both(digest, other)
    return digest or bytes(16)


def _rows(dataset: Dataset, recipe: Recipe) -> Iterator[tuple[Any, ...]]:
    digests = "NULL::bytea, NULL::bytea"
    if recipe.dedupe == Dedupe.ANSWER:
        parts = [answer_sql.digest_of_item("content", name) for name in ("answer", "other")]
        digests = ", ".join(parts)
    after = 0
    while True:
        found = fetch(
            Sql(
                "SELECT id, uuid_send(interaction_id), uuid_send(other_id),"
                f" uuid_send(prompt_hash), split, content->>'session_id', {digests}"
                " FROM dataset_item WHERE project_id = %s AND dataset_id = %s"
                " AND until IS NULL AND id > %s ORDER BY id LIMIT %s",
                (dataset.project_id, dataset.id, after, READ_AT_ONCE),
            )
        )
        yield from found
        if len(found) < READ_AT_ONCE:
            return
        after = found[-1][0]


def _packed(session: str | None) -> bytes | None:
    """The 16 bytes of a session's id; None of none, and of a file's own that are no UUID."""
    try:
        return UUID(session).bytes if session else None
    except ValueError:
        return None
