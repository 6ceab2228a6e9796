"""What a dataset has already, so that nothing comes into it twice or into another split.

Asked for what the candidates are, by index, some thousand at a time; a dataset with fewer records
than there are candidates is read whole. No record's content is read for it: what is asked of it is
kept in columns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.models import Dataset
from interactions.services.building.candidates.columns import NO_ID
from interactions.services.building.candidates.narrow import CandidateColumns
from interactions.services.building.recipe import Dedupe, Recipe
from interactions.services.building.splitting import Settled, sessions_of
from interactions.services.datasets.placing import known_splits
from interactions.services.job_watch import StepWatch

READ_AT_ONCE = 5_000  # records, or candidates, in one query
LOOKING = "choosing: looking what the dataset has"


@dataclass(slots=True)
class AlreadyThere:
    """The records of a draft, also those that were rejected or wait for review.

    `keys` are what duplicates are told by, and `settled` where prompts and sessions are, both of
    what `look` was asked for.
    """

    dataset: Dataset
    recipe: Recipe
    watch: StepWatch
    keys: set[bytes] = field(default_factory=set)
    settled: Settled = field(default_factory=Settled)

    def new(self, candidates: CandidateColumns, chosen: Sequence[int]) -> list[int]:
        """The chosen places whose interactions are not in the dataset."""
        there: set[bytes] = set()
        for some in self._pieces("interaction_id", candidates, chosen):
            there.update(id + (other or b"") for id, other in some)
        return [at for at in chosen if candidates.key(at) not in there]

    def look(self, candidates: CandidateColumns, chosen: Sequence[int]) -> None:
        """Find which of the prompts, answers and sessions of the chosen places it has."""
        prompts = dict.fromkeys(candidates.prompts.id(at) for at in chosen)
        sessions = dict.fromkeys(one for at in chosen for one in sessions_of(candidates, at))
        self.watch(LOOKING)
        self.settled = Settled(
            known_splits.of_prompts(self.dataset, prompts),
            known_splits.of_sessions(self.dataset, (UUID(bytes=one) for one in sessions)),
        )
        if self.recipe.dedupe == Dedupe.PROMPT:
            self.keys = set(self.settled.prompts)
        elif self.recipe.dedupe == Dedupe.ANSWER:
            for some in self._pieces("prompt_hash", candidates, chosen):
                self.keys.update(prompt + (digest or NO_ID) for prompt, digest in some)

    def rows(self, most: int | None) -> list[int]:
        """The ids of the rows that near-duplicates are looked for among, so many at most."""
        query = (
            "SELECT id FROM dataset_item"
            " WHERE project_id = %s AND dataset_id = %s AND until IS NULL"
            " ORDER BY position LIMIT %s"
        )
        found = fetch(Sql(query, (self.dataset.project_id, self.dataset.id, most)))
        return [id for (id,) in found]

    def _pieces(
        self, column: str, candidates: CandidateColumns, chosen: Sequence[int]
    ) -> Iterator[list[tuple[Any, Any]]]:
        """A column and what belongs to it, of the rows that have one of the chosen places' ids."""
        of, more = _COLUMNS[column]
        ids = list(dict.fromkeys(getattr(candidates, of).id(at) for at in chosen))
        if self._is_small(len(ids)):
            self.watch(LOOKING)
            yield fetch(self._query(column, more, Sql(f"{column} IS NOT NULL")))
            return
        for start in range(0, len(ids), READ_AT_ONCE):
            self.watch(LOOKING, start, len(ids))
            some = ids[start : start + READ_AT_ONCE]
            yield fetch(self._query(column, more, Sql(f"{column} = ANY(%s::uuid[])", (some,))))

    def _query(self, column: str, more: str, test: Sql) -> Sql:
        return Sql(
            f"SELECT DISTINCT uuid_send({column}), uuid_send({more}) FROM dataset_item"
            f" WHERE project_id = %s AND dataset_id = %s AND until IS NULL AND {test.text}",
            (self.dataset.project_id, self.dataset.id, *test.params),
        )

    def _is_small(self, n: int) -> bool:
        """Whether the dataset has fewer records than `n`."""
        query = (
            "SELECT count(*) FROM (SELECT FROM dataset_item"
            " WHERE project_id = %s AND dataset_id = %s AND until IS NULL LIMIT %s) m"
        )
        ((found,),) = fetch(Sql(query, (self.dataset.project_id, self.dataset.id, n)))
        return bool(found < n)


# Of a column of rows which column of candidates it is looked for by, and what is read beside it.
_COLUMNS = {
    "interaction_id": ("ids", "other_id"),
    "prompt_hash": ("prompts", "answer_digest"),
}
