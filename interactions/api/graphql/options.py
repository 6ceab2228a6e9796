"""What one may narrow a project's interactions by, through GraphQL: users, models and labels."""

from typing import Any

from django.db.models.functions import Lower

from adaptive_site.lib.graphql.scalars import milliseconds
from interactions.filters.tree import EVERYTHING
from interactions.services.analysis import facets
from interactions.services.rollups.label_usage import UsedLabel, used_labels
from projects.api.present import Shown, ShownModels, ShownPeople
from projects.api.roots import Info, query
from projects.models import Project, ProjectLlm, User
from projects.services.access import project_for

MOST_USERS = 100


@query.field("interactionOptions")
def interaction_options(_: None, info: Info, *, filter: dict[str, Any]) -> Shown:
    """The most frequent of each; `lastUsed` is when the newest interaction with it was made."""
    caller = info.context
    project = project_for(caller, filter["projectId"])

    def models() -> list[Shown]:
        links = ProjectLlm.objects.in_project(project).resolvable().order_by("llm__key")
        return ShownModels(caller, [link.resolved for link in links]).all()

    return {
        "users": lambda: ShownPeople(_users(project)).all(),
        "models": models,
        "labels": lambda: {"keys": [_shown(one) for one in used_labels(project)]},
    }


def _users(project: Project) -> list[User]:
    """Those of the site who have sent interactions in."""
    spread = facets.users(project, EVERYTHING, most=MOST_USERS)
    emails = [use.value for use in spread.uses if use.value is not None]
    named = User.objects.annotate(lower=Lower("email")).filter(lower__in=emails)
    return sorted(named, key=lambda user: emails.index(user.email.lower()))


def _shown(one: UsedLabel) -> Shown:
    """`LabelKeyUsage`, or of a value `LabelValueUsage`."""
    return {
        "key": one.name,
        "value": one.name,
        "count": one.count,
        "lastUsed": milliseconds(one.last_used),
        "values": [_shown(value) for value in one.values],
    }
