"""Interactions as Review and Pairs show them: the conversation without others' feedback."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from interactions.filters.conditions import Contains
from interactions.models import Interaction
from interactions.services.browsing import rows
from interactions.services.browsing.rows import Whole
from interactions.web.rendering.labels import Tags, tags_of
from interactions.web.rendering.turns import Turn, turns_of
from projects.models import Project


@dataclass(frozen=True, slots=True)
class Card:
    """One interaction: its turns, its labels, and `wanted`, the texts to mark in it."""

    project: Project
    whole: Whole
    turns: list[Turn]
    tags: Tags
    wanted: list[Contains]

    @property
    def interaction(self) -> Interaction:
        """The row."""
        return self.whole.interaction

    @property
    def prompt(self) -> list[Turn]:
        """What the model saw."""
        return self.turns[:-1]

    @property
    def answer(self) -> Turn:
        """What it said."""
        return self.turns[-1]

    @property
    def page(self) -> str:
        """Its own page."""
        key = self.project.key
        return reverse("interaction", kwargs={"key": key, "id": self.interaction.id})


def cards_of(project: Project, ids: Sequence[UUID], *, wanted: list[Contains]) -> list[Card]:
    """The cards of these interactions, in their order; of those that are there."""
    bodies = rows.bodies(project, ids)
    made = []
    for row in rows.rows(project, ids, all_feedback=True):
        it = row.interaction
        if it.id not in bodies:
            continue
        it.body = bodies[it.id]
        whole = Whole(it, row.labels, row.feedback, row.feedback_count, row.images)
        turns = turns_of(project, whole, is_raw=False)
        tags = tags_of(project, it.id, row.labels, may_change=False)
        made.append(Card(project, whole, turns, tags, wanted))
    return made
