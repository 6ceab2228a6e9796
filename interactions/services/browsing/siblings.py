"""Answers to one prompt, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from adaptive_site.lib.errors import NotFound
from interactions.models import Interaction, InteractionBody
from interactions.services.browsing import rows as browsing_rows
from interactions.services.browsing.rows import Row
from projects.models import Project

SIBLINGS_LISTED = 100
MOST_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class SiblingAnswer:
    """An interaction with the same prompt, and its body."""

    row: Row
    body: InteractionBody


@dataclass(frozen=True, slots=True)
class Siblings:
    """Answers to one prompt: those shown in columns, and the newest others."""

    columns: list[SiblingAnswer]
    others: list[Interaction]


def siblings(project: Project, id: UUID, *, chosen: Sequence[UUID]) -> Siblings:
    """The interaction `id` and beside it those that are `chosen`, or else the newest of others.

    Without a choice, answers by other models come first. Raises NotFound when the interaction,
    or one that is chosen, is not there or answers another prompt.
    """
    first = Interaction.objects.in_project(project).filter(id=id).first()
    if first is None:
        raise NotFound(f"EntityNotFound: completion {id} not found")
    same = (
        Interaction.objects.in_project(project)
        .filter(prompt_hash=first.prompt_hash)
        .exclude(id=id)
        .select_related("llm")
        .order_by("-id")
    )
    others = list(same[:SIBLINGS_LISTED])
    if not chosen:
        by_other_models = [one for one in others if one.llm_id != first.llm_id]
        chosen = [one.id for one in (by_other_models or others)[:1]]
    else:
        there = set(same.filter(id__in=chosen).values_list("id", flat=True))
        if missing := set(chosen) - there:
            raise NotFound(f"EntityNotFound: no answer {min(missing)} to this prompt")
    ids = [id, *chosen[: MOST_COLUMNS - 1]]
    bodies = browsing_rows.bodies(project, ids)
    rows = browsing_rows.rows(project, ids)
    return Siblings([SiblingAnswer(row, bodies[row.interaction.id]) for row in rows], others)
