"""Preferences between two completions given as text: their interactions found, or logged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias
from uuid import UUID

import orjson
from django.db import connection

from interactions.models import Comparison
from interactions.services.importing.lines import ImportedPreference
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.recording.drafts import Draft
from interactions.services.recording.log import log_interactions, prompt_hash
from projects.models import Project, User

# Prompt, model, completion: what tells one side from another.
Side: TypeAlias = tuple[UUID, str | None, str]


@dataclass(frozen=True, slots=True)
class StoredPreferences:
    """Counts of a batch of preferences: stored, already there, interactions made for them."""

    stored: int
    already_there: int
    interactions_made: int


def store(
    project: Project, pairs: Sequence[ImportedPreference], *, by: User | None
) -> StoredPreferences:
    """Store a batch of preferences, each once however often it comes.

    A side is the oldest interaction of the project with the same prompt, model and completion.
    Where there is none, one is logged, marked `made_for: comparison` in its system metadata.
    """
    there = already_there(project, pairs)
    fresh = [pair for pair in pairs if pair.external_id not in there]
    if not fresh:
        return StoredPreferences(0, len(pairs), 0)
    drafts = sides(fresh)
    ids = find(project, drafts)
    missing = {side: draft for side, draft in drafts.items() if side not in ids}
    for side, draft in missing.items():
        draft.external_id = f"side:{_digest(side)}"
        draft.system = {**(draft.system or {}), "made_for": "comparison"}
    logged = log_interactions(project, list(missing.values()))
    ids |= {side: one.id for side, one in zip(missing, logged, strict=True)}
    given = [
        NewComparison(
            metric=pair.metric,
            preferred_id=ids[side_of(pair.preferred)],
            other_id=ids[side_of(pair.other)],
            tied=pair.tied,
            created_at=pair.created_at,
            external_id=pair.external_id,
        )
        for pair in fresh
    ]
    stored = len(compare(project, given, by=by))
    return StoredPreferences(stored, len(pairs) - stored, sum(one.is_new for one in logged))


def already_there(project: Project, pairs: Iterable[ImportedPreference]) -> set[str | None]:
    """Those of the external ids of `pairs` that the project has."""
    rows = Comparison.objects.in_project(project)
    wanted = [pair.external_id for pair in pairs]
    return set(rows.filter(external_id__in=wanted).values_list("external_id", flat=True))


def sides(pairs: Iterable[ImportedPreference]) -> dict[Side, Draft]:
    """The different completions that `pairs` compare."""
    return {side_of(draft): draft for pair in pairs for draft in (pair.preferred, pair.other)}


def side_of(draft: Draft) -> Side:
    """What identifies a completion of a prompt."""
    return prompt_hash(draft.messages), draft.llm.key if draft.llm else None, draft.completion


def _digest(side: Side) -> str:
    prompt, model, completion = side
    said = orjson.dumps([prompt, model, completion])
    return blake2b(said, digest_size=16).hexdigest()


def find(project: Project, drafts: dict[Side, Draft]) -> dict[Side, UUID]:
    """The oldest interaction that is each side, for those that are in the project."""
    wanted = list(drafts)
    with connection.cursor() as cursor:
        # The inner query walks one prompt's interactions in id order, whatever the planner
        # knows of tables that are just being filled.
        cursor.execute(
            "SELECT wanted.n, (SELECT i.id FROM interaction i"
            " JOIN interaction_body b ON b.interaction_id = i.id"
            " WHERE i.project_id = %s AND i.prompt_hash = wanted.prompt"
            " AND i.llm_id IS NOT DISTINCT FROM wanted.llm AND b.completion = wanted.completion"
            " ORDER BY i.id LIMIT 1)"
            " FROM unnest(%s::uuid[], %s::int[], %s::text[]) WITH ORDINALITY"
            " AS wanted(prompt, llm, completion, n)",
            [
                project.id,
                [side[0] for side in wanted],
                [draft.llm.id if draft.llm else None for draft in drafts.values()],
                [side[2] for side in wanted],
            ],
        )
        return {wanted[n - 1]: id for n, id in cursor.fetchall() if id is not None}
