"""Several labels of an interaction changed together, and its metadata, all or nothing."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from adaptive_site.lib.database.nul import without_nul_inside
from adaptive_site.lib.errors import Invalid, NotFound
from interactions.models import Interaction, InteractionBody, Label
from interactions.services.editing import labels
from projects.models import Project, User
from projects.services import audit

Pairs = Sequence[tuple[str, str]]


@transaction.atomic
def update(
    project: Project,
    id: UUID,
    *,
    instead: Pairs | None = None,
    added: Pairs = (),
    removed: Pairs = (),
    metadata: Mapping[str, Any] | None = None,
    by: User,
    may_lift: bool = False,
) -> None:
    """Give an interaction the labels `instead` of its own, if given; then take some away, add some.

    A key has one value here: what is added takes the place of the value there was, and only a
    value that is there is taken away. `metadata`, if given, takes the place of the user's. Raises
    NotFound, or Invalid when a label cannot be taken, and Forbidden where one that goes is a legal
    hold, but to who `may_lift` it.
    """
    mine = Interaction.objects.in_project(project).with_ids([id])
    one = mine.select_for_update(of=("self",)).first()
    if one is None:
        raise NotFound(f"EntityNotFound: completion {id} not found")
    if instead is None:
        rows = Label.objects.in_project(project).filter(id__in=one.label_ids)
        wanted = {label.key: label.value or "" for label in rows}
    else:
        wanted = _once(instead, "setLabels")
    for key, value in removed:
        if wanted.get(key) == value:
            del wanted[key]
    wanted |= _once(added, "addLabels")
    labels.replace(project, id, labels=wanted, by=by, may_lift=may_lift)
    if metadata is not None:
        body = InteractionBody.objects.in_project(project).filter(interaction_id=id)
        body.update(user_metadata=without_nul_inside(metadata))
        audit.record(project, actor=by, verb="metadata.set", subject=str(id))


def _once(pairs: Pairs, field: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in pairs:
        if found.setdefault(key, value) != value:
            raise Invalid(f"expected one value of {key}: here a label has one", field=field)
    return found
