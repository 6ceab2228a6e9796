"""What happened to one interaction: everything of it that has a time and a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from adaptive_site.lib.errors import NotFound
from interactions.models import Comparison, Feedback, Interaction
from projects.models import Event, Project
from projects.services.auditing import reads

MOST_OF_A_KIND = 200  # of each kind, the newest
# Events of reading, and of what has a row of its own here.
NO_CHANGES = (reads.READ_VERB, reads.AHEAD_VERB, "feedback.given")


@dataclass(frozen=True, slots=True)
class History:
    """An interaction with its feedback, comparisons and audit events, each newest first.

    `events` are the audit log's: labels set and removed, feedback withdrawn or replaced. Labels
    it was logged with have no event.
    """

    interaction: Interaction
    feedback: Sequence[Feedback]
    comparisons: Sequence[Comparison]
    events: Sequence[Event]

    @property
    def is_cut(self) -> bool:
        """Whether there may be older ones of a kind."""
        return max(map(len, (self.feedback, self.comparisons, self.events))) >= MOST_OF_A_KIND


def history(project: Project, id: UUID) -> History:
    """Everything that happened to an interaction. Raises NotFound."""
    interaction = (
        Interaction.objects.in_project(project).select_related("created_by").filter(id=id).first()
    )
    if interaction is None:
        raise NotFound(f"EntityNotFound: completion {id} not found")
    feedback = (
        Feedback.objects.in_project(project)
        .filter(interaction_id=id)
        .select_related("metric", "created_by")
        .newest_first()[:MOST_OF_A_KIND]
    )
    comparisons = (
        Comparison.objects.in_project(project)
        .filter(Q(preferred_id=id) | Q(other_id=id))
        .select_related("metric", "created_by", "preferred__llm", "other__llm")
        .order_by("-id")[:MOST_OF_A_KIND]
    )
    events = (
        Event.objects.in_project(project)
        .filter(subject=str(id))
        .exclude(verb__in=NO_CHANGES)
        .order_by("-id")[:MOST_OF_A_KIND]
    )
    return History(interaction, list(feedback), list(comparisons), list(events))
