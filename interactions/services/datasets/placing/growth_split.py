"""The split of each record that a dataset takes by itself, by the rule that it was split by.

Whole sessions and equal prompts stay together, also with what is in the dataset already; of the
rest the largest groups come first, in the seed's order, each into the split that lacks most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from adaptive_site.lib.database.sql import Sql, fetch
from interactions.models import Dataset, Interaction
from interactions.services.datasets.placing import known_splits
from interactions.services.datasets.placing.split_rule import (
    SPLITS,
    SplitRule,
    most_lacking,
    rank,
    targets,
)
from interactions.services.training.record import TrainingRecord


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record with its prompt, and with its sessions: none, one, or a preference's two."""

    record: TrainingRecord
    prompt: UUID
    sessions: tuple[UUID, ...] = ()

    @property
    def key(self) -> bytes:
        """What tells it from others, the same in every run."""
        ids = (self.record.interaction_id, self.record.other_id)
        return b"".join(id.bytes for id in ids if id is not None)


def with_sessions(
    dataset: Dataset, hashed: Sequence[tuple[UUID, TrainingRecord]]
) -> list[NewRecord]:
    """The records with their sessions; that of another answer is its interaction's."""
    others = {one.other_id for _, one in hashed if one.other_id is not None}
    rows = Interaction.objects.in_project(dataset.project).with_ids(others) if others else None
    known = dict(rows.values_list("id", "session_id")) if rows is not None else {}
    made = []
    for prompt, one in hashed:
        found = (_uuid(one.session_id), known.get(one.other_id) if one.other_id else None)
        made.append(NewRecord(one, prompt, tuple(id for id in found if id is not None)))
    return made


def splits(dataset: Dataset, new: Sequence[NewRecord]) -> list[str]:
    """The split of each of them."""
    prompts = known_splits.of_prompts(dataset, (one.prompt for one in new))
    sessions = known_splits.of_sessions(dataset, (id for one in new for id in one.sessions))
    rule = SplitRule.of(dataset)
    places: dict[int, int] = {}
    left: list[list[int]] = []
    for group in _groups(new):
        there = [prompts[new[at].prompt.bytes] for at in group if new[at].prompt.bytes in prompts]
        there += [
            sessions[id.bytes] for at in group for id in new[at].sessions if id.bytes in sessions
        ]
        if there:
            places |= dict.fromkeys(group, min(there))
        elif rule.shares.is_split:
            left.append(group)
        else:
            places |= dict.fromkeys(group, 0)
    places |= _placed(dataset, rule, new, left, list(places.values()))
    return [SPLITS[places[at]] for at in range(len(new))]


def _placed(
    dataset: Dataset,
    rule: SplitRule,
    new: Sequence[NewRecord],
    groups: list[list[int]],
    following: Sequence[int],
) -> dict[int, int]:
    """The places of groups that nothing in the dataset belongs to."""
    if not groups:
        return {}
    counts = _counts(dataset)
    for at in following:
        counts[at] += 1
    wanted = targets(rule.shares, sum(counts) + sum(map(len, groups)))
    groups.sort(key=lambda group: (-len(group), rank(rule.seed, new[group[0]].key)))
    places: dict[int, int] = {}
    for group in groups:
        best = most_lacking(wanted, counts, len(group))
        counts[best] += len(group)
        places |= dict.fromkeys(group, best)
    return places


def _counts(dataset: Dataset) -> list[int]:
    """How many records each split has, those that wait for review among them."""
    query = (
        "SELECT split, count(*) FROM dataset_item WHERE project_id = %s AND dataset_id = %s"
        " AND until IS NULL AND review <> 'rejected' GROUP BY split"
    )
    found = dict(fetch(Sql(query, (dataset.project_id, dataset.id))))
    return [found.get(name, 0) for name in SPLITS]


def _groups(new: Sequence[NewRecord]) -> list[list[int]]:
    """The numbers of those that have to stay together, by the first of them."""
    parents = list(range(len(new)))

    def root(at: int) -> int:
        while parents[at] != at:
            at = parents[at]
        return at

    first: dict[UUID, int] = {}
    for at, one in enumerate(new):
        for key in (one.prompt, *one.sessions):
            one_end, other = sorted((root(at), root(first.setdefault(key, at))))
            parents[other] = one_end
    groups: dict[int, list[int]] = {}
    for at in range(len(new)):
        groups.setdefault(root(at), []).append(at)
    return list(groups.values())


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
